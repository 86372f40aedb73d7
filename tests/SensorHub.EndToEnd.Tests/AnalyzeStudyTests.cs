using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Sessions.Outcomes;

namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub analyze study</c>: from recordings, and from a table.</summary>
public sealed class AnalyzeStudyTests
{
    [Fact]
    public async Task Recordings_of_a_study_become_measures_and_these_become_statistics_with_plots()
    {
        var folder = HubProgram.NewFolder();
        var study = new List<string> { "recording,participant,session,task" };
        foreach (var person in new[] { 1, 2 })
            foreach (var session in new[] { 1, 2 })
            {
                await HubProgram.SaysAsync("simulate", "protocol", "--person", $"{person}", "--seed", $"{session}", "--out", folder);
                study.Add($"protocol-p{person}-{session},p{person},s{session},rolling");
            }
        var file = Path.Combine(folder, "study.csv");
        await File.WriteAllLinesAsync(file, study, TestContext.Current.CancellationToken);
        var results = Path.Combine(folder, "results");

        var said = await HubProgram.SaysAsync("analyze", "study", file, "--out", results);
        Assert.Equal("2 participants, 4 sessions", said[0]);
        var reliability = await ReadAsync(Path.Combine(results, "reliability.csv"));
        Assert.Contains(reliability, row => row["measure"] == "pelvic_rotation" && row["participants"] == "2" && row["sessions"] == "2");
        var doses = await ReadAsync(Path.Combine(results, "dose-response.csv"));
        Assert.Contains(doses, row => row["measure"] == "pelvic_rotation" && row["run"] == "after_two_minutes" && row["dose"] == "contact_s");
        var page = await File.ReadAllTextAsync(Path.Combine(results, "study.html"), TestContext.Current.CancellationToken);
        Assert.Contains("Bland–Altman plot of pelvic rotation in the bend", System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);

        // The measures say the same without the recordings.
        var again = Path.Combine(folder, "again");
        Assert.Equal(said.SkipLast(1), (await HubProgram.SaysAsync("analyze", "study", Path.Combine(results, "measures.csv"), "--out", again)).SkipLast(1));
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(results, "dose-response.csv"), TestContext.Current.CancellationToken), await File.ReadAllTextAsync(Path.Combine(again, "dose-response.csv"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_site_that_has_measured_thirty_people_judges_by_its_own_error()
    {
        var folder = HubProgram.NewFolder();
        var rows = Enumerable.Range(0, 30).SelectMany(i => new[] { $"p{i},a,pelvic_rotation,{40 + i},w{i}", $"p{i},b,pelvic_rotation,{41 + i + 5 * (i % 3 - 1)},w{i}" });
        var table = Path.Combine(folder, "measures.csv");
        await File.WriteAllLinesAsync(table, rows.Prepend("participant,session,measure,value,wearing"), TestContext.Current.CancellationToken);
        var (results, data) = (Path.Combine(folder, "results"), Path.Combine(folder, "data"));
        await HubProgram.SaysAsync("analyze", "study", table, "--out", results, "--keep", data);

        var own = SiteErrors.Read(Path.Combine(data, SiteErrors.FileName)).Find(Measure.PelvicRotation, Comparison.SameAttachment)!;
        Assert.Equal("this site, 30 people", own.Source);
        Assert.InRange(own.Sem.Upper, 2.5, 3.5);

        await HubProgram.SaysAsync("simulate", "protocol", "--seed", "11", "--out", folder);
        var outcome = Path.Combine(folder, "outcome.csv");
        await HubProgram.SaysAsync("analyze", "outcome", Path.Combine(folder, "protocol-11"), "--site-errors", Path.Combine(results, SiteErrors.FileName), "--out", outcome);
        var rotation = (await ReadAsync(outcome)).First(row => row["measure"] == "pelvic_rotation");
        Assert.Equal("this site, 30 people", rotation["source"]);
        var (change, detectable) = (double.Parse(rotation["change"], CultureInfo.InvariantCulture), double.Parse(rotation["mdc_upper"], CultureInfo.InvariantCulture));
        Assert.Equal(own.Mdc.Upper, detectable, 0.001);
        Assert.Equal(change >= detectable ? "likely_real" : "uncertain", rotation["verdict"]);
    }

    private static async Task<Dictionary<string, string>[]> ReadAsync(string path)
    {
        var lines = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        var header = CsvLine.Cells(lines[0]);
        return [.. lines.Skip(1).Select(line => header.Zip(CsvLine.Cells(line)).ToDictionary(cell => cell.First, cell => cell.Second))];
    }
}

using System.Xml.Linq;
using SensorHub.Core.Plots;
using SensorHub.Export.Reports;

namespace SensorHub.Export.Tests.Reports;

public sealed class ReportExportTests(SimulatedStudy study)
{
    [Fact]
    public async Task A_report_stands_by_itself_and_has_plots_sets_gaps_and_provenance()
    {
        var folder = study.NewFolder();
        await Exported.WriteAsync(folder, ReportExport.Format, f => new ReportExport(f), [study.Lossy]);
        var html = File.ReadAllText(Directory.GetFiles(folder, "*.html").Single());

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<link", html, StringComparison.OrdinalIgnoreCase);
        var page = XDocument.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..].Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "", StringComparison.Ordinal));
        var headings = page.Descendants("h2").Select(h => h.Value).ToArray();
        Assert.Equal(["Posture", "Rolling", "Data", "Where this comes from"], headings.Where(h => h != "Measured before and after"));
        XNamespace svg = "http://www.w3.org/2000/svg";
        Assert.All(page.Descendants(svg + "svg"), plot => Assert.NotEmpty(plot.Descendants(svg + "path").Single(p => p.Attribute("class")!.Value == "line a").Attribute("d")!.Value));
        Assert.Contains("recording sha256", html, StringComparison.Ordinal);
        Assert.Contains("Gaps:", html, StringComparison.Ordinal);
        Assert.Contains("it is no medical finding", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plot_shows_the_peak_of_many_points()
    {
        var points = Enumerable.Range(0, 100_000).Select(i => ((double)i, i == 54_321 ? 10.0 : 0)).ToArray();
        var plot = new SvgPlot("peak", "x", "y").Line("a", points).ToString();
        Assert.True(plot.Length < 40_000, $"{plot.Length} characters");
        Assert.Contains(plot.Split('L'), p => double.TryParse(p.Split(' ')[^1].Split('"')[0], System.Globalization.CultureInfo.InvariantCulture, out var y) && y < 30);
    }
}

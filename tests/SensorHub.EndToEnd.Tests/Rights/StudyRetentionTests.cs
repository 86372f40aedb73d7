using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Pipelines.Recording;

namespace SensorHub.EndToEnd.Tests.Rights;

/// <summary>A study by the program: planned from a file, shown, and what is over its time erased.</summary>
public sealed class StudyRetentionTests
{
    private readonly string _data = HubProgram.NewFolder();

    [Fact]
    public async Task What_a_study_has_kept_long_enough_is_erased_and_what_is_younger_stays()
    {
        var file = Path.Combine(_data, "mine.json");
        await File.WriteAllLinesAsync(file, await HubProgram.SaysAsync("study", "example"), TestContext.Current.CancellationToken);
        Assert.Contains("ok, flat-back", Assert.Single(await HubProgram.SaysAsync("study", "check", file)), StringComparison.Ordinal);
        Assert.Contains("protocol 1.0", Assert.Single(await HubProgram.SaysAsync("study", "add", file, "--data", _data)), StringComparison.Ordinal);
        var now = TimeProvider.System.GetUtcNow();
        var (old, young) = (Record("visit-old", now.AddDays(-3651)), Record("visit-young", now.AddDays(-3)));
        var before = File.ReadAllBytes(Directory.GetFiles(young, "*.shr")[0]);

        Assert.Contains("  p01 (rolling), before: stand 2/3, rolling 0/1", await HubProgram.SaysAsync("study", "show", "flat-back", "--data", _data));
        Assert.Contains(await HubProgram.SaysAsync("study", "retention", "flat-back", "--data", _data), line => line.StartsWith(old, StringComparison.Ordinal));
        Assert.True(Directory.Exists(old));

        var said = await HubProgram.SaysAsync("study", "retention", "flat-back", "--apply", "--data", _data);
        Assert.Contains("1 recording of 'flat-back' is older than 3650 days.", said);
        Assert.Contains(said, line => line.StartsWith("Proof: ", StringComparison.Ordinal));
        Assert.False(Directory.Exists(old));
        Assert.Equal(before, File.ReadAllBytes(Directory.GetFiles(young, "*.shr")[0]));
        Assert.Contains("  p01 (rolling), before: stand 1/3, rolling 0/1", await HubProgram.SaysAsync("study", "show", "flat-back", "--data", _data)); // the participant stays
    }

    [Fact]
    public async Task Another_task_under_the_same_version_is_refused_in_one_line()
    {
        var file = Path.Combine(_data, "mine.json");
        var text = string.Join('\n', await HubProgram.SaysAsync("study", "example"));
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        await HubProgram.SaysAsync("study", "add", file, "--data", _data);
        await File.WriteAllTextAsync(file, text.Replace("\"runs\": 3", "\"runs\": 4", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Contains("give the protocol a new version", await HubProgram.RefusesAsync("study", "add", file, "--data", _data), StringComparison.Ordinal);
        Assert.Contains("There is no study 'flat-front'", await HubProgram.RefusesAsync("study", "show", "flat-front", "--data", _data), StringComparison.Ordinal);
    }

    /// <summary>A short visit of p01 in which one task was done.</summary>
    private string Record(string session, DateTimeOffset start)
    {
        var simulated = new SimulatedSession(new SimulationOptions { Scenario = Scenario.Knock, Start = start, Session = Slug.Parse(session), Subject = Slug.Parse("p01") });
        using var recorder = new Recorder(Path.Combine(_data, "recordings"), line => throw new InvalidOperationException(line));
        simulated.Run(
            record =>
            {
                recorder.OnNext(record);
                if (record is not SensorRecord.Marked { Marker: Marker.SessionBegan })
                    return;
                recorder.OnNext(new SensorRecord.Marked(record.At, new Marker.StudyJoined(Slug.Parse("flat-back"), "1.0", Slug.Parse("p01"), Slug.Parse("before"), Slug.Parse("rolling"))));
                recorder.OnNext(new SensorRecord.Marked(record.At, new Marker.TaskBegan(Slug.Parse("stand"), 1)));
            },
            TestContext.Current.CancellationToken);
        recorder.OnCompleted();
        return Path.Combine(_data, "recordings", session);
    }
}

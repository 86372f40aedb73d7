using SensorHub.Pipelines.Recording;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub recording</c> and <c>sensorhub reprocess</c>, as a person starts them.</summary>
public sealed class RecordingCommandTests
{
    [Fact]
    public async Task A_recording_is_told_checked_broken_and_mended()
    {
        var recording = await RecordAsync("knock");
        var info = await HubProgram.SaysAsync("recording", "info", recording);
        Assert.Contains("session knock-1 of sim-person", info[0], StringComparison.Ordinal);
        Assert.Matches(@"Score \d+ of 100\.$", info[0]);
        Assert.Contains(info, line => line.Contains("clock, boot", StringComparison.Ordinal));

        var (exitCode, said, _) = await HubProgram.RunAsync("recording", "verify", recording);
        Assert.Equal(1, exitCode);
        Assert.Contains("no manifest.json", Assert.Single(said), StringComparison.Ordinal);
        await HubProgram.SaysAsync("recording", "repair", recording);
        Assert.Equal([$"{recording}: whole."], await HubProgram.SaysAsync("recording", "verify", recording));

        var segment = RecordingReader.FilesOf(recording)[^1];
        await using (var file = File.OpenWrite(segment))
            file.SetLength(file.Length - 3);
        (exitCode, said, _) = await HubProgram.RunAsync("recording", "verify", recording);
        Assert.Equal(1, exitCode);
        Assert.Contains(said, line => line.Contains("the end is torn", StringComparison.Ordinal));
        Assert.Contains(said, line => line.Contains("other bytes", StringComparison.Ordinal));
        var mended = await HubProgram.SaysAsync("recording", "repair", recording);
        Assert.Contains(mended, line => line.Contains("a torn end of", StringComparison.Ordinal));
        Assert.Equal([$"{recording}: whole."], await HubProgram.SaysAsync("recording", "verify", recording));
        Assert.Contains("no such file or folder", await HubProgram.RefusesAsync("recording", "info", Path.Combine(recording, "none")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_leaves_a_manifest_and_nobody_mends_what_it_is_writing()
    {
        var (data, mqttPort) = (HubProgram.NewFolder(), ServerProcess.FreePort());
        string recording;
        await using (var hub = HubProgram.Start("run", "--simulate", "--port", "0", "--mqtt-port", $"{mqttPort}", "--data", data))
        {
            await hub.Page;
            await using (var carried = await Carried.ListenAsync(data, mqttPort))
                await carried.CountAsync("posture", 10);
            recording = Assert.Single(Directory.GetDirectories(Path.Combine(data, "recordings")));
            Assert.Contains("a hub that runs", await HubProgram.RefusesAsync("recording", "repair", recording), StringComparison.Ordinal);
            await HubProgram.SaysAsync("recording", "info", recording);
            Assert.Equal(0, await hub.InterruptAsync());
        }
        Assert.Equal([$"{recording}: whole."], await HubProgram.SaysAsync("recording", "verify", recording));
    }

    [Fact]
    public async Task Results_lie_beside_earlier_ones_and_what_an_option_changes_is_said()
    {
        var recording = await RecordAsync("desk");
        var first = ResultOf(await HubProgram.SaysAsync("reprocess", recording));
        var bytes = await File.ReadAllBytesAsync(Path.Combine(first, "features.jsonl.gz"), TestContext.Current.CancellationToken);
        var markers = Path.Combine(HubProgram.NewFolder(), "markers.csv");
        await File.WriteAllTextAsync(markers, "onset_s,label\n5,trigger\n", TestContext.Current.CancellationToken);
        await HubProgram.SaysAsync("study", "markers", recording, markers); // changes nothing of what is computed
        Assert.Contains("there already", Assert.Single(await HubProgram.SaysAsync("reprocess", recording)), StringComparison.Ordinal);
        var elsewhere = ResultOf(await HubProgram.SaysAsync("reprocess", recording, "--out", HubProgram.NewFolder(), "--jobs", "1"));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(elsewhere, "features.jsonl.gz"), TestContext.Current.CancellationToken));
        Assert.StartsWith("The same, bit for bit", Assert.Single(await HubProgram.SaysAsync("reprocess", "diff", first, elsewhere)), StringComparison.Ordinal);

        var options = Path.Combine(HubProgram.NewFolder(), "options.json");
        await File.WriteAllTextAsync(options, """{"Orientation": {"Vqf": {"AccelerometerTimeConstant": 6}}}""", TestContext.Current.CancellationToken);
        var (exitCode, said, errors) = await HubProgram.RunAsync("reprocess", recording, "--options", options);
        Assert.True(exitCode == 0, string.Join('\n', errors));
        var second = ResultOf(said);
        Assert.NotEqual(first, second);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(first, "features.jsonl.gz"), TestContext.Current.CancellationToken));
        var csv = Path.Combine(HubProgram.NewFolder(), "diff.csv");
        var diff = await HubProgram.SaysAsync("reprocess", "diff", first, second, "--csv", csv);
        Assert.Contains(diff, line => line.StartsWith("posture/1: ", StringComparison.Ordinal) && !line.Contains(" 0 of them changed", StringComparison.Ordinal));
        Assert.Contains(diff, line => line.StartsWith("  lordosis_deg: ", StringComparison.Ordinal));
        Assert.StartsWith("kind,field,in_both", (await File.ReadAllLinesAsync(csv, TestContext.Current.CancellationToken))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Orientatoin": {}}""", "Orientatoin is no option")]
    [InlineData("""{"Orientation": {"Vqf": {"AccelerometerTimeConstant": -1}}}""", "AccelerometerTimeConstant")]
    [InlineData("""{"Orientation": """, "options.json")]
    [InlineData("[]", "no object of options")]
    public async Task Options_that_are_none_are_one_line(string json, string says)
    {
        var options = Path.Combine(HubProgram.NewFolder(), "options.json");
        await File.WriteAllTextAsync(options, json, TestContext.Current.CancellationToken);
        Assert.Contains(says, await HubProgram.RefusesAsync("reprocess", "none", "--options", options), StringComparison.Ordinal);
    }

    private static string ResultOf(IReadOnlyList<string> said) => said[0].Split(": ")[0];

    private static async Task<string> RecordAsync(string scenario)
    {
        var folder = HubProgram.NewFolder();
        await HubProgram.SaysAsync("simulate", scenario, "--seed", "1", "--out", folder);
        return Path.Combine(folder, $"{scenario}-1");
    }
}

using System.Security.Cryptography;

namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub export</c>, as a person starts it.</summary>
public sealed class ExportTests
{
    [Theory]
    [InlineData("bids", "_motion.tsv")]
    [InlineData("parquet", "posture.parquet")]
    [InlineData("csv", "posture.csv")]
    [InlineData("fhir", ".fhir.json")]
    [InlineData("report", ".html")]
    public async Task A_recording_becomes_files_and_stays_when_asked_for_again(string format, string end)
    {
        var folder = await RecordAsync("knock");
        var to = Path.Combine(folder, "out");
        var said = await HubProgram.SaysAsync("export", format, Path.Combine(folder, "knock-1"), "--out", to);
        Assert.Equal([$"sub-simperson_ses-knock1_task-rolling from {Path.Combine(folder, "knock-1")}", $"{to}: 1 recording written."], said);
        Assert.Contains(Directory.EnumerateFiles(to, "*", SearchOption.AllDirectories), file => file.EndsWith(end, StringComparison.Ordinal));
        Assert.Equal([$"{to}: 0 recordings written, 1 there already."], await HubProgram.SaysAsync("export", format, Path.Combine(folder, "knock-1"), "--out", to));
    }

    [Fact]
    public async Task Killed_at_any_moment_it_leaves_whole_files_and_goes_on_to_the_same_bytes()
    {
        var folder = await RecordAsync("knock", "bends", "desk");
        string[] arguments = ["export", "parquet", Path.Combine(folder, "knock-1"), Path.Combine(folder, "bends-1"), Path.Combine(folder, "desk-1"), "--out"];
        var (whole, cut) = (Path.Combine(folder, "whole"), Path.Combine(folder, "cut"));
        await HubProgram.SaysAsync([.. arguments, whole]);
        var expected = Hashes(whole);

        // As soon as a recording is being written, and again when so many are whole and the next is being written.
        for (var recordings = 0; recordings < 3; recordings++)
        {
            await using var program = HubProgram.Start([.. arguments, cut]);
            var ended = program.ExitAsync();
            using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            while (!ended.IsCompleted && !(Files(cut, "*.tmp").Length > 0 && Files(Path.Combine(cut, ".sensorhub", "parquet"), "*.json").Length >= recordings))
                await beat.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            await program.KillAsync();
            foreach (var (file, hash) in Hashes(cut).Where(f => !f.Key.EndsWith(".tmp", StringComparison.Ordinal)))
                Assert.Equal(expected[file], hash);
        }
        await HubProgram.SaysAsync([.. arguments, cut]);
        Assert.Equal(expected, Hashes(cut));
    }

    [Fact]
    public async Task Bad_input_is_one_line()
    {
        var folder = HubProgram.NewFolder();
        var to = Path.Combine(folder, "out");
        Assert.Contains("no such file or folder", await HubProgram.RefusesAsync("export", "bids", Path.Combine(folder, "none"), "--out", to), StringComparison.Ordinal);
        var study = Path.Combine(folder, "study.csv");
        await File.WriteAllTextAsync(study, "recording,participant,task\nnone,anna maria,rolling\n", TestContext.Current.CancellationToken);
        Assert.Contains("line 2, column participant: 'anna maria' is no label", await HubProgram.RefusesAsync("export", "csv", "--study", study, "--out", to), StringComparison.Ordinal);
        var (exitCode, _, errors) = await HubProgram.RunAsync("export", "fhir", "--out", to);
        Assert.Equal((2, "sensorhub: Name a recording, or give --study."), (exitCode, errors[0]));
    }

    private static async Task<string> RecordAsync(params string[] scenarios)
    {
        var folder = HubProgram.NewFolder();
        foreach (var scenario in scenarios)
            await HubProgram.SaysAsync("simulate", scenario, "--seed", "1", "--out", folder);
        return folder;
    }

    private static string[] Files(string folder, string pattern) => Directory.Exists(folder) ? Directory.GetFiles(folder, pattern, SearchOption.AllDirectories) : [];

    private static SortedDictionary<string, string> Hashes(string folder) => new(
        Files(folder, "*").Where(f => Path.GetFileName(f) != "lock").ToDictionary(f => Path.GetRelativePath(folder, f), f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))), StringComparer.Ordinal);
}

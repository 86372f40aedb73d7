namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub programme</c>.</summary>
public sealed class ProgrammeTests
{
    private const string Default = "release-then-strengthen-a";

    [Fact]
    public async Task A_default_programme_written_as_a_file_is_a_programme_to_check_and_to_show()
    {
        Assert.Contains((await HubProgram.RunAsync("programme", "list")).Output, line => line.StartsWith(Default, StringComparison.Ordinal));
        var json = (await HubProgram.RunAsync("programme", "show", Default, "--json")).Output;
        var file = Path.Combine(HubProgram.NewFolder(), "mine.json");
        await File.WriteAllLinesAsync(file, json, TestContext.Current.CancellationToken);

        var (exitCode, said, _) = await HubProgram.RunAsync("programme", "check", file);
        Assert.Equal(0, exitCode);
        Assert.EndsWith("ok, 'Order A: release, then strengthen'", Assert.Single(said), StringComparison.Ordinal);
        Assert.Equal((await HubProgram.RunAsync("programme", "show", Default)).Output, (await HubProgram.RunAsync("programme", "show", file)).Output);
    }

    [Fact]
    public async Task Progress_is_counted_from_a_diary()
    {
        var diary = Path.Combine(HubProgram.NewFolder(), "diary.csv");
        await File.WriteAllTextAsync(diary, "date\n2026-01-05\n2026-01-07\n2026-01-12\n", TestContext.Current.CancellationToken);

        var said = string.Join('\n', (await HubProgram.RunAsync("programme", "progress", Default, "--start", "2026-01-05", "--sessions", diary, "--on", "2026-01-15")).Output);
        Assert.Contains("week 2 of 12, Release", said, StringComparison.Ordinal);
        Assert.Contains("3 of 4 sessions due (75 %)", said, StringComparison.Ordinal);
        Assert.Contains("2 more sessions this week", said, StringComparison.Ordinal);
        Assert.Contains("From 2026-02-16: Release and strengthen", said, StringComparison.Ordinal);
        Assert.Contains("more than four weeks", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_is_counted_from_the_sessions_in_the_store()
    {
        var folder = HubProgram.NewFolder();
        var data = Path.Combine(folder, "data");
        await HubProgram.RunAsync("simulate", "hamstrings", "--seed", "7", "--out", folder);
        var (replayed, _, troubles) = await HubProgram.RunAsync("replay", Path.Combine(folder, "hamstrings-7"), "--speed", "max", "--data", data, "--mqtt-port", "0");
        Assert.True(replayed == 0, string.Join('\n', troubles));

        // Two sets, one session; of the virtual person, on the day of its recording.
        string[] progress = ["programme", "progress", Default, "--data", data, "--start", "2026-01-04", "--on", "2026-01-06"];
        var said = string.Join('\n', (await HubProgram.RunAsync([.. progress, "--subject", "sim-person"])).Output);
        Assert.Contains("1 of 1 session due (100 %)", said, StringComparison.Ordinal);
        Assert.Contains("2 more sessions this week", said, StringComparison.Ordinal);
        Assert.Contains("Nothing is stored of 'somebody-else'", string.Join('\n', (await HubProgram.RunAsync([.. progress, "--subject", "somebody-else"])).Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_right_gets_one_line_and_its_exit_code()
    {
        var folder = HubProgram.NewFolder();
        await AssertAsync(1, "There is no programme or file 'spring'", "programme", "show", "spring");
        await AssertAsync(1, "There is no store", "programme", "progress", Default, "--start", "2026-01-05", "--data", folder);
        await AssertAsync(1, "begins on 2026-01-05", "programme", "progress", Default, "--start", "2026-01-05", "--on", "2026-01-04", "--data", folder, "--sessions", await DiaryAsync(folder));
        await AssertAsync(2, "it takes a day such as 2026-01-31", "programme", "progress", Default, "--start", "monday");

        var bad = Path.Combine(folder, "bad.json");
        await File.WriteAllTextAsync(bad, """{ "schema": "programme/1", "id": "a", "name": "A", "phases": [] }""", TestContext.Current.CancellationToken);
        await AssertAsync(1, "it has no phases", "programme", "check", bad);
    }

    private static async Task<string> DiaryAsync(string folder)
    {
        var path = Path.Combine(folder, "diary.csv");
        await File.WriteAllTextAsync(path, "date\n", TestContext.Current.CancellationToken);
        return path;
    }

    private static async Task AssertAsync(int expected, string says, params string[] arguments)
    {
        var (exitCode, _, errors) = await HubProgram.RunAsync(arguments);
        Assert.Equal(expected, exitCode);
        Assert.Contains(says, errors[0], StringComparison.Ordinal);
        Assert.True(errors.Count == 1 || expected == 2, string.Join('\n', errors));
    }
}

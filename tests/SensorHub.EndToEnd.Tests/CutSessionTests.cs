using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Pipelines.Recording;

namespace SensorHub.EndToEnd.Tests;

/// <summary>A hub killed in the middle of a session: the next one completes it from its recording.</summary>
public sealed class CutSessionTests : IDisposable
{
    private readonly string _data = HubProgram.NewFolder();

    private string Recordings => Path.Combine(_data, "recordings");

    private string Store => Path.Combine(_data, "store.db");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task What_a_kill_cut_off_is_completed_by_the_next_start_and_the_store_has_what_a_replay_gives()
    {
        await RunAndKillAsync(rows: 200);
        var cut = Assert.Single(Directory.GetDirectories(Recordings));
        Assert.True(File.Exists(Path.Combine(cut, "open")));

        await using (var next = Run())
        {
            await SaidCompletedAsync(next, cut);
            await HubHealth.UntilAsync(next, health => health.OldestSeconds("outbox") < 5);
            Assert.Equal(0, await next.InterruptAsync());
            Assert.Single(next.Errors, line => line.Contains(Path.GetFileName(cut), StringComparison.Ordinal));
        }
        await DrainAsync();

        IsWhole(cut);
        await IsWhatAReplayGivesAsync(cut);
    }

    [Fact]
    public async Task A_completion_that_is_killed_too_is_made_by_the_third_start()
    {
        await RunAndKillAsync(rows: 200);
        var cut = Assert.Single(Directory.GetDirectories(Recordings));
        // The second run begins a session of its own beside the completion, so two are cut, or one and a half.
        await using (var second = Run())
        {
            await second.Page;
            await second.KillAsync();
        }
        var both = Directory.GetDirectories(Recordings);

        await using (var third = Run())
        {
            foreach (var folder in both.Where(f => File.Exists(Path.Combine(f, "open"))))
                await SaidCompletedAsync(third, folder);
            Assert.Equal(0, await third.InterruptAsync());
        }
        await DrainAsync();

        IsWhole(cut);
        await IsWhatAReplayGivesAsync(cut);
    }

    private HubProgram Run() => HubProgram.Start("run", "--simulate", "--port", "0", "--mqtt-port", "0", "--data", _data);

    private async Task RunAndKillAsync(int rows)
    {
        await using var hub = Run();
        await hub.Page;
        await Patiently.Until(() => Task.FromResult(StoredRows.InStore(Store).Count >= rows), () => string.Join('\n', hub.Errors));
        await hub.KillAsync();
    }

    private static async Task SaidCompletedAsync(HubProgram hub, string cut) => await Patiently.Until(
        () => Task.FromResult(hub.Errors.Any(line => line.Contains($"The session {Path.GetFileName(cut)} was cut off when the hub ended without a word.", StringComparison.Ordinal))),
        () => string.Join('\n', hub.Errors));

    /// <summary>A run without sensors stores what the last one left in its outbox.</summary>
    private async Task DrainAsync()
    {
        await using var hub = HubProgram.Start("run", "--port", "0", "--mqtt-port", "0", "--data", _data);
        await HubHealth.UntilAsync(hub, health => health.Waiting("outbox") == 0);
        Assert.Equal(0, await hub.InterruptAsync());
    }

    private static void IsWhole(string recording)
    {
        Assert.False(File.Exists(Path.Combine(recording, "open")));
        Assert.IsType<Marker.SessionEnded>(Assert.IsType<SensorRecord.Marked>(RecordingReader.Read(recording).Last()).Marker);
    }

    private async Task IsWhatAReplayGivesAsync(string recording)
    {
        var fresh = HubProgram.NewFolder();
        await HubProgram.SaysAsync("replay", recording, "--mqtt-port", "0", "--data", fresh);
        var replayed = StoredRows.InStore(Path.Combine(fresh, "store.db"));
        Directory.Delete(fresh, recursive: true);

        var session = Path.GetFileName(recording);
        StoredRows.AreTheSame(replayed, StoredRows.InStore(Store).Where(row => row.Session == session));
        TestContext.Current.TestOutputHelper?.WriteLine($"{replayed.Count} rows, of them {replayed.Count(r => r.Session != session)} outside of the session");
    }
}

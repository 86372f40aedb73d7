using System.Text.Json;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Pipelines.Recording;
using SensorHub.Testing;

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

    [Fact]
    public async Task Nobody_reads_at_the_broker_that_a_session_runs_which_a_kill_has_cut_off()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        string[] at = ["--mqtt", "127.0.0.1", "--mqtt-port", $"{mosquitto.Port}", "--config", mosquitto.SettingsFile];
        await RunAndKillAsync(rows: 200, at);
        Assert.NotEqual("ended", await RetainedAsync(mosquitto));

        await using var next = HubProgram.Start(["run", "--port", "0", "--data", _data, .. at]);
        await Patiently.Until(async () => await RetainedAsync(mosquitto) == "ended", () => string.Join('\n', next.Errors));
        Assert.Equal(0, await next.InterruptAsync());
    }

    /// <summary>What somebody reads who comes now.</summary>
    private static async Task<string?> RetainedAsync(MosquittoServer mosquitto)
    {
        await using var link = new MqttLink(
            new MqttConnection("127.0.0.1", mosquitto.Port, MosquittoServer.User, MosquittoServer.Password), new MqttLinkOptions { ClientId = "visitor" }, TimeProvider.System);
        var messages = link.Subscribe($"{Topics.Root}/+/subjects/me/session").Messages;
        await link.ConnectAsync(TestContext.Current.CancellationToken);
        var message = await messages.ReadAsync(TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(message.Payload);
        return json.RootElement.GetProperty("event").GetString();
    }

    private HubProgram Run(params string[] broker) => HubProgram.Start(["run", "--simulate", "--port", "0", .. broker is [] ? ["--mqtt-port", "0"] : broker, "--data", _data]);

    private async Task RunAndKillAsync(int rows, params string[] broker)
    {
        await using var hub = Run(broker);
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

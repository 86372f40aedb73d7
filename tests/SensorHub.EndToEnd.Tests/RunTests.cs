using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.History;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub run --simulate</c> as a person starts it, watched in a browser and on MQTT, and ended by Ctrl-C.</summary>
public sealed class RunTests(Browser browser)
{
    [Fact]
    public async Task The_page_shows_what_MQTT_carries_and_Ctrl_C_leaves_everything_on_disk()
    {
        var data = HubProgram.NewFolder();
        var mqttPort = ServerProcess.FreePort();
        await using var hub = HubProgram.Start("run", "--simulate", "--port", "0", "--mqtt-port", $"{mqttPort}", "--data", data);
        var url = await hub.Page;

        await using var carried = await Carried.ListenAsync(data, mqttPort);
        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(url.ToString());

        // It moves: the lordosis is shown for five different times, and each time MQTT had carried that number.
        var shown = new HashSet<string>();
        while (shown.Count < 5)
            shown.Add(await ShownIsCarriedAsync(page, carried, "posture", "lordosis_deg"));
        await ShownIsCarriedAsync(page, carried, "rolling", "strokes");
        await ShownIsCarriedAsync(page, carried, "session", "duration_s");

        Assert.Equal(0, await hub.InterruptAsync());
        Assert.All(hub.Errors, line => Assert.Contains("Stopped before it was computed", line)); // a busy machine leaves that to the next start

        // The recording is whole and closed, and the store has what MQTT had carried.
        var recording = Assert.Single(Directory.GetDirectories(Path.Combine(data, "recordings")));
        var records = RecordingReader.Read(recording, damage => Assert.Fail(damage.ToString())).ToList();
        Assert.IsType<Marker.SessionEnded>(Assert.IsType<SensorRecord.Marked>(records[^1]).Marker);
        var history = new SqliteHistory(Path.Combine(data, "store.db"));
        var rows = await history.QueryAsync(
            new HistoryQuery("posture", ["lordosis_deg"], records[0].At, records[^1].At + TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken);
        var stored = rows.SelectMany(s => s.Rows).ToDictionary(r => r.Time.ToString(), r => r.Values[0].AsDouble());
        Assert.All(carried.Values("posture", "lordosis_deg"), c => Assert.Equal(c.Value, stored[c.Key]));
    }

    [Fact]
    public async Task Killed_in_the_middle_it_has_lost_nothing_and_starts_again()
    {
        var data = HubProgram.NewFolder();
        var mqttPort = ServerProcess.FreePort();
        await using (var hub = HubProgram.Start("run", "--simulate", "--port", "0", "--mqtt-port", $"{mqttPort}", "--data", data))
        {
            await hub.Page;
            await using var carried = await Carried.ListenAsync(data, mqttPort);
            await carried.CountAsync("posture", 50);
            await hub.KillAsync();

            // Whatever became an estimate had been recorded before: the recording gives it again.
            var recording = Assert.Single(Directory.GetDirectories(Path.Combine(data, "recordings")));
            var again = HubProgram.NewFolder();
            var (exitCode, _, errors) = await HubProgram.RunAsync("replay", recording, "--mqtt-port", "0", "--data", again);
            Assert.True(exitCode == 0, string.Join('\n', errors));
            var rows = await new SqliteHistory(Path.Combine(again, "store.db")).QueryAsync(
                new HistoryQuery("posture", ["lordosis_deg", "finality"], Timestamp.Parse("2000-01-01T00:00:00Z"), Timestamp.Parse("2100-01-01T00:00:00Z")), TestContext.Current.CancellationToken);
            var replayed = rows.SelectMany(s => s.Rows).ToDictionary(r => r.Time.ToString(), r => r.Values);
            // What came late by then is computed anew by the replay; the killed program had no time to.
            Assert.All(carried.Values("posture", "lordosis_deg"), c => Assert.True(replayed[c.Key][1].AsString() != "live" || replayed[c.Key][0].AsDouble() == c.Value));
        }

        await using var next = HubProgram.Start("run", "--simulate", "--port", "0", "--mqtt-port", "0", "--data", data);
        await next.Page;
        Assert.Equal(0, await next.InterruptAsync());
        Assert.Empty(next.Errors);
    }

    /// <returns>The event time of the value shown.</returns>
    private static async Task<string> ShownIsCarriedAsync(IPage page, Carried carried, string kind, string field)
    {
        var target = page.Locator($"[data-field='{kind}.{field}'][data-time]");
        // One look at both: between two looks the page moves on.
        var (value, time) = await target.EvaluateAsync<JsonElement>("e => [e.dataset.value, e.dataset.time]") is var pair
            ? (pair[0].GetString()!, pair[1].GetString()!)
            : default;
        Assert.Equal(await carried.ValueAsync(kind, field, time), double.Parse(value, System.Globalization.CultureInfo.InvariantCulture));
        return time;
    }
}

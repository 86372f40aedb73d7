using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Pipelines.Recording;
using SensorHub.Testing;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.EndToEnd.Tests;

/// <summary>A hub without pages, a clinic without sensors, and between them nothing but a broker.</summary>
public sealed class ClinicPagesTests(Browser browser)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_clinics_board_shows_the_hubs_numbers_and_a_message_goes_to_the_hub_into_its_recording_and_back()
    {
        await using var broker = await MosquittoServer.StartAsync();
        string[] to = ["--config", broker.SettingsFile, "--mqtt", "127.0.0.1", "--mqtt-port", $"{broker.Port}", "--port", "0"];
        await using var listener = new MqttLink(
            new MqttConnection("127.0.0.1", broker.Port, MosquittoServer.User, MosquittoServer.Password), new MqttLinkOptions { ClientId = "listener" }, TimeProvider.System);
        var carried = listener.Subscribe("sensorhub/1/studio-1/subjects/anna/session");
        await listener.ConnectAsync(Cancelled);

        var (ofHub, ofClinic) = (HubProgram.NewFolder(), HubProgram.NewFolder());
        await using var clinic = HubProgram.Start(["run", "--role", "clinic", "--hub", "clinic", "--data", ofClinic, .. to]);
        var url = await clinic.Page;
        await using var hub = HubProgram.Start(["run", "--role", "hub", "--simulate", "--hub", "studio-1", "--subject", "anna", "--data", ofHub, .. to]);

        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(60_000);
        await page.GotoAsync(new Uri(url, "board").ToString());
        var duration = page.Locator("[data-subject='anna'] [data-field='duration']");
        await Expect(duration).ToHaveAttributeAsync("data-value", new System.Text.RegularExpressions.Regex("^[1-9]"));

        // It moves, and what is shown is what the hub had sent.
        var sent = new Dictionary<string, double>();
        var shown = new HashSet<string>();
        while (shown.Count < 3)
        {
            var both = await duration.EvaluateAsync<string[]>("field => [field.dataset.time, field.dataset.value]"); // at one time, for it moves
            var (time, value) = (both[0], both[1]);
            while (!sent.ContainsKey(time))
            {
                using var payload = JsonDocument.Parse((await carried.Messages.ReadAsync(Cancelled)).Payload);
                sent[payload.RootElement.GetProperty("time").GetString()!] = payload.RootElement.GetProperty("duration_s").GetDouble();
            }
            Assert.Equal(sent[time], double.Parse(value, CultureInfo.InvariantCulture));
            shown.Add(time);
        }

        await page.Locator("[data-subject='anna'] a").ClickAsync();
        await Expect(page.Locator("sensorhub-person")).ToHaveAttributeAsync("data-state", "live");
        await page.GetByRole(AriaRole.Button, new() { Name = "A little lighter" }).ClickAsync();
        await Expect(page.Locator(".cues li").Filter(new() { HasText = "A little lighter" })).ToHaveCountAsync(1);
        Assert.Equal(0, await hub.InterruptAsync());
        Assert.Equal(0, await clinic.InterruptAsync());
        Assert.Contains("/health", string.Join('\n', hub.Output), StringComparison.Ordinal);

        var recording = Assert.Single(Directory.GetDirectories(Path.Combine(ofHub, "recordings")));
        var said = RecordingReader.Read(recording, damage => Assert.Fail(damage.ToString())).OfType<SensorRecord.Marked>().Select(m => m.Marker).OfType<Marker.Said>();
        Assert.Equal(("anna", "A little lighter"), (Assert.Single(said).Subject.ToString(), said.Single().Text));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(ofClinic, "recordings")));
    }

    [Fact]
    public async Task A_clinic_needs_a_broker_and_has_no_sensors()
    {
        Assert.Contains("name it with --mqtt", await HubProgram.RefusesAsync("run", "--role", "clinic", "--data", HubProgram.NewFolder()), StringComparison.Ordinal);
        Assert.Contains("no sensors", await HubProgram.RefusesAsync("run", "--role", "clinic", "--mqtt", "127.0.0.1", "--simulate", "--data", HubProgram.NewFolder()), StringComparison.Ordinal);
        Assert.Contains("all, hub or clinic", await HubProgram.RefusesAsync("run", "--role", "hospital", "--data", HubProgram.NewFolder()), StringComparison.Ordinal);
    }
}

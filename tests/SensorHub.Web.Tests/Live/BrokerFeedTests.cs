using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Live;

public sealed class BrokerFeedTests(Browser browser)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_shows_what_the_broker_carried()
    {
        await using var broker = await StartBrokerAsync();
        await using var web = await WebHost.StartAsync(broker: broker.Connection(BrokerRole.Control));
        await using var hub = new MqttLink(broker.Connection(BrokerRole.Hub), new MqttLinkOptions { ClientId = "hub" }, TimeProvider.System);
        await hub.ConnectAsync(Cancelled);
        await using var listener = new MqttLink(broker.Connection(BrokerRole.Reader), new MqttLinkOptions { ClientId = "listener" }, TimeProvider.System);
        var carried = listener.Subscribe($"{Topics.Root}/+/subjects/#");
        await listener.ConnectAsync(Cancelled);

        var page = await web.OpenAsync(browser);
        await Expect(page.Locator("sensorhub-live")).ToHaveAttributeAsync("data-state", "empty");
        var (person, messages) = (new Person(), new HubMessages(WebHost.Hub));
        var strokes = page.Locator("[data-field='rolling.strokes']");
        foreach (var second in (double[])[60, 90, 125.4])
        {
            foreach (var feature in person.All(second))
                await hub.PublishAsync(messages.Write(feature), Cancelled);
            var rolling = await NextAsync(carried, TopicKind.Rolling);
            await Expect(strokes).ToHaveAttributeAsync("data-time", rolling.GetProperty("time").GetString()!);
            foreach (var name in (string[])["strokes", "pressure_kpa", "force_n", "body_weight_pct", "tempo_s", "in_band_s", "contact_s", "band"])
                await Expect(page.Locator($"[data-field='rolling.{name}']")).ToHaveAttributeAsync("data-value", rolling.GetProperty(name).ToString());
        }
    }

    [Fact]
    public async Task Calibrate_standing_goes_to_the_hub_as_a_command_and_the_page_tells_when_it_is_done()
    {
        await using var broker = await StartBrokerAsync();
        await using var web = await WebHost.StartAsync(broker: broker.Connection(BrokerRole.Control));
        await using var hub = new MqttLink(broker.Connection(BrokerRole.Hub), new MqttLinkOptions { ClientId = "hub" }, TimeProvider.System);
        var commands = hub.Subscribe(Topics.Command(WebHost.Hub));
        await hub.ConnectAsync(Cancelled);

        var page = await web.OpenAsync(browser);
        var person = new Person { Calibration = null };
        web.Feed.Receive(person.All(1));
        await Expect(page.Locator("[data-field='posture.lordosis_change_deg']")).ToHaveTextAsync("standing not calibrated");
        await page.GetByRole(AriaRole.Button, new() { Name = "Calibrate standing" }).ClickAsync();
        var command = await commands.Messages.ReadAsync(Cancelled);
        Assert.Equal(new Marker.StandCalibration(TimeSpan.FromSeconds(10)), Commands.Read(command.Payload.Span).Marker);
        var status = page.Locator(".calibrate-status");
        await Expect(status).ToHaveTextAsync("Stand upright and still for 10 s.");
        person.Calibration = "19b77a";
        web.Feed.Receive(person.Posture(12));
        await Expect(status).ToHaveTextAsync("Calibrated.");

        await page.GetByRole(AriaRole.Button, new() { Name = "Calibrate standing" }).ClickAsync();
        await Expect(status).ToHaveTextAsync("Stand upright and still for 10 s.");
        web.Feed.Receive(person.Refused(23, "You moved: stand still and try again."));
        await Expect(status).ToHaveTextAsync("You moved: stand still and try again.");
    }

    [Fact]
    public async Task Without_a_broker_page_and_button_say_why()
    {
        var nobody = new MqttConnection("127.0.0.1", ServerProcess.FreePort(), null, null);
        await using var web = await WebHost.StartAsync(broker: nobody);
        var page = await web.OpenAsync(browser);
        await Expect(page.Locator("[data-banner='broker']")).ToContainTextAsync($"No MQTT broker listens at 127.0.0.1:{nobody.Port}");

        using var client = new HttpClient();
        using var response = await client.PostAsync(new Uri(web.Address, "/live/calibrate-standing"), null, Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Contains("No MQTT broker listens", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static Task<EmbeddedBroker> StartBrokerAsync() =>
        EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Port = 0 }, BrokerCredentials.Generate(), TimeProvider.System);

    private static async Task<JsonElement> NextAsync(MqttSubscription carried, TopicKind kind)
    {
        await foreach (var message in carried.Messages.ReadAllAsync(Cancelled))
            if (TopicName.Parse(message.Topic).Kind == kind)
                return JsonDocument.Parse(message.Payload).RootElement;
        throw new InvalidOperationException("The subscription ended.");
    }
}

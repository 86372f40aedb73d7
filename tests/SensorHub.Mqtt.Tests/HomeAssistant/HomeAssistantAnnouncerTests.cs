using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.HomeAssistant;
using SensorHub.Mqtt.Tests.Contract;

namespace SensorHub.Mqtt.Tests.HomeAssistant;

public sealed class HomeAssistantAnnouncerTests
{
    private const string HubTopic = "homeassistant/device/sensorhub_studio-1/config";
    private const string ClipTopic = "homeassistant/device/sensorhub_studio-1_clip-1/config";
    private const string RollerTopic = "homeassistant/device/sensorhub_studio-1_roller-1/config";
    private static readonly (Slug, SensorKind) Clip = (Samples.Clip, SensorKind.Clip);
    private static readonly (Slug, SensorKind) Roller = (Samples.Roller, SensorKind.Roller);

    private static PostureEstimate Posture(double seconds) =>
        (PostureEstimate)Samples.All.Single(s => s.Name == "posture").Feature with { Time = Timestamp.Parse("2026-01-31T12:00:00Z") + TimeSpan.FromSeconds(seconds) };

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task Hub_and_sensors_are_announced_retained_and_a_forgotten_one_is_taken_back(BrokerKind kind)
    {
        await using var broker = await TestBroker.StartAsync(kind);
        await using var link = broker.Link("announcer");
        await using var announcer = Announcer(link);
        announcer.Start([Clip, Roller]);

        await using var home = await Home.ConnectAsync(broker);
        await Patience.Until(() => home.Devices.Count == 3, "hub, clip and roller are announced");
        Assert.Equal([HubTopic, ClipTopic, RollerTopic], home.Devices.Keys.Order(StringComparer.Ordinal));

        announcer.Own([Roller]);
        await Patience.Until(() => home.Devices.Count == 2, "the clip is taken back");
        Assert.DoesNotContain(ClipTopic, home.Devices.Keys);

        // Whoever comes later finds what is, and not what was.
        await using var later = await Home.ConnectAsync(broker, "later");
        await Patience.Until(() => later.Devices.Count == 2, "two are retained");
        Assert.DoesNotContain(ClipTopic, later.Devices.Keys);
    }

    [Fact]
    public async Task A_sensor_that_was_forgotten_while_the_hub_was_off_is_taken_back_at_the_next_start_and_those_of_other_hubs_are_left_alone()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Mosquitto);
        await using var home = await Home.ConnectAsync(broker);
        const string Other = "homeassistant/device/sensorhub_studio-10_clip-1/config";
        await home.PublishAsync(ClipTopic, "{}", retain: true);
        await home.PublishAsync(Other, "{}", retain: true);
        await Patience.Until(() => home.Devices.Count == 2, "an earlier run's are there");

        await using var link = broker.Link("announcer");
        await using var announcer = Announcer(link);
        announcer.Start([Roller]);
        await Patience.Until(() => !home.Devices.ContainsKey(ClipTopic), "the clip is taken back");
        await Patience.Until(() => home.Devices.Count == 3, "hub and roller are there");
        Assert.Contains(Other, home.Devices.Keys);
    }

    [Fact]
    public async Task When_Home_Assistant_has_started_everything_is_announced_again_after_a_delay_of_its_own()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Mosquitto);
        var time = new FakeTimeProvider();
        await using var link = broker.Link("announcer");
        await using var announcer = Announcer(link, time);
        announcer.Start([Clip]);
        await using var home = await Home.ConnectAsync(broker);
        await Patience.Until(() => home.Devices.Count == 2, "hub and clip are announced");
        await Patience.Until(() => link.Connections == 1 && home.Heard(HubTopic) == 1, "once");

        await home.PublishAsync("homeassistant/status", "offline", retain: false);
        await home.PublishAsync("homeassistant/status", "online", retain: false);
        await Patience.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1)); // the delay begins when the message has come, whenever that is
            return home.Heard(HubTopic) == 2 && home.Heard(ClipTopic) == 2;
        }, "again, once");
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task A_broker_that_came_back_without_its_memory_is_told_again(BrokerKind kind)
    {
        await using var broker = await TestBroker.StartAsync(kind);
        await using var link = broker.Link("announcer");
        await using var announcer = Announcer(link);
        announcer.Start([Clip]);
        await using (var before = await Home.ConnectAsync(broker))
            await Patience.Until(() => before.Devices.Count == 2, "announced");
        await broker.StopAsync();
        await broker.StartAgainAsync();
        await using var after = await Home.ConnectAsync(broker);
        await Patience.Until(() => after.Devices.Count == 2, "announced again");
    }

    [Fact]
    public async Task Of_twenty_five_estimates_a_second_one_a_second_is_published_and_of_what_is_not_live_none()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded);
        await using var link = broker.Link("announcer");
        await using var announcer = Announcer(link);
        announcer.Start([Clip]);
        await link.WhenConnectedAsync(Patience.Token);
        await using var home = await Home.ConnectAsync(broker);

        for (var i = 0; i < 10 * 25; i++)
        {
            announcer.OnNext(Posture(i / 25.0) with { Finality = Finality.Final });
            announcer.OnNext(Posture(i / 25.0));
            announcer.OnNext(Posture(i / 25.0) with { Sensor = Slug.Parse("clip-of-nobody") });
            if (i % 25 == 24)
                await Patience.Until(() => home.States.Count == i / 25 + 1, "the second's state has come");
        }
        Assert.Equal(10, home.States.Count);
        Assert.All(home.States, s => Assert.Equal(Topics.Home(Samples.Hub, Samples.Clip), s.Topic));
        Assert.All(home.States, s => Assert.Contains("\"finality\":\"live\"", s.Payload));
    }

    [Fact]
    public async Task While_the_broker_is_away_only_the_newest_state_is_kept()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded);
        await using var link = broker.Link("announcer");
        await using var announcer = Announcer(link);
        announcer.Start([Clip]);
        await link.WhenConnectedAsync(Patience.Token);
        await broker.StopAsync();
        await Patience.Until(() => !link.IsConnected, "the loss is noticed");
        for (var i = 0; i < 1000; i++)
            announcer.OnNext(Posture(i));
        await broker.StartAgainAsync();
        await using var home = await Home.ConnectAsync(broker);
        await Patience.Until(() => home.Devices.Count == 2, "announced again");
        Assert.InRange(home.States.Count, 0, 1);
    }

    [Fact]
    public async Task A_client_of_MQTT_3_1_1_reads_announcement_and_state()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Mosquitto);
        await using var link = broker.Link("announcer");
        await using var announcer = Announcer(link);
        await using var home = await Home.ConnectAsync(broker, version: MqttProtocolVersion.V311);
        announcer.Start([Clip]);
        await Patience.Until(() => home.Devices.Count == 2, "announced");
        announcer.OnNext(Posture(0));
        await Patience.Until(() => home.States.Count == 1, "a state");
        Assert.Equal(System.Text.Encoding.UTF8.GetString(FeaturePayloads.Serialize(FeaturePayloads.From(Posture(0)))), home.States.Single().Payload);
    }

    [Theory]
    [InlineData("")]
    [InlineData("home/#")]
    [InlineData("/home")]
    public void A_prefix_that_is_none_is_refused(string prefix) => Assert.Throws<ArgumentException>(() => new HomeAssistantOptions { Prefix = prefix }.Validate());

    private static HomeAssistantAnnouncer Announcer(Mqtt.Connecting.MqttLink link, TimeProvider? time = null) =>
        new(link, new HubMessages(Samples.Hub), "0.1.0", new HomeAssistantOptions(), time ?? TimeProvider.System, new Random(1));

    /// <summary>What Home Assistant's client would have: the devices announced now, and the states as they come.</summary>
    private sealed class Home : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, int> _heard = new();
        private IMqttClient _client = null!;

        public ConcurrentDictionary<string, string> Devices { get; } = new();

        public ConcurrentQueue<(string Topic, string Payload)> States { get; } = new();

        /// <summary>Messages on the topic that were published while this listened, or just before.</summary>
        public int Heard(string topic) => _heard.GetValueOrDefault(topic);

        public static async Task<Home> ConnectAsync(TestBroker broker, string id = "home-assistant", MqttProtocolVersion version = MqttProtocolVersion.V500)
        {
            var home = new Home();
            (home._client, _) = await TestBroker.PlainAsync(broker.Connection, version, id);
            home._client.ApplicationMessageReceivedAsync += e =>
            {
                var message = e.ApplicationMessage;
                home._heard.AddOrUpdate(message.Topic, 1, (_, n) => n + 1);
                if (!message.Topic.StartsWith("homeassistant/", StringComparison.Ordinal))
                    home.States.Enqueue((message.Topic, message.Text()));
                else if (message.Payload.IsEmpty)
                    home.Devices.TryRemove(message.Topic, out _);
                else if (message.Topic.EndsWith("/config", StringComparison.Ordinal))
                    home.Devices[message.Topic] = message.Text();
                return Task.CompletedTask;
            };
            await home._client.SubscribeAsync("homeassistant/device/+/config", MqttQualityOfServiceLevel.AtLeastOnce, Patience.Token);
            await home._client.SubscribeAsync("sensorhub/1/+/home/+", MqttQualityOfServiceLevel.AtMostOnce, Patience.Token);
            return home;
        }

        public async Task PublishAsync(string topic, string text, bool retain) => await _client.PublishAsync(TestBroker.Message(topic, text, retain), Patience.Token);

        public async ValueTask DisposeAsync()
        {
            await _client.DisconnectAsync();
            _client.Dispose();
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Tests.Contract;
using static SensorHub.Mqtt.Tests.TestBroker;

namespace SensorHub.Mqtt.Tests.Broker;

public sealed class BrokerLimitsTests
{
    private static readonly string Command = Topics.Command(Samples.Hub);

    private static Task<TestBroker> StartAsync(BrokerLimits limits, TimeProvider? time = null) =>
        TestBroker.StartAsync(BrokerKind.Embedded, new() { Limits = limits }, rights: true, time);

    [Fact]
    public async Task A_client_that_sends_too_fast_is_acknowledged_late_and_loses_nothing()
    {
        var time = new FakeTimeProvider();
        await using var broker = await StartAsync(new() { MessagesPerSecond = 2, MessageBurst = 5 }, time);
        var (link, subscription) = await broker.ReaderAsync(Command);
        await using var _ = link;
        var (client, _) = await PlainAsync(broker.Embedded.Connection(BrokerRole.Control));
        using var phone = client;
        var sending = Enumerable.Range(0, 7).Select(i => phone.PublishAsync(Message(Command, $"{i}"), Patience.Token)).ToList();

        await Task.WhenAll(sending.Take(5));
        await Patience.Until(() => subscription.Received == 5, "a burst comes through");
        var start = time.GetUtcNow();
        await AdvanceUntil(time, sending[5]);
        Assert.True(time.GetUtcNow() - start >= TimeSpan.FromSeconds(0.5));
        await AdvanceUntil(time, sending[6]);
        Assert.True(time.GetUtcNow() - start >= TimeSpan.FromSeconds(1));
        for (var i = 0; i < 7; i++)
            Assert.Equal($"{i}", (await subscription.NextAsync()).Text());
    }

    [Fact]
    public async Task A_client_that_sends_too_much_is_acknowledged_late_too()
    {
        var time = new FakeTimeProvider();
        await using var broker = await StartAsync(new() { BytesPerSecond = 1024, ByteBurst = 4096 }, time);
        var (client, _) = await PlainAsync(broker.Embedded.Connection(BrokerRole.Control));
        using var phone = client;
        await phone.PublishAsync(Message(Command, new string('x', 3000)), Patience.Token);
        var start = time.GetUtcNow();
        await AdvanceUntil(time, phone.PublishAsync(Message(Command, new string('x', 3000)), Patience.Token));
        Assert.True(time.GetUtcNow() - start > TimeSpan.FromSeconds(1.8)); // 6000 bytes and a little, less 4096, at 1024 a second
    }

    [Fact]
    public async Task The_hubs_own_parts_are_not_slowed()
    {
        await using var broker = await StartAsync(new() { MessagesPerSecond = 1, MessageBurst = 1, Subscriptions = 1, ConnectionsPerAccount = 1 }, new FakeTimeProvider());
        var (link, subscription) = await broker.ReaderAsync("sensorhub/1/+/status");
        var (other, _) = await broker.ReaderAsync("sensorhub/1/+/command", id: "other");
        for (var i = 0; i < 200; i++)
            await link.PublishAsync(Message(Topics.HubStatus(Samples.Hub), $"{i}"), Patience.Token);
        await Patience.Until(() => subscription.Received == 200, "all arrive without the clock moving");
        await link.DisposeAsync();
        await other.DisposeAsync();
    }

    [Fact]
    public async Task Acknowledging_what_one_reads_costs_nothing()
    {
        await using var broker = await StartAsync(new() { MessagesPerSecond = 1, MessageBurst = 2 }, new FakeTimeProvider());
        await using var reader = new SensorHub.Mqtt.Connecting.MqttLink(broker.Embedded.Connection(BrokerRole.Reader), new() { ClientId = "reader" }, TimeProvider.System);
        var subscription = reader.Subscribe("sensorhub/1/+/status");
        await reader.ConnectAsync(Patience.Token);
        await using var hub = broker.Link("hub");
        await hub.ConnectAsync(Patience.Token);
        for (var i = 0; i < 500; i++)
            await hub.PublishAsync(Message(Topics.HubStatus(Samples.Hub), $"{i}"), Patience.Token);
        for (var i = 0; i < 500; i++)
            Assert.Equal($"{i}", (await subscription.NextAsync()).Text());
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500, MqttClientConnectResultCode.QuotaExceeded)]
    [InlineData(MqttProtocolVersion.V311, MqttClientConnectResultCode.ServerUnavailable)]
    public async Task One_client_too_many_is_refused_until_another_leaves(MqttProtocolVersion version, MqttClientConnectResultCode refusal)
    {
        foreach (var limits in new BrokerLimits[] { new() { Connections = 2 }, new() { ConnectionsPerAccount = 2 }, new() { ConnectionsPerAddress = 2 } })
        {
            await using var broker = await StartAsync(limits);
            var account = broker.Embedded.Connection(BrokerRole.Reader);
            var (first, _) = await PlainAsync(account, version, "1");
            var (second, _) = await PlainAsync(account, version, "2");
            var (third, result) = await PlainAsync(account, version, "3");
            Assert.Equal(refusal, result.ResultCode);
            await first.DisconnectAsync(cancellationToken: Patience.Token);
            var token = Patience.Token;
            while ((await PlainAsync(account, version, "4")).Result.ResultCode != MqttClientConnectResultCode.Success)
                Assert.False(token.IsCancellationRequested);
            await using var hub = broker.Link("hub");
            await hub.ConnectAsync(Patience.Token); // the hub's own parts have a place whatever others take
            second.Dispose();
            third.Dispose();
        }
    }

    [Fact]
    public async Task Who_says_nothing_is_closed_when_the_time_to_sign_in_is_over()
    {
        var time = new FakeTimeProvider();
        await using var broker = await StartAsync(new() { SignInTimeout = TimeSpan.FromSeconds(5) }, time);
        using var silent = await StrangerAsync(broker);
        var (client, _) = await PlainAsync(broker.Embedded.Connection(BrokerRole.Reader));
        using var signedIn = client;
        var end = EndAsync(silent);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(end.IsCompleted);
        while (!end.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(0.2));
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None));
        }
        await end;
        await signedIn.PingAsync(Patience.Token);
    }

    [Fact]
    public async Task Strangers_who_say_nothing_keep_nobody_out()
    {
        await using var broker = await StartAsync(new() { SigningIn = 4 }, new FakeTimeProvider());
        var strangers = new List<TcpClient>();
        for (var i = 0; i < 10; i++)
            strangers.Add(await StrangerAsync(broker));
        await EndAsync(strangers[0]); // the oldest makes room
        var (client, result) = await PlainAsync(broker.Embedded.Connection(BrokerRole.Reader));
        Assert.Equal(MqttClientConnectResultCode.Success, result.ResultCode);
        client.Dispose();
        strangers.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task A_wrong_password_is_answered_late_and_a_right_one_at_once()
    {
        var time = new FakeTimeProvider();
        await using var broker = await StartAsync(new(), time);
        var reader = broker.Embedded.Connection(BrokerRole.Reader);
        var guessing = PlainAsync(reader with { Password = "guess" }, id: "guess");
        var (client, result) = await PlainAsync(reader, id: "right");
        Assert.Equal(MqttClientConnectResultCode.Success, result.ResultCode);
        client.Dispose();
        Assert.False(guessing.IsCompleted);
        await AdvanceUntil(time, guessing);
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await guessing).Result.ResultCode);
    }

    [Fact]
    public async Task A_subscription_too_many_is_refused_and_one_given_up_makes_room()
    {
        await using var broker = await StartAsync(new() { Subscriptions = 3 });
        var (client, _) = await PlainAsync(broker.Embedded.Connection(BrokerRole.Reader));
        using var reader = client;
        for (var i = 0; i < 3; i++)
            Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS0, await SubscribeAsync(reader, $"sensorhub/1/hub-{i}/status"));
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS0, await SubscribeAsync(reader, "sensorhub/1/hub-0/status")); // the same one again
        Assert.Equal(MqttClientSubscribeResultCode.QuotaExceeded, await SubscribeAsync(reader, "sensorhub/1/hub-4/status"));
        await reader.UnsubscribeAsync("sensorhub/1/hub-0/status", Patience.Token);
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS0, await SubscribeAsync(reader, "sensorhub/1/hub-4/status"));
    }

    [Fact]
    public async Task Each_filter_of_a_subscription_has_its_own_answer_in_its_own_place()
    {
        await using var broker = await StartAsync(new());
        var (client, _) = await PlainAsync(broker.Embedded.Connection(BrokerRole.Reader));
        using var reader = client;
        var options = new MqttClientSubscribeOptions
        {
            TopicFilters =
            [
                new MqttTopicFilter { Topic = "sensorhub/1/+/status", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce },
                new MqttTopicFilter { Topic = "sensorhub/1/+/command", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce },
                new MqttTopicFilter { Topic = "sensorhub/1/+/sensors/+/status", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce },
                new MqttTopicFilter { Topic = "$share/g/sensorhub/1/+/status", QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce },
            ],
        };
        Assert.Equal(
            [MqttClientSubscribeResultCode.GrantedQoS0, MqttClientSubscribeResultCode.NotAuthorized, MqttClientSubscribeResultCode.GrantedQoS1, MqttClientSubscribeResultCode.SharedSubscriptionsNotSupported],
            (await reader.SubscribeAsync(options, Patience.Token)).Items.Select(i => i.ResultCode));
    }

    [Fact]
    public async Task Hostile_topics_are_refused_and_the_connection_goes_on()
    {
        await using var broker = await StartAsync(new());
        var (client, _) = await PlainAsync(broker.Connection); // even of the hub
        using var hub = client;
        var own = "sensorhub/1/studio-1";
        foreach (var topic in new[] { $"{own}/{new string('x', 300)}", $"{own}/" + string.Join('/', Enumerable.Repeat("a", 20)), $"{own}/a\0b" })
            Assert.Equal(MqttClientPublishReasonCode.TopicNameInvalid, (await hub.PublishAsync(Message(topic, "x"), Patience.Token)).ReasonCode);
        foreach (var topic in new[] { "$SYS/broker/version", "$share/g/x", "sensorhub", "/", "sensorhub//1/studio-1", "SENSORHUB/1/studio-1/status", "sensorhub/2/studio-1/status" })
            Assert.Equal((topic, MqttClientPublishReasonCode.NotAuthorized), (topic, (await hub.PublishAsync(Message(topic, "x"), Patience.Token)).ReasonCode));
        foreach (var filter in new[] { new string('x', 300), string.Join('/', Enumerable.Repeat("+", 20)) })
            Assert.Equal(MqttClientSubscribeResultCode.TopicFilterInvalid, await SubscribeAsync(hub, filter));
        Assert.Equal(3 + 7 + 2, broker.Embedded.Refused);
        Assert.True((await hub.PublishAsync(Message(Topics.HubStatus(Samples.Hub), "still here"), Patience.Token)).IsSuccess);
    }

    [Fact]
    public async Task A_raw_client_cannot_publish_to_a_wildcard_nor_by_a_name_that_it_never_gave()
    {
        await using var broker = await StartAsync(new());
        var (link, subscription) = await broker.ReaderAsync("sensorhub/1/#");
        await using var _ = link;
        foreach (var (topic, alias) in new (string, ushort)[] { ("sensorhub/1/#", 0), ("sensorhub/1/+/command", 0), ("", 7), ("sensorhub/1/studio-1/status", 33) })
        {
            using var raw = await StrangerAsync(broker);
            await RawMqtt.SignInAsync(raw.GetStream(), broker.Connection.User!, broker.Connection.Password!, $"raw-{alias}-{topic.Length}");
            await RawMqtt.PublishAsync(raw.GetStream(), topic, alias, "hostile");
        }
        await link.PublishAsync(Message(Topics.HubStatus(Samples.Hub), "the only one"), Patience.Token);
        Assert.Equal("the only one", (await subscription.NextAsync()).Text());
    }

    [Fact]
    public async Task A_will_is_published_only_where_its_client_may()
    {
        await using var broker = await StartAsync(new());
        var (link, subscription) = await broker.ReaderAsync("sensorhub/1/#");
        await using var _ = link;
        var account = broker.Embedded.Connection(BrokerRole.Control);
        foreach (var topic in new[] { Topics.HubStatus(Samples.Hub), Command })
        {
            using var client = new MqttClientFactory().CreateMqttClient();
            await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer(account.Host, account.Port).WithCredentials(account.User, account.Password)
                .WithWillTopic(topic).WithWillPayload("will").WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), Patience.Token);
            client.Dispose(); // without a word
        }
        var will = await subscription.NextAsync();
        Assert.Equal((Command, "will"), (will.Topic, will.Text()));
        await Patience.Until(() => broker.Embedded.Refused == 1, "the other is refused");
        Assert.Equal(1, subscription.Received);
    }

    [Fact]
    public async Task Only_who_may_retains_and_only_so_much()
    {
        await using var broker = await StartAsync(new() { Retained = 10 });
        var (phone, _) = await PlainAsync(broker.Embedded.Connection(BrokerRole.Control), id: "phone");
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await phone.PublishAsync(Message(Command, "{}", retain: true), Patience.Token)).ReasonCode);
        var (hub, _) = await PlainAsync(broker.Connection, id: "hub");
        for (var i = 0; i < 10; i++)
            await Publish(i, "x", MqttClientPublishReasonCode.NoMatchingSubscribers);
        await Publish(10, "x", MqttClientPublishReasonCode.QuotaExceeded);
        await Publish(3, "y", MqttClientPublishReasonCode.NoMatchingSubscribers);
        await Publish(3, "", MqttClientPublishReasonCode.NoMatchingSubscribers);
        await Publish(10, "x", MqttClientPublishReasonCode.NoMatchingSubscribers);
        phone.Dispose();
        hub.Dispose();

        async Task Publish(int sensor, string text, MqttClientPublishReasonCode expected) =>
            Assert.Equal(expected, (await hub.PublishAsync(Message($"sensorhub/1/studio-1/sensors/s-{sensor}/status", text, retain: true), Patience.Token)).ReasonCode);
    }

    [Fact]
    public async Task Nobody_takes_an_id_that_is_kept_for_another_role()
    {
        await using var broker = await StartAsync(new());
        foreach (var (id, role, granted) in new[]
        {
            ("sensorhub-hub-home", BrokerRole.Reader, false), ("sensorhub-hub-home", BrokerRole.Bridge, false), ("sensorhub-bridge-store-home", BrokerRole.Control, false),
            ("sensorhub-web-home", BrokerRole.Reader, false), ("sensorhub-web-home", BrokerRole.Control, true), ("sensorhub-bridge-store-home", BrokerRole.Bridge, true),
            ("sensorhub-hub-home", BrokerRole.Hub, true), ("sensorhub-hub", BrokerRole.Reader, true),
        })
        {
            var (client, result) = await PlainAsync(broker.Embedded.Connection(role), id: id);
            Assert.Equal((id, role, granted), (id, role, result.ResultCode == MqttClientConnectResultCode.Success));
            client.Dispose();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public async Task Keep_alive_is_bounded_and_the_client_is_told(int asked)
    {
        await using var broker = await StartAsync(new() { KeepAlive = TimeSpan.FromSeconds(60) });
        var account = broker.Embedded.Connection(BrokerRole.Reader);
        using var client = new MqttClientFactory().CreateMqttClient();
        var result = await client.ConnectAsync(new MqttClientOptionsBuilder().WithProtocolVersion(MqttProtocolVersion.V500).WithTcpServer(account.Host, account.Port)
            .WithCredentials(account.User, account.Password).WithKeepAlivePeriod(TimeSpan.FromSeconds(asked)).Build(), Patience.Token);
        Assert.Equal<(int, int, uint?)>((60, 32, 262_144), (result.ServerKeepAlive, result.TopicAliasMaximum, result.MaximumPacketSize));
    }

    [Fact]
    public void Limits_out_of_range_are_refused_with_the_range()
    {
        foreach (var limits in new BrokerLimits[]
        {
            new() { Connections = 0 }, new() { ConnectionsPerAccount = 0 }, new() { ConnectionsPerAddress = 10_001 }, new() { SigningIn = 3 }, new() { SignInTimeout = TimeSpan.Zero },
            new() { MessagesPerSecond = 0 }, new() { MessageBurst = -1 }, new() { BytesPerSecond = 1 }, new() { ByteBurst = 1 }, new() { Subscriptions = 0 }, new() { TopicBytes = 10 },
            new() { TopicLevels = 1 }, new() { KeepAlive = TimeSpan.Zero }, new() { Retained = 0 }, new() { RetainedBytes = 0 },
        })
            Assert.Matches("^The embedded MQTT broker's limit of .* is [0-9]+ to [0-9]+, not ", Assert.Throws<UserException>(limits.Validate).Message);
        new BrokerLimits().Validate();
    }

    /// <summary>Moves the clock until the task ends; the broker may not have come to its wait yet.</summary>
    private static async Task AdvanceUntil(FakeTimeProvider time, Task task)
    {
        var token = Patience.Token;
        while (!task.IsCompleted)
        {
            Assert.False(token.IsCancellationRequested, "In 60 s it did not end.");
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None));
        }
        await task;
    }

    private static async Task<TcpClient> StrangerAsync(TestBroker broker)
    {
        var stranger = new TcpClient();
        await stranger.ConnectAsync(IPAddress.Loopback, broker.Embedded.Port, Patience.Token);
        return stranger;
    }

    private static async Task EndAsync(TcpClient client)
    {
        try
        {
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Patience.Token));
        }
        catch (IOException)
        {
            // reset instead of closed: closed all the same
        }
    }

    private static async Task<MqttClientSubscribeResultCode> SubscribeAsync(IMqttClient client, string filter) =>
        (await client.SubscribeAsync(new MqttClientSubscribeOptions { TopicFilters = [new MqttTopicFilter { Topic = filter }] }, Patience.Token)).Items.Single().ResultCode;
}

using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Mqtt.Tests.Contract;
using static SensorHub.Mqtt.Tests.TestBroker;

namespace SensorHub.Mqtt.Tests.Subscribing;

public sealed class MqttSubscriptionTests
{
    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task What_was_not_acknowledged_comes_again_after_a_reconnect_and_what_was_does_not(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        await using var way = new Relay(broker.Connection.Port);
        await using var bridge = new MqttLink(
            broker.Connection with { Port = way.Port },
            new() { ClientId = "bridge", SessionExpiry = TimeSpan.FromHours(1), FirstRetry = TimeSpan.FromMilliseconds(5) }, TimeProvider.System);
        var subscription = bridge.Subscribe("n", new() { ManualAcknowledgement = true, Capacity = 100 });
        await bridge.ConnectAsync(Patience.Token);
        await using var sender = broker.Link("sender");
        await sender.ConnectAsync(Patience.Token);
        foreach (var text in new[] { "a", "b", "c" })
            await sender.PublishAsync(Message("n", text), Patience.Token);
        var first = await subscription.NextAsync();
        var second = await subscription.NextAsync();
        var third = await subscription.NextAsync();
        Assert.Equal("abc", first.Text() + second.Text() + third.Text());
        Assert.True(await first.AcknowledgeAsync());
        // A message behind the acknowledgement on the same connection: when it is back, the broker has both.
        await bridge.PublishAsync(Message("n", "d"), Patience.Token);
        Assert.Equal("d", (await subscription.NextAsync()).Text());

        way.Cut();
        await Patience.Until(() => bridge is { Connections: 2, IsConnected: true }, "the bridge is back");
        await sender.PublishAsync(Message("n", "e"), Patience.Token);

        Assert.False(await second.AcknowledgeAsync()); // of the connection before: the broker would take it for another message
        foreach (var expected in new[] { "b", "c", "d", "e" })
        {
            var message = await subscription.NextAsync();
            Assert.Equal(expected, message.Text());
            Assert.True(await message.AcknowledgeAsync());
        }
        Assert.Equal(0, subscription.Messages.Count);
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task What_came_while_a_bridge_with_a_session_was_away_is_delivered_when_it_is_back(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        MqttLinkOptions Keep(MqttLinkOptions o) => o with { SessionExpiry = TimeSpan.FromHours(1) };
        await using (var before = broker.Link("bridge", Keep))
        {
            before.Subscribe("n");
            await before.ConnectAsync(Patience.Token);
        }
        await using var sender = broker.Link("sender");
        await sender.ConnectAsync(Patience.Token);
        for (var i = 0; i < 50; i++)
            await sender.PublishAsync(Message("n", $"{i}"), Patience.Token);

        await using var after = broker.Link("bridge", Keep);
        var subscription = after.Subscribe("n");
        await after.ConnectAsync(Patience.Token);
        for (var i = 0; i < 50; i++)
            Assert.Equal($"{i}", (await subscription.NextAsync()).Text());
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task Of_what_nobody_acknowledges_no_more_than_the_capacity_is_in_memory(BrokerKind kind)
    {
        const int capacity = 500;
        await using var broker = await StartAsync(kind, new() { MaxQueuedMessages = 2 * capacity }); // the embedded one knows no Receive Maximum
        await using var bridge = broker.Link("bridge", o => o with { SessionExpiry = TimeSpan.FromHours(1) });
        var subscription = bridge.Subscribe("n", new() { ManualAcknowledgement = true, Capacity = capacity });
        await bridge.ConnectAsync(Patience.Token);
        await using var sender = broker.Link("sender");
        await sender.ConnectAsync(Patience.Token);
        for (var i = 0; i < 20; i++)
            await Task.WhenAll(Enumerable.Range(0, 500).Select(n => sender.PublishAsync(Message("n", $"{i}-{n}"), Patience.Token)));
        Assert.InRange(subscription.Received, 1, 2 * capacity);
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_loses_the_oldest_and_the_loss_is_counted_when_told_so()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        var (reading, subscription) = await broker.ReaderAsync("n", new() { Capacity = 10, DropOldest = true });
        await using var _ = reading;
        await using var sender = broker.Link("sender");
        await sender.ConnectAsync(Patience.Token);
        for (var i = 0; i < 100; i++)
            await sender.PublishAsync(Message("n", $"{i}"), Patience.Token);
        await Patience.Until(() => subscription.Received == 100, "all have arrived");
        Assert.Equal(90, subscription.Dropped);
        Assert.Equal("90", (await subscription.NextAsync()).Text());
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task A_reader_that_must_not_lose_holds_up_the_broker_and_gets_everything(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        var (reading, subscription) = await broker.ReaderAsync("n", new() { Capacity = 20 });
        await using var _ = reading;
        await using var sender = broker.Link("sender");
        await sender.ConnectAsync(Patience.Token);
        await using var publisher = new Mqtt.Publishing.MessagePublisher(sender, new());
        const int Count = 1000;
        for (var i = 0; i < Count; i++)
            publisher.Publish(Message("n", $"{i}"));
        await Patience.Until(() => subscription.Messages.Count >= 20, "as many as may be unacknowledged have come");
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal($"{i}", (await subscription.NextAsync()).Text());
            Assert.InRange(subscription.Messages.Count, 0, kind == BrokerKind.Embedded ? 20 : 40); // mosquitto before 2.0.13 sends more than the Receive Maximum once acknowledgements flow
        }
        Assert.Equal(0, subscription.Dropped);
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task What_comes_again_after_a_reconnect_does_not_wait_twice(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        await using var way = new Relay(broker.Connection.Port);
        await using var bridge = new MqttLink(
            broker.Connection with { Port = way.Port },
            new() { ClientId = "bridge", SessionExpiry = TimeSpan.FromHours(1), FirstRetry = TimeSpan.FromMilliseconds(5) }, TimeProvider.System);
        var subscription = bridge.Subscribe("n", new() { ManualAcknowledgement = true, Capacity = 100 });
        await bridge.ConnectAsync(Patience.Token);
        await using var sender = broker.Link("sender");
        await sender.ConnectAsync(Patience.Token);
        for (var i = 0; i < 50; i++)
            await sender.PublishAsync(Message("n", $"{i}"), Patience.Token);
        await Patience.Until(() => subscription.Messages.Count == 50, "all have come");

        way.Cut();
        await Patience.Until(() => bridge is { Connections: 2, IsConnected: true } && subscription.Received == 100, "all have come again");

        Assert.Equal(50, subscription.Messages.Count);
        for (var i = 0; i < 50; i++)
        {
            var message = await subscription.NextAsync();
            Assert.Equal($"{i}", message.Text());
            Assert.True(await message.AcknowledgeAsync());
        }
    }

    [Fact]
    public async Task A_link_has_one_subscription_made_before_it_connects()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await using var link = broker.Link("x");
        var subscription = link.Subscribe("n");
        Assert.Throws<InvalidOperationException>(() => link.Subscribe("m"));
        await link.ConnectAsync(Patience.Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => link.ConnectAsync(Patience.Token));
        await link.DisposeAsync();
        Assert.False(await subscription.Messages.WaitToReadAsync(Patience.Token)); // ended
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        var link = new MqttLink(new("h", 1, null, null), new() { ClientId = "x" }, TimeProvider.System);
        Assert.Throws<ArgumentException>(() => link.Subscribe("n", new() { DropOldest = true, ManualAcknowledgement = true }));
        Assert.Throws<ArgumentOutOfRangeException>(() => link.Subscribe("n", new() { Capacity = 0 }));
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task Commands_reach_the_hub_as_markers_and_bad_ones_change_nothing(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        var messages = new HubMessages(Samples.Hub);
        await using var phone = broker.Link("phone");
        await phone.ConnectAsync(Patience.Token);
        var retained = messages.Command(new Marker.StandCalibration(TimeSpan.FromSeconds(9)));
        retained.Retain = true;
        await phone.PublishAsync(retained, Patience.Token);
        await using var hub = broker.Link("hub");
        var receiver = new CommandReceiver(hub, Samples.Hub);
        await hub.ConnectAsync(Patience.Token);
        using var stop = new CancellationTokenSource();
        var markers = new List<Marker>();
        var running = receiver.RunAsync(
            marker =>
            {
                markers.Add(marker);
                if (markers.Count == 2)
                    stop.Cancel();
            }, stop.Token);

        await phone.PublishAsync(messages.Command(new Marker.StandCalibration(TimeSpan.FromSeconds(5))), Patience.Token);
        await phone.PublishAsync(Message(Topics.Command(Samples.Hub), "{}"), Patience.Token);
        await phone.PublishAsync(messages.Command(new Marker.MuscleChosen(Muscle.Hamstrings, Side.Left)), Patience.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Patience.Token));
        Assert.Equal([new Marker.StandCalibration(TimeSpan.FromSeconds(5)), new Marker.MuscleChosen(Muscle.Hamstrings, Side.Left)], markers);
        Assert.Equal(2, receiver.Refused);
    }
}

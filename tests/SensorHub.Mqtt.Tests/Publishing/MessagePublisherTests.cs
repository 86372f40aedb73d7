using MQTTnet;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Publishing;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Mqtt.Tests.Contract;
using static SensorHub.Mqtt.Tests.TestBroker;

namespace SensorHub.Mqtt.Tests.Publishing;

public sealed class MessagePublisherTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task Every_kind_of_payload_arrives_as_it_was_written(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        var (reading, subscription) = await broker.ReaderAsync(Topics.All);
        await using var _ = reading;
        await using var link = broker.Link("hub");
        await link.ConnectAsync(Patience.Token);
        await using var publisher = new FeaturePublisher(link, new HubMessages(Samples.Hub), new());

        foreach (var (_, feature) in Samples.All)
            publisher.Publish(feature);
        await publisher.FlushAsync(Patience.Token);

        foreach (var (_, feature) in Samples.All)
        {
            var message = await subscription.NextAsync();
            var read = PayloadReader.Read(message.Topic, message.Payload.Span);
            Assert.Equal(FeaturePayloads.From(feature), read.Payload);
            Assert.Equal("application/json", message.ContentType);
            Assert.Equal(read.Payload!.Schema, message.Property("schema"));
            Assert.Equal(read.Payload.Session, message.Property("session"));
        }
        Assert.Equal(new PublisherCounts(Samples.All.Count(), 0, 0, 0), publisher.Counts);
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task Ten_thousand_messages_arrive_in_order_and_flush_ends_when_they_are_acknowledged(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        var (reading, subscription) = await broker.ReaderAsync(Topics.All);
        await using var _ = reading;
        await using var link = broker.Link("hub");
        await link.ConnectAsync(Patience.Token);
        await using var publisher = new FeaturePublisher(link, new HubMessages(Samples.Hub), new() { Capacity = 500 });
        var rolling = (RollingEstimate)Samples.All.Single(s => s.Name == "rolling").Feature;

        const int Count = 10_000;
        var start = TimeProvider.System.GetTimestamp();
        var checking = Task.Run(async () =>
        {
            for (var i = 1; i <= Count; i++)
            {
                var message = await subscription.NextAsync();
                Assert.Equal(i, Assert.IsType<RollingPayload>(PayloadReader.Read(message.Topic, message.Payload.Span).Payload).Strokes);
            }
        });
        for (var i = 1; i <= Count; i++)
            publisher.Publish(rolling with { Strokes = i });
        await publisher.FlushAsync(Patience.Token);
        var acknowledged = TimeProvider.System.GetElapsedTime(start);

        Assert.Equal(new PublisherCounts(Count, 0, 0, 0), publisher.Counts);
        await checking;
        output.WriteLine($"{kind}: {Count} messages acknowledged in {acknowledged.TotalSeconds:0.00} s, {Count / acknowledged.TotalSeconds:0}/s; read after {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.00} s.");
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task Over_lost_connections_nothing_is_lost_and_nothing_new_overtakes(BrokerKind kind)
    {
        await using var broker = await StartAsync(kind);
        var (reading, subscription) = await broker.ReaderAsync("n");
        await using var _ = reading;
        await using var way = new Relay(broker.Connection.Port);
        await using var link = new MqttLink(broker.Connection with { Port = way.Port }, new() { ClientId = "hub", FirstRetry = TimeSpan.FromMilliseconds(5) }, TimeProvider.System);
        await link.ConnectAsync(Patience.Token);
        await using var publisher = new MessagePublisher(link, new());

        const int Count = 2000;
        for (var i = 1; i <= Count; i++)
        {
            publisher.Publish(Message("n", $"{i}"));
            if (i % 500 == 0)
                way.Cut();
        }
        await publisher.FlushAsync(Patience.Token);

        Assert.Equal(new PublisherCounts(Count, 0, 0, 0), publisher.Counts);
        var newest = 0;
        while (newest < Count)
        {
            var number = int.Parse((await subscription.NextAsync()).Text());
            Assert.True(number <= newest + 1, $"{number} came after {newest}");
            newest = Math.Max(newest, number);
        }
    }

    [Fact]
    public async Task What_was_published_while_the_broker_was_away_arrives_when_it_is_back()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await using var link = broker.Link("hub");
        await link.ConnectAsync(Patience.Token);
        await using var publisher = new MessagePublisher(link, new());
        await broker.StopAsync();
        await Patience.Until(() => !link.IsConnected, "the link is down");
        for (var i = 0; i < 100; i++)
            publisher.Publish(Message("n", $"{i}", retain: i == 99));
        Assert.Equal(100, publisher.Counts.Waiting);

        await broker.StartAgainAsync();
        await publisher.FlushAsync(Patience.Token);

        Assert.Equal(100, publisher.Counts.Published);
        var (reading, subscription) = await broker.ReaderAsync("n");
        Assert.Equal("99", (await subscription.NextAsync()).Text());
        await reading.DisposeAsync();
    }

    [Fact]
    public async Task A_full_queue_drops_the_oldest_and_counts_them_when_told_so()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await using var link = broker.Link("hub"); // not connected yet
        await using var publisher = new MessagePublisher(link, new() { Capacity = 10, DropOldest = true });
        for (var i = 1; i <= 35; i++)
            publisher.Publish(Message("n", $"{i}"));
        Assert.Equal(new PublisherCounts(0, 25, 0, 10), publisher.Counts);

        var (reading, subscription) = await broker.ReaderAsync("n");
        await using var _ = reading;
        await link.ConnectAsync(Patience.Token);
        await publisher.FlushAsync(Patience.Token);

        Assert.Equal(new PublisherCounts(10, 25, 0, 0), publisher.Counts);
        for (var i = 26; i <= 35; i++)
            Assert.Equal($"{i}", (await subscription.NextAsync()).Text());
    }

    [Fact]
    public async Task A_full_queue_makes_the_publishing_thread_wait_otherwise_and_the_end_frees_it()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await using var link = broker.Link("hub"); // never connected
        var publisher = new MessagePublisher(link, new() { Capacity = 3 });
        var taken = 0;
        var publishing = Task.Run(() =>
        {
            for (; taken < 5; taken++)
                publisher.Publish(Message("n", "x"));
        });
        await Patience.Until(() => publisher.Counts.Waiting == 3, "the queue is full");
        Assert.Equal(3, taken);
        Assert.False(publishing.IsCompleted);
        var flush = publisher.FlushAsync();

        await publisher.DisposeAsync();

        await publishing.WaitAsync(Patience.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publisher.FlushAsync());
        Assert.Equal(new PublisherCounts(0, 5, 0, 0), publisher.Counts);
    }

    [Fact]
    public async Task What_the_broker_refuses_and_what_cannot_be_written_is_counted_and_does_not_stop_the_rest()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await using var link = new MqttLink(broker.Embedded.Connection(Mqtt.Broker.BrokerRole.Reader), new() { ClientId = "tool" }, TimeProvider.System);
        await link.ConnectAsync(Patience.Token);
        await using var publisher = new FeaturePublisher(link, new HubMessages(Samples.Hub), new());
        var posture = (PostureEstimate)Samples.All.First().Feature;
        var rolling = (RollingEstimate)Samples.All.Single(s => s.Name == "rolling").Feature;

        publisher.Publish(posture);
        publisher.Publish(rolling with { Speed = double.NaN });
        await publisher.FlushAsync(Patience.Token);

        Assert.Equal(new PublisherCounts(0, 0, 2, 0), publisher.Counts);
        Assert.True(link.IsConnected);
    }

    [Fact]
    public async Task Raw_frames_and_their_descriptor_are_published_only_when_asked_for()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        var (reading, subscription) = await broker.ReaderAsync("sensorhub/1/+/frames/#");
        await using var _ = reading;
        await using var link = broker.Link("hub");
        await link.ConnectAsync(Patience.Token);
        byte[] descriptor = [1, 0, 7], frame = [1, 0, 9, 8];
        SensorRecord[] records = [new SensorRecord.Described(Samples.Time, Samples.Clip, descriptor), new SensorRecord.Frame(Samples.Time, Samples.Clip, frame)];

        await using (var quiet = new FeaturePublisher(link, new HubMessages(Samples.Hub), new()))
        {
            foreach (var record in records)
                quiet.Publish(record);
            await quiet.FlushAsync(Patience.Token);
            Assert.Equal(default, quiet.Counts);
        }
        await using var publisher = new FeaturePublisher(link, new HubMessages(Samples.Hub), new(), rawFrames: true);
        foreach (var record in records)
            publisher.Publish(record);
        await publisher.FlushAsync(Patience.Token);

        var described = await subscription.NextAsync();
        Assert.Equal("sensorhub/1/studio-1/frames/clip-1/descriptor", described.Topic);
        Assert.Equal(descriptor, described.Payload.ToArray());
        var received = await subscription.NextAsync();
        Assert.Equal("sensorhub/1/studio-1/frames/clip-1", received.Topic);
        Assert.Equal(frame, received.Payload.ToArray());
        Assert.Equal("frame/1", received.Property("schema"));
        Assert.Equal("2026-01-31T12:00:00.123456789Z", received.Property("time"));
    }

    [Fact]
    public async Task It_observes_streams_and_outlives_them()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await using var link = broker.Link("hub");
        await link.ConnectAsync(Patience.Token);
        await using var publisher = new FeaturePublisher(link, new HubMessages(Samples.Hub), new());
        IObserver<Feature> observer = publisher;
        observer.OnNext(Samples.All.First().Feature);
        observer.OnError(new InvalidOperationException());
        observer.OnCompleted();
        observer.OnNext(Samples.All.First().Feature);
        await publisher.FlushAsync(Patience.Token);
        Assert.Equal(2, publisher.Counts.Published);
    }

    [Fact]
    public async Task A_reader_that_speaks_only_3_1_1_gets_the_same_payloads()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        var (client, _) = await PlainAsync(broker.Connection, MQTTnet.Formatter.MqttProtocolVersion.V311, "old");
        using var old = client;
        var arrived = new TaskCompletionSource<MqttApplicationMessage>();
        old.ApplicationMessageReceivedAsync += e =>
        {
            arrived.TrySetResult(e.ApplicationMessage);
            return Task.CompletedTask;
        };
        await old.SubscribeAsync(Topics.All, MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce, Patience.Token);
        await using var link = broker.Link("hub");
        await link.ConnectAsync(Patience.Token);
        await using var publisher = new FeaturePublisher(link, new HubMessages(Samples.Hub), new());
        publisher.Publish(Samples.All.First().Feature);

        var message = await arrived.Task.WaitAsync(Patience.Token);
        Assert.Equal(FeaturePayloads.From(Samples.All.First().Feature), PayloadReader.Read(message.Topic, message.PayloadSegment()).Payload);
    }
}

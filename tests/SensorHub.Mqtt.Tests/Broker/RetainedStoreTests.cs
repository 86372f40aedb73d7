using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Tests.Contract;
using static SensorHub.Mqtt.Tests.TestBroker;

namespace SensorHub.Mqtt.Tests.Broker;

public sealed class RetainedStoreTests : IDisposable
{
    private readonly string _folder = ServerProcess.NewFolder();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly Lines _log = new();

    private string FilePath => Path.Combine(_folder, "retained.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private RetainedStore Open(BrokerLimits? limits = null) => new(FilePath, limits ?? new(), _time, _log);

    private static string[] Texts(RetainedStore store) => [.. store.Messages.OrderBy(m => m.Topic, StringComparer.Ordinal).Select(m => $"{m.Topic}={m.Text()}")];

    [Fact]
    public void What_was_kept_is_there_without_the_store_being_closed()
    {
        var store = Open(); // and never disposed, as by kill −9
        store.Keep(Message("a", "1"));
        store.Keep(Message("b", "2"));
        store.Keep(Message("a", "3"));
        store.Keep(Message("b", ""));
        store.Keep(Message("c", "ü\n\0\"", retain: true));
        using var again = Open();
        Assert.Equal(["a=3", "c=ü\n\0\""], Texts(again));
        Assert.Empty(_log.All);
        store.Dispose();
    }

    [Fact]
    public void A_message_keeps_all_it_has()
    {
        var message = new MqttApplicationMessage
        {
            Topic = "sensorhub/1/home/status", PayloadSegment = new byte[] { 0, 255, 10 }, QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce, ContentType = "application/json",
            PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData, ResponseTopic = "r", CorrelationData = [1, 2], Retain = true,
            UserProperties = [new MqttUserProperty("schema", (ReadOnlyMemory<byte>)"hub/1"u8.ToArray()), new MqttUserProperty("schema", (ReadOnlyMemory<byte>)"ü"u8.ToArray())],
        };
        using (var store = Open())
            store.Keep(message);
        using var again = Open();
        var read = Assert.Single(again.Messages);
        Assert.Equal(message.PayloadSegment().ToArray(), read.PayloadSegment().ToArray());
        Assert.Equal(
            (message.Topic, message.QualityOfServiceLevel, message.ContentType, message.PayloadFormatIndicator, message.ResponseTopic, true, "hub/1|ü", 0u),
            (read.Topic, read.QualityOfServiceLevel, read.ContentType, read.PayloadFormatIndicator, read.ResponseTopic, read.Retain, string.Join('|', read.UserProperties.Select(p => p.ReadValueAsString())), read.MessageExpiryInterval));
        Assert.Equal(message.CorrelationData, read.CorrelationData);
    }

    [Fact]
    public void A_message_that_expires_does_so_over_a_restart()
    {
        using (var store = Open())
        {
            store.Keep(new MqttApplicationMessage { Topic = "a", PayloadSegment = "x"u8.ToArray(), MessageExpiryInterval = 60 });
            store.Keep(new MqttApplicationMessage { Topic = "b", PayloadSegment = "x"u8.ToArray(), MessageExpiryInterval = 600 });
        }
        _time.Advance(TimeSpan.FromSeconds(61));
        using var again = Open();
        Assert.Equal(("b", 539u), (Assert.Single(again.Messages).Topic, again.Messages.Single().MessageExpiryInterval));
    }

    [Fact]
    public void A_line_cut_off_by_a_crash_was_never_acknowledged_and_is_dropped_without_a_word()
    {
        using (var store = Open())
        {
            store.Keep(Message("a", "1"));
            store.Keep(Message("a", "2"));
        }
        var bytes = File.ReadAllBytes(FilePath);
        File.WriteAllBytes(FilePath, bytes[..^5]);
        using var again = Open();
        Assert.Equal(["a=1"], Texts(again));
        Assert.Empty(_log.All);
        again.Keep(Message("b", "3"));
        using var third = Open();
        Assert.Equal(["a=1", "b=3"], Texts(third));
    }

    [Theory]
    [InlineData("not json\n")]
    [InlineData("{}\n")]
    [InlineData("null\n")]
    [InlineData("{\"topic\":\"x\",\"payload\":\"%%%\",\"qos\":1}\n")]
    [InlineData("{\"topic\":\"a/#\",\"payload\":\"eA==\",\"qos\":1}\n")]
    [InlineData("{\"topic\":\"x\",\"payload\":\"eA==\",\"qos\":9}\n")]
    [InlineData("{\"topic\":\"x\",\"payload\":\"eA==\",\"qos\":1,\"properties\":[[\"one\"]]}\n")]
    [InlineData("\0\0\0\0\n")]
    public void A_damaged_file_is_kept_aside_with_one_line_and_what_can_be_read_is_used(string damage)
    {
        using (var store = Open())
            store.Keep(Message("a", "1"));
        File.WriteAllText(FilePath, damage + File.ReadAllText(FilePath));
        using var again = Open();
        Assert.Equal(["a=1"], Texts(again));
        var line = Assert.Single(_log.All);
        Assert.Equal($"Of the retained messages in {FilePath} 1 line(s) cannot be read: the other 1 message(s) are there, and the file is kept as {FilePath}.damaged-20260131-120000.", line);
        Assert.StartsWith(damage, File.ReadAllText(FilePath + ".damaged-20260131-120000"));
        _log.All.Clear();
        using var third = Open();
        Assert.Empty(_log.All);
    }

    [Fact]
    public void The_file_does_not_grow_with_what_is_replaced()
    {
        using var store = Open();
        for (var i = 0; i < 20_000; i++)
            store.Keep(Message("sensorhub/1/home/sensors/clip/status", $"{i} {new string('x', 400)}"));
        Assert.InRange(new FileInfo(FilePath).Length, 400, 1_100_000);
        using var again = Open();
        Assert.StartsWith("19999 ", Assert.Single(again.Messages).Text());
    }

    [Fact]
    public void There_is_room_for_so_many_bytes_and_no_more()
    {
        using var store = Open(new() { RetainedBytes = 64 * 1024 });
        var big = Message("a", new string('x', 60_000));
        Assert.True(store.HasRoom(big));
        store.Keep(big);
        Assert.False(store.HasRoom(Message("b", new string('x', 6_000))));
        Assert.True(store.HasRoom(big));
        Assert.True(store.HasRoom(Message("b", "")));
        Assert.True(store.HasRoom(Message("b", new string('x', 5_000))));
    }

    [Fact]
    public void A_disk_that_cannot_be_written_is_said_once_and_made_good_later()
    {
        using var store = Open();
        store.Keep(Message("a", "1"));
        Directory.CreateDirectory(FilePath + ".tmp"); // writing anew fails
        store.Dispose(); // and so does writing on
        store.Keep(Message("a", "2"));
        store.Keep(Message("a", "3"));
        Assert.Contains("cannot be written", Assert.Single(_log.All));
        Directory.Delete(FilePath + ".tmp");
        store.Keep(Message("b", "4"));
        Assert.Equal(2, _log.All.Count);
        using var again = Open();
        Assert.Equal(["a=3", "b=4"], Texts(again));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_one_clear_line()
    {
        Directory.CreateDirectory(FilePath);
        var error = Assert.Throws<UserException>(() => Open());
        Assert.Contains(FilePath, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task A_broker_that_is_started_again_has_what_it_retained()
    {
        var options = new EmbeddedBrokerOptions { RetainedFile = FilePath };
        await using var broker = await StartAsync(BrokerKind.Embedded, options, rights: true);
        var hub = broker.Link("hub");
        await hub.ConnectAsync(Patience.Token);
        var messages = new HubMessages(Samples.Hub);
        await hub.PublishAsync(messages.Status(online: true, Samples.Time), Patience.Token);
        await hub.PublishAsync(Message(Topics.Posture(Samples.Hub, Topics.NoSubject), "not retained"), Patience.Token);
        // What is on disk now is what a kill −9 leaves.
        var copy = Path.Combine(_folder, "copy.jsonl");
        File.Copy(FilePath, copy);
        await hub.DisposeAsync();

        await using var second = await StartAsync(BrokerKind.Embedded, options with { RetainedFile = copy }, rights: true);
        var (link, subscription) = await second.ReaderAsync("sensorhub/1/#");
        await using var _ = link;
        var kept = await subscription.NextAsync();
        Assert.Equal((Topics.HubStatus(Samples.Hub), true, "application/json", Schemas.Hub), (kept.Topic, kept.Retained, kept.ContentType, kept.Property("schema")));
        Assert.True(PayloadReader.Read(kept.Topic, kept.Payload.Span).Status == PayloadStatus.Ok);
        Assert.Equal(1, subscription.Received);
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                All.Add(formatter(state, exception));
        }
    }
}

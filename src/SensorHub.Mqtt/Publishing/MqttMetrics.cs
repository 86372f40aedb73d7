using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using SensorHub.Mqtt.Outbox;

namespace SensorHub.Mqtt.Publishing;

/// <summary>The meter <c>SensorHub.Mqtt</c>: what the publishers of this process count, each with a tag that names it.</summary>
internal static class MqttMetrics
{
    private static readonly ConcurrentDictionary<OutboxPublisher, bool> Outboxes = new();
    private static readonly ConcurrentDictionary<MessagePublisher, string> Publishers = new();
    private static readonly Meter Meter = new("SensorHub.Mqtt");

    static MqttMetrics()
    {
        Gauge("sensorhub.outbox.waiting", "{message}", "Messages in the outbox, sent or not", h => h.Waiting);
        Gauge("sensorhub.outbox.unconfirmed", "{message}", "Messages sent, and not confirmed by every output", h => h.Unconfirmed);
        Gauge("sensorhub.outbox.bytes", "By", "Size of the outbox on the disk", h => h.Bytes);
        Gauge("sensorhub.outbox.oldest_age", "s", "Time that the oldest message has been in the outbox", h => (long)h.OldestAge.TotalSeconds);
        Gauge("sensorhub.outbox.unwritten", "{message}", "Messages that are not on the disk yet", h => h.Unwritten);
        Counter("sensorhub.outbox.sent", "Messages given to the broker, each time", h => h.Sent);
        Counter("sensorhub.outbox.resent", "Of them: sent before", h => h.Resent);
        Counter("sensorhub.outbox.confirmed", "Messages that every output has", h => h.Confirmed);
        Counter("sensorhub.outbox.dropped", "Messages given up for want of room, or for their age", h => h.Dropped);
        Counter("sensorhub.outbox.refused", "Messages that the broker or the contract refuses", h => h.Refused);
        Published("sensorhub.publisher.published", "Messages acknowledged, or sent at most once", c => c.Published);
        Published("sensorhub.publisher.dropped", "Messages given up because the queue was full, or on leaving", c => c.Dropped);
        Published("sensorhub.publisher.refused", "Messages that the broker or the contract refuses", c => c.Refused);
        Meter.CreateObservableGauge("sensorhub.publisher.waiting", () => Publishers.Select(p => Of(p, c => c.Waiting)), "{message}", "Messages in the queue or on their way");
    }

    public static IDisposable Watch(OutboxPublisher publisher)
    {
        Outboxes[publisher] = true;
        return new Watched(() => Outboxes.TryRemove(publisher, out _));
    }

    public static IDisposable Watch(MessagePublisher publisher, string client)
    {
        Publishers[publisher] = client;
        return new Watched(() => Publishers.TryRemove(publisher, out _));
    }

    private static void Gauge(string name, string unit, string description, Func<OutboxHealth, long> value) =>
        Meter.CreateObservableGauge(name, () => Outboxes.Keys.Select(o => Of(o, value)), unit, description);

    private static void Counter(string name, string description, Func<OutboxHealth, long> value) =>
        Meter.CreateObservableCounter(name, () => Outboxes.Keys.Select(o => Of(o, value)), "{message}", description);

    private static void Published(string name, string description, Func<PublisherCounts, long> value) =>
        Meter.CreateObservableCounter(name, () => Publishers.Select(p => Of(p, value)), "{message}", description);

    private static Measurement<long> Of(OutboxPublisher outbox, Func<OutboxHealth, long> value) =>
        outbox.Health is var health ? new(value(health), new KeyValuePair<string, object?>("destination", health.Destination)) : default;

    private static Measurement<long> Of(KeyValuePair<MessagePublisher, string> publisher, Func<PublisherCounts, long> value) =>
        new(value(publisher.Key.Counts), new KeyValuePair<string, object?>("client", publisher.Value));

    private sealed class Watched(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}

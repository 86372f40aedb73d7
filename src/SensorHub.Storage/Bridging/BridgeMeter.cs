using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using SensorHub.Core;

namespace SensorHub.Storage.Bridging;

/// <summary>What bridges do, for whoever listens to the meter <c>SensorHub.Storage</c>: <c>sensorhub.bridge.…</c>, with the tag <c>output</c>.</summary>
internal sealed class BridgeMeter(Slug output)
{
    private static readonly Meter Meter = new("SensorHub.Storage");
    private static readonly ConcurrentDictionary<Bridge, bool> Running = new();

    private static readonly Counter<long> ReceivedCounter = Meter.CreateCounter<long>("sensorhub.bridge.received", "{message}", "Messages taken from the broker.");
    private static readonly Counter<long> StoredCounter = Meter.CreateCounter<long>("sensorhub.bridge.stored", "{point}", "Points written; one that came twice counts twice.");
    private static readonly Counter<long> IgnoredCounter = Meter.CreateCounter<long>("sensorhub.bridge.ignored", "{message}", "Messages that are not meant to be stored.");
    private static readonly Counter<long> PassedOverCounter = Meter.CreateCounter<long>("sensorhub.bridge.passed_over", "{message}", "Messages that came again behind what corrects them.");
    private static readonly Counter<long> QuarantinedCounter = Meter.CreateCounter<long>("sensorhub.bridge.quarantined", "{message}", "Messages that cannot be stored and were set aside, by reason.");
    private static readonly Counter<long> RetriesCounter = Meter.CreateCounter<long>("sensorhub.bridge.retries", "{write}", "Writes that failed and were tried again.");

    private readonly KeyValuePair<string, object?> _output = new("output", output.ToString());

    static BridgeMeter()
    {
        Meter.CreateObservableGauge("sensorhub.bridge.waiting", () => Each(s => (long)s.Waiting), "{message}", "Messages received and not yet stored.");
        Meter.CreateObservableGauge("sensorhub.bridge.lag", () => Each(s => s.Lag.TotalSeconds), "s", "How long the oldest of them has waited.");
        Meter.CreateObservableGauge("sensorhub.bridge.fault", () => Each(s => s.Fault is null ? 0L : s.NeedsPerson ? 2L : 1L), "1", "0: it takes points; 1: it is away; 2: it stays so until a person mends it.");
        Meter.CreateObservableGauge("sensorhub.bridge.quarantine_dropped", () => Each(s => s.Dropped), "{message}", "Messages that the quarantine had no room for any more.");
    }

    /// <summary>The bridge's gauges are there until this is disposed.</summary>
    public static IDisposable Register(Bridge bridge)
    {
        Running.TryAdd(bridge, true);
        return new Registration(bridge);
    }

    public void Received() => ReceivedCounter.Add(1, _output);

    public void Stored(int points) => StoredCounter.Add(points, _output);

    public void Ignored() => IgnoredCounter.Add(1, _output);

    public void PassedOver() => PassedOverCounter.Add(1, _output);

    public void Quarantined(string reason) => QuarantinedCounter.Add(1, _output, new KeyValuePair<string, object?>("reason", reason));

    public void Retried() => RetriesCounter.Add(1, _output);

    private static IEnumerable<Measurement<T>> Each<T>(Func<BridgeStatus, T> value) where T : struct =>
        Running.Keys.Select(bridge => bridge.Status).Select(status => new Measurement<T>(value(status), new KeyValuePair<string, object?>("output", status.Id.ToString())));

    private sealed class Registration(Bridge bridge) : IDisposable
    {
        public void Dispose() => Running.TryRemove(bridge, out _);
    }
}

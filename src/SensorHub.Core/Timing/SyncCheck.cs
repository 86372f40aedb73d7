using SensorHub.Core.Orientation;
using SensorHub.Core.Sessions;
using SensorHub.Core.Units;

namespace SensorHub.Core.Timing;

/// <summary>
/// Checks that sensors are in step: a person knocks two of them together, both feel it in one instant, and the difference of
/// their stamps is the error of the time axis between them. Begun by <see cref="Marker.SyncCheck"/>; a function of packets and markers.
/// </summary>
public sealed class SyncCheck
{
    /// <summary>After the end: a sensor that has gone silent is not waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SyncCheckOptions _options;
    private readonly SortedDictionary<Slug, KnockDetector> _sensors = [];
    private (Timestamp From, Timestamp To)? _span;

    /// <param name="options">Null = defaults.</param>
    public SyncCheck(SyncCheckOptions? options = null) => _options = options ?? new SyncCheckOptions();

    /// <summary>Begins a check; ends one that runs, with the session.</summary>
    public IReadOnlyList<SyncChecked> Mark(Timestamp at, Marker marker)
    {
        if (marker is Marker.SyncCheck check)
        {
            _sensors.Clear();
            _span = (at, at + check.Duration);
        }
        return marker is Marker.SessionEnded && _span is { } span ? End(at < span.To ? at : span.To) : [];
    }

    /// <summary>Takes a packet. One element stands for its sensor: all of them share its clock.</summary>
    /// <returns>A result for each pair of sensors, when the check is over.</returns>
    public IReadOnlyList<SyncChecked> Update(ImuPacket packet)
    {
        if (_span is not var (from, to))
            return [];
        if (!_sensors.TryGetValue(packet.Sensor, out var detector))
            _sensors.Add(packet.Sensor, detector = new KnockDetector(packet.Element, _options));
        if (detector.Element == packet.Element)
            foreach (var sample in packet.Samples)
                if (sample.Time >= from)
                    detector.Update(sample);
        var newest = packet.Samples[^1].Time;
        return newest > to + Patience || _sensors.Count > 1 && _sensors.Values.All(d => d.Newest > to + _options.Pause) ? End(to) : [];
    }

    private List<SyncChecked> End(Timestamp at)
    {
        var sensors = _sensors.ToArray();
        _span = null;
        _sensors.Clear();
        if (sensors.Length == 1)
            return [new SyncChecked { Time = at, Sensor = sensors[0].Key, OtherSensor = default, Knocks = 0, Verdict = SyncVerdict.TooFewKnocks }];
        var results = new List<SyncChecked>();
        for (var i = 0; i < sensors.Length; i++)
            for (var j = i + 1; j < sensors.Length; j++)
                results.Add(Compare(at, sensors[i].Key, sensors[i].Value, sensors[j].Key, sensors[j].Value));
        return results;
    }

    private SyncChecked Compare(Timestamp at, Slug sensor, KnockDetector one, Slug otherSensor, KnockDetector other)
    {
        var differences = new List<double>(); // s
        foreach (var knock in one.Knocks.Where(k => k <= at))
            foreach (var same in other.Knocks)
                if (knock - same is var difference && difference.Duration() <= _options.Window)
                    differences.Add(difference.TotalSeconds);
        var result = new SyncChecked { Time = at, Sensor = sensor, OtherSensor = otherSensor, Knocks = differences.Count, Verdict = SyncVerdict.TooFewKnocks };
        if (differences.Count < _options.Knocks)
            return result;

        differences.Sort();
        var (n, mean) = (differences.Count, differences.Average());
        var median = (differences[(n - 1) / 2] + differences[n / 2]) / 2;
        var scatter = differences.Sum(d => (d - mean) * (d - mean)) / (n - 1);
        var sampling = (one.Period * one.Period + other.Period * other.Period) / 12; // a knock shorter than a sample lies anywhere in it
        var verdict = Math.Abs(median) <= _options.Limit.TotalSeconds ? SyncVerdict.InStep : SyncVerdict.Apart;
        return result with { Difference = TimeSpan.FromSeconds(median), Uncertainty = TimeSpan.FromSeconds(Math.Sqrt((scatter + sampling) / n)), Verdict = verdict };
    }
}

using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines;

/// <summary>
/// What is said of each sensor: <see cref="ClipEstimators"/> for a clip, a <see cref="RollingEstimator"/> for a roller. A roller's estimates go to the clips too,
/// which name the phase. The order is that of the stamped items; of one item, rollers first.
/// </summary>
internal sealed class Estimators(FeatureOptions options)
{
    private readonly Dictionary<Slug, SensorDescriptor> _known = [];
    private readonly SortedDictionary<Slug, ClipEstimators> _clips = [];
    private readonly SortedDictionary<Slug, RollingEstimator> _rollers = [];
    private readonly SyncCheck _sync = new(options.Sync);

    public IEnumerable<Feature> Update(Stamped item) =>
        item is Stamped.Imu { Packet: var packet } ? [.. Estimate(item), .. _sync.Update(packet)] : Estimate(item);

    private IEnumerable<Feature> Estimate(Stamped item) => item switch
    {
        Stamped.Known known => Begin(known),
        Stamped.Imu { Packet: var p } when _clips.TryGetValue(p.Sensor, out var clip) => clip.Update(p),
        Stamped.Imu { Packet: var p } when _rollers.TryGetValue(p.Sensor, out var roller) => Tell(roller.Update(p)),
        Stamped.Load { Packet: var p } when _rollers.TryGetValue(p.Sensor, out var roller) => Tell(roller.Update(p)),
        Stamped.Marked marked => Mark(marked),
        Stamped.Noticed noticed => [noticed.Feature],
        _ => [],
    };

    /// <summary>What the estimators still hold back, when nothing more will come.</summary>
    public IEnumerable<Feature> Complete(Timestamp at) => Mark(new Stamped.Marked(at, new Marker.SessionEnded(default)));

    private IEnumerable<Feature> Begin(Stamped.Known known)
    {
        var before = _known.GetValueOrDefault(known.Sensor);
        _known[known.Sensor] = known.Descriptor;
        if (before is not null && IsSameBody(before, known.Descriptor))
            return []; // only its calibration or firmware changed: strokes go on counting
        _clips.Remove(known.Sensor);
        _rollers.Remove(known.Sensor);
        if (known.Descriptor.Kind == SensorKind.Roller)
        {
            var roller = new RollingEstimator(known.Sensor, known.Descriptor.Roller!, options.Rolling); // a roller without one does not decode
            _rollers.Add(known.Sensor, roller);
            return known.Marks.SelectMany(m => Tell(roller.Mark(m.At, m.Marker)));
        }
        var elements = known.Descriptor.Elements.Select(e => e.Role).Where(role => known.Descriptor.FindImu(role) is not null);
        var clip = new ClipEstimators(known.Sensor, [.. elements], options);
        _clips.Add(known.Sensor, clip);
        return known.Marks.SelectMany(m => clip.Mark(m.At, m.Marker));
    }

    private static bool IsSameBody(SensorDescriptor a, SensorDescriptor b) =>
        a.Kind == b.Kind && a.Roller == b.Roller && a.Elements.SequenceEqual(b.Elements);

    private IEnumerable<Feature> Mark(Stamped.Marked marked) =>
    [
        .. _rollers.Values.SelectMany(r => Tell(r.Mark(marked.At, marked.Marker))),
        .. _clips.Values.SelectMany(c => c.Mark(marked.At, marked.Marker)),
        .. _sync.Mark(marked.At, marked.Marker),
    ];

    private IReadOnlyList<Feature> Tell(IReadOnlyList<Feature> fromRoller)
    {
        foreach (var feature in fromRoller)
            if (feature is RollingEstimate estimate)
                foreach (var clip in _clips.Values)
                    clip.Update(estimate);
        return fromRoller;
    }
}

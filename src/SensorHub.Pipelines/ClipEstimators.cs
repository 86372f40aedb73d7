using System.Collections.Immutable;
using SensorHub.Core;
using SensorHub.Core.Orientation;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Posture.Reminders;
using SensorHub.Core.Posture.Wear;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines;

/// <summary>
/// All that is said of one clip: whether it is worn, the posture, and what follows from the posture: bends, reminders, the protocol
/// once somebody begins it.
/// </summary>
internal sealed class ClipEstimators(Slug sensor, ImmutableArray<ElementRole> elements, FeatureOptions options)
{
    private readonly WearDetector _wear = new(sensor, options.Wear);
    private readonly PostureEstimator _posture = new(sensor, elements, options.Posture, options.Orientation);
    private readonly BendDetector _bends = new(sensor, options.Bends);
    private readonly PostureReminders _reminders = new(sensor, options.Reminders);
    private ProtocolGuide? _guide;

    public IEnumerable<Feature> Update(ImuPacket packet) => [.. Tell(_wear.Update(packet)), .. Follow(_posture.Update(packet))];

    /// <summary>Takes what the roller says, for <see cref="Phase.Rolling"/>.</summary>
    public void Update(RollingEstimate roller) => _posture.Update(roller);

    public IEnumerable<Feature> Mark(Timestamp at, Marker marker)
    {
        if (marker is Marker.StepBegan step)
            _guide ??= new ProtocolGuide(options.Protocol, step.Step is ProtocolStep.StraightLegRaise or ProtocolStep.KneeExtension ? step.Step : null);
        return
        [
            .. Follow(_posture.Mark(at, marker)),
            .. _bends.Mark(at, marker),
            .. _reminders.Mark(at, marker),
            .. _guide is null ? [] : Guided(_guide.Mark(at, marker)),
        ];
    }

    private IReadOnlyList<Feature> Tell(IReadOnlyList<Feature> wear)
    {
        foreach (var state in wear.OfType<WearState>())
            _reminders.Update(state);
        return wear;
    }

    private List<Feature> Follow(IReadOnlyList<Feature> posture)
    {
        var features = new List<Feature>(posture.Count);
        foreach (var feature in posture)
        {
            features.Add(feature);
            if (feature is not PostureEstimate estimate)
                continue;
            features.AddRange(_bends.Update(estimate));
            features.AddRange(_reminders.Update(estimate));
            if (_guide is not null)
                features.AddRange(Guided(_guide.Update(estimate)));
        }
        return features;
    }

    private IEnumerable<ProtocolState> Guided(IEnumerable<ProtocolState> states) => states.Select(state => state with { Sensor = sensor });
}

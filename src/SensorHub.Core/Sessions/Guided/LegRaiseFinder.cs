using SensorHub.Core.Posture;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Sessions.Guided;

/// <summary>
/// Raises of a leg, or extensions of a knee, from the clip on the shin: how far one element turns in the sagittal plane from where the
/// leg lay. It takes the lower element, or the upper one where there is no other.
/// </summary>
internal sealed class LegRaiseFinder(ProtocolStep step, Side side, ProtocolOptions options)
{
    private readonly ExcursionFinder _raises = new(options.LegDown, options.ShallowestRaise, TimeSpan.FromMinutes(1), holdShare: 0.05);
    private readonly List<PostureEstimate> _rest = [];
    private Measured? _lying;
    private Timestamp? _last;

    /// <summary>Takes the next estimate; gives the raise that has just ended, or null.</summary>
    public PostureSegment.Raise? Update(PostureEstimate estimate)
    {
        if (Inclination(estimate) is not { } now)
            return null;
        if (_last is { } last && estimate.Time - last > options.LongestGap)
            _raises.Clear();
        _last = estimate.Time;
        if (_lying is not { } lying)
        {
            Rest(estimate, now);
            return null;
        }
        if (_raises.Update(estimate, Turn(lying, now)) is not { } raise)
            return null;
        var angles = raise.Hold.Select(e => new Measured(Turn(lying, Inclination(e)!.Value), Inclination(e)!.Value.StandardUncertainty)).ToArray();
        return new PostureSegment.Raise(step, side, new Measured(
            angles.Average(a => a.Value), double.Hypot(angles.Average(a => a.StandardUncertainty), lying.StandardUncertainty)))
        {
            Start = raise.Start,
            End = raise.End,
            // Lying, the posture of the trunk is not known and not asked for: what counts is that the shin was seen.
            Quality = Quality.Good,
            Calibration = null,
            Attachment = estimate.Attachment,
        };
    }

    /// <summary>Where the leg lies: the mean of the first stretch in which it does not move.</summary>
    private void Rest(PostureEstimate estimate, Measured now)
    {
        if (_rest.Count > 0 && Turn(Inclination(_rest[0])!.Value, now) > options.LegDown / 2)
            _rest.Clear();
        _rest.Add(estimate);
        if (estimate.Time - _rest[0].Time >= options.LegRest)
            _lying = new Measured(
                Inclination(_rest[0])!.Value.Value + _rest.Average(e => Angle.FromDegrees(Inclination(e)!.Value.Value - Inclination(_rest[0])!.Value.Value).Wrapped().Degrees),
                now.StandardUncertainty);
    }

    private static Measured? Inclination(PostureEstimate estimate) => estimate.PelvicInclination ?? estimate.UpperInclination;

    private static double Turn(Measured from, Measured to) => Math.Abs(Angle.FromDegrees(to.Value - from.Value).Wrapped().Degrees);
}

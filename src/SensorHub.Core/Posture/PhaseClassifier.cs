using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture;

/// <summary>What the phase is judged by, at one time. Null = not known.</summary>
/// <param name="TrunkUp">Unit vector that points up, frame of the upper element, or of the lower one where there is no other.</param>
/// <param name="PelvicRotation">° from calibrated standing, forward positive.</param>
/// <param name="TrunkFlexion">Change of the upper inclination from calibrated standing, °.</param>
/// <param name="LumbarFlexion">° from calibrated standing, flattening positive.</param>
/// <param name="RateRms">Root mean square of the trunk's angular rate, °/s.</param>
/// <param name="RollerContact">When the roller was last pressed.</param>
public readonly record struct PhaseInput(
    Timestamp Time, Vector3D? TrunkUp, double? PelvicRotation, double? TrunkFlexion, double? LumbarFlexion, double RateRms, Timestamp? RollerContact);

/// <summary>
/// Simple rules with hysteresis: the first that holds wins, and holds for a while before it is said. Standing and sitting
/// are told apart by the pelvis, against the calibrated stand; without one they are unknown. A thigh is not measured, so
/// a person who stands with the pelvis rolled back as in sitting is said to sit.
/// </summary>
public sealed class PhaseClassifier(PhaseOptions options)
{
    private readonly PhaseOptions _options = Constants.Check(options);
    private Phase _candidate;
    private Timestamp _candidateSince;
    private Timestamp? _reclinedSince;

    public Phase Current { get; private set; }

    public Phase Update(in PhaseInput input)
    {
        var candidate = Judge(input);
        if (candidate != _candidate)
            (_candidate, _candidateSince) = (candidate, input.Time);
        var dwell = candidate is Phase.Walking or Phase.Lying ? _options.LongDwell : _options.Dwell;
        if (input.Time - _candidateSince >= dwell)
            Current = candidate;
        return Current;
    }

    private Phase Judge(in PhaseInput input)
    {
        if (input.Time - input.RollerContact <= _options.RollingHold)
            return Phase.Rolling;
        if (Lies(input))
            return Phase.Lying;
        if (input.TrunkFlexion >= (Current == Phase.Bending ? _options.BendLeave : _options.BendEnter))
            return Phase.Bending;
        if (input.PelvicRotation is not { } rotation)
            return Phase.Unknown;
        if (-rotation >= (Current is Phase.Sitting or Phase.Slouching ? _options.SitLeave : _options.SitEnter))
            return input.LumbarFlexion >= (Current == Phase.Slouching ? _options.SlouchLeave : _options.SlouchEnter) ? Phase.Slouching : Phase.Sitting;
        return input.RateRms >= (Current == Phase.Walking ? _options.WalkLeave : _options.WalkEnter) ? Phase.Walking : Phase.Standing;
    }

    private bool Lies(in PhaseInput input)
    {
        var limit = double.DegreesToRadians(Current == Phase.Lying ? _options.LieLeave : _options.LieEnter);
        if (input.TrunkUp is not { } up || up.X > Math.Cos(limit))
        {
            _reclinedSince = null;
            return false;
        }
        _reclinedSince ??= input.Time;
        var forward = up.Z > Math.Abs(up.Y);
        return !forward || input.Time - _reclinedSince >= _options.LieProne;
    }
}

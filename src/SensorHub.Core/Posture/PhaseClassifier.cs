using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture;

/// <summary>What the phase is judged by, at one time. Null = not known.</summary>
public readonly record struct PhaseInput
{
    public required Timestamp Time { get; init; }

    /// <summary>Unit vector that points up, frame of the upper element, or of the lower one where there is no other.</summary>
    public Vector3D? TrunkUp { get; init; }

    /// <summary>° from calibrated standing, forward positive. Null without a lower element.</summary>
    public double? PelvicRotation { get; init; }

    /// <summary>Change of the upper inclination from calibrated standing, °. Null without an upper element.</summary>
    public double? TrunkFlexion { get; init; }

    /// <summary>° from calibrated standing, flattening positive. Null with one element.</summary>
    public double? LumbarFlexion { get; init; }

    /// <summary>The same in the person's own upright sitting; null before that was calibrated.</summary>
    public double? SittingFlexion { get; init; }

    /// <summary>Root mean square of the vertical acceleration in the band of steps, m/s².</summary>
    public double StepRms { get; init; }

    /// <summary>Risen lately, m; see <see cref="VerticalMotion"/>.</summary>
    public double? HeightChange { get; init; }

    /// <summary>When the roller was last pressed.</summary>
    public Timestamp? RollerContact { get; init; }
}

/// <summary>
/// Rules with hysteresis: the first that holds wins, and holds for a dwell before it is said.
/// <list type="number">
/// <item>Rolling: the roller is pressed, or was a moment ago.</item>
/// <item>Lying: the trunk is far from upright, to the back or a side. Face down: by one who lay or sat, or after a while; until then it is a bend.</item>
/// <item>Walking: the vertical acceleration has the strength of steps.</item>
/// <item>Bending: the trunk is inclined forward, and the person has not sat down.</item>
/// <item>Sitting or standing, by the <see cref="Seat"/>; slouching is sitting with a flexed lumbar spine.</item>
/// </list>
/// Before the calibration only lying, walking and rolling can be told; the rest is unknown. With the lower element alone the pelvis stands
/// in for the trunk: a bend from the lower back is not seen, and slouching never said. With the upper one alone sitting and standing
/// are unknown.
/// </summary>
public sealed class PhaseClassifier(PhaseOptions options)
{
    private readonly PhaseOptions _options = Constants.Check(options);
    private readonly Seat _seat = new(options);
    private Phase _candidate;
    private Timestamp _candidateSince;
    private Timestamp? _reclinedSince;
    private Timestamp? _contactLeft;

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
        if (input.HeightChange >= _options.SeatHeight)
            _contactLeft = input.RollerContact;
        if (input.RollerContact != _contactLeft && input.Time - input.RollerContact <= _options.RollingHold)
        {
            _seat.Forget();
            return Phase.Rolling;
        }
        if (Lies(input))
        {
            _seat.Forget();
            return Phase.Lying;
        }
        var steps = input.StepRms >= (Current == Phase.Walking ? _options.WalkLeave : _options.WalkEnter);
        var seated = _seat.Update(input, walking: steps && Current == Phase.Walking);
        if (steps)
            return Phase.Walking;
        var flexion = input.TrunkFlexion ?? input.PelvicRotation;
        if (seated != true && !_seat.Changes && flexion >= (Current == Phase.Bending ? _options.BendLeave : _options.BendEnter))
            return Phase.Bending;
        return seated switch
        {
            null => Phase.Unknown,
            false => Phase.Standing,
            true => input.LumbarFlexion - (input.SittingFlexion ?? _options.SittingFlexion) >= (Current == Phase.Slouching ? _options.SlouchLeave : _options.SlouchEnter)
                ? Phase.Slouching : Phase.Sitting,
        };
    }

    private bool Lies(in PhaseInput input)
    {
        var limit = double.DegreesToRadians(Current == Phase.Lying ? _options.LieLeave : _options.LieEnter);
        if (input.TrunkUp is not { } up || up.X > Math.Cos(limit))
        {
            _reclinedSince = null;
            return false;
        }
        var forward = up.Z > Math.Abs(up.Y);
        if (!forward)
            return true;
        _reclinedSince ??= input.Time;
        return Current == Phase.Lying || input.Time - _reclinedSince >= (_seat.Seated == false ? _options.LieProne : _options.LieTurned);
    }
}

using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture;

/// <summary>
/// Whether the person sits. No thigh is measured, so it follows the way down and up: falling by some decimetres with the trunk not far
/// inclined is sitting down, rising as much is standing up, walking is standing. Where no such way was seen, since the calibration, a gap
/// or another phase, the pelvis decides: rolled back against the calibrated stand is sitting. A pelvis that contradicts for long
/// overrules a way that was missed or misjudged.
/// </summary>
internal sealed class Seat(PhaseOptions options)
{
    private bool? _seated;
    private bool _seen;
    private Timestamp? _agreed;
    private Timestamp? _last;

    /// <summary>The person is sitting down or standing up: that leans, but is no bend.</summary>
    public bool Changes { get; private set; }

    /// <summary>Where the person has got to is not known.</summary>
    public void Forget() => (_seated, _seen) = (null, false);

    /// <summary>Null = not known.</summary>
    public bool? Update(in PhaseInput input, bool walking)
    {
        if (input.Time - _last > options.LongestStep)
            _seen = false;
        _last = input.Time;
        var way = Way(input);
        Changes = way is not null;
        if (input.PelvicRotation is not { } rotation)
            return null;
        if ((way ?? (walking ? false : null)) is { } seated)
            (_seated, _seen, _agreed) = (seated, true, input.Time);
        else if (!_seen || Contradicts(-rotation, input.Time))
            (_seated, _seen) = (-rotation >= (_seated == true ? options.SitLeave : options.SitEnter), false);
        return _seated;
    }

    private bool? Way(in PhaseInput input) => input.HeightChange switch
    {
        { } height when height >= options.SeatHeight => false,
        { } height when height <= -options.SeatHeight && !((input.TrunkFlexion ?? input.PelvicRotation) >= options.SeatTrunk) => true,
        _ => null,
    };

    private bool Contradicts(double back, Timestamp time)
    {
        if (_seated == true ? back > 0 : back < options.SurelySitting)
            _agreed = time;
        _agreed ??= time;
        return time - _agreed >= options.Overrule;
    }
}

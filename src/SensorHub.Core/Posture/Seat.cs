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
    private (bool Down, Timestamp? Last) _way;

    /// <summary>The person is sitting down or standing up: that leans, but is no bend.</summary>
    public bool Changes { get; private set; }

    /// <summary>As last judged; null when not known.</summary>
    public bool? Seated => _seated;

    /// <summary>Where the person has got to is not known.</summary>
    public void Forget() => (_seated, _seen, _agreed) = (null, false, null);

    /// <summary>Null = not known.</summary>
    public bool? Update(in PhaseInput input, bool walking)
    {
        if (input.Time - _last > options.LongestStep)
            _seen = false;
        _last = input.Time;
        var way = Way(input);
        Changes = Math.Abs(input.HeightChange ?? 0) >= options.LeanHeight && !IsDeep(input);
        if (input.PelvicRotation is not { } rotation)
            return null;
        if ((way ?? (walking ? false : null)) is { } seated)
            (_seated, _seen, _agreed) = (seated, true, input.Time);
        else
            Judge(-rotation, Lean(input) >= options.BendLeave, input.Time);
        return _seated;
    }

    /// <summary>By the pelvis, rolled back so far. While the trunk leans it tells nothing.</summary>
    private void Judge(double back, bool leans, Timestamp time)
    {
        var sits = back >= (_seated == true ? options.SitLeave : options.SitEnter);
        var agrees = !_seen ? sits == _seated : _seated == true ? back > 0 : back < options.SurelySitting;
        if (agrees || leans || _agreed is null)
            _agreed = time;
        if (_seated is null || time - _agreed >= (_seen ? options.Overrule : options.SeatDwell))
            (_seated, _seen, _agreed) = (sits, false, time);
    }

    private bool? Way(in PhaseInput input)
    {
        if (input.HeightChange is not { } height || Math.Abs(height) < options.SeatHeight || (height < 0 && IsDeep(input)))
            return null;
        var down = height < 0;
        if (down != _way.Down && input.Time - _way.Last < options.HeightWindow)
            return null;
        _way = (down, input.Time);
        return down;
    }

    private bool IsDeep(in PhaseInput input) => Lean(input) >= options.SeatTrunk;

    private static double? Lean(in PhaseInput input) => input.TrunkFlexion ?? input.PelvicRotation;
}

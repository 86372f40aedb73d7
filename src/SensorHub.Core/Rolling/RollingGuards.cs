using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// What the person is told while rolling: too much force, a hold that is too long, a place that must not be rolled, pain that ends the
/// session, the set that is done. Each once in an episode. Only measured forces warn, and nothing ever asks for more.
/// </summary>
internal sealed class RollingGuards(Slug sensor, RollingOptions options)
{
    private Timestamp? _overSince;
    private bool _overSaid;
    private bool _holdSaid;
    private bool _setSaid;

    /// <summary>A measured force in contact.</summary>
    /// <param name="time">Of the sample.</param>
    /// <param name="bodyWeightPercent">Null when the mass is not known: then the pressure is judged.</param>
    /// <param name="pressure">kPa.</param>
    public Cue? Force(Timestamp time, Measured? bodyWeightPercent, Measured pressure)
    {
        var (code, value, limit, again) = bodyWeightPercent is { } share
            ? (CueCode.OverForce, share.Value, options.OverForce, options.OverForce - options.OverForceHysteresis)
            : (CueCode.OverPressure, pressure.Value, options.OverPressure, options.OverPressure - options.OverPressureHysteresis);
        if (value <= limit)
        {
            _overSince = null;
            _overSaid &= value >= again;
            return null;
        }
        _overSince ??= time;
        if (_overSaid || time - _overSince < options.OverForceDuration)
            return null;
        _overSaid = true;
        return Say(time, code, CueLevel.Warn, value, limit);
    }

    /// <summary>No force is felt, or none is known.</summary>
    public void Release() => (_overSince, _overSaid) = (null, false);

    /// <param name="time">Of the sample.</param>
    /// <param name="still">How long the roller has stood in contact.</param>
    public Cue? Hold(Timestamp time, TimeSpan still)
    {
        if (still <= options.LongestHold)
        {
            _holdSaid &= still > TimeSpan.Zero;
            return null;
        }
        if (_holdSaid)
            return null;
        _holdSaid = true;
        return Say(time, CueCode.LongHold, CueLevel.Remind, still.TotalSeconds, options.LongestHold.TotalSeconds);
    }

    /// <param name="time">Of the sample.</param>
    /// <param name="contact">Time in contact in this set.</param>
    /// <param name="planned">Null when nothing is planned.</param>
    public Cue? Set(Timestamp time, TimeSpan contact, TimeSpan? planned)
    {
        if (_setSaid || planned is not { } limit || contact < limit)
            return null;
        _setSaid = true;
        return Say(time, CueCode.SetDone, CueLevel.Info, contact.TotalSeconds, limit.TotalSeconds);
    }

    public void BeginSet() => _setSaid = false;

    public Cue? Site(Timestamp time, TargetBand target) =>
        target.MayBeRolled ? null : Say(time, CueCode.ForbiddenSite, CueLevel.Stop, null, null);

    public Cue? Pain(Timestamp time, Marker.PainReported pain) =>
        pain.Level >= options.PainLimit || pain.Character is PainCharacter.Sharp or PainCharacter.Tingling
            ? Say(time, CueCode.Pain, CueLevel.Stop, pain.Level, options.PainLimit)
            : null;

    private Cue Say(Timestamp time, CueCode code, CueLevel level, double? value, double? limit) =>
        new() { Time = time, Sensor = sensor, Code = code, Level = level, Value = value, Limit = limit };
}

using SensorHub.Core.Timing;

namespace SensorHub.Core.Rolling;

/// <summary>
/// Contact from force, with hysteresis. The times at which it begins and ends are those at which the straight line
/// between two samples crosses the threshold. Cells that creep still read a part of the last half minute's load when it is gone: contact
/// ends that much higher.
/// </summary>
/// <param name="creep">That part of the load.</param>
internal sealed class ContactDetector(RollingOptions options, double creep = 0)
{
    private (Timestamp Time, double Force)? _last;
    private double _crept;
    private TimeSpan _before;

    /// <summary>When the present contact began; null without.</summary>
    public Timestamp? Since { get; private set; }

    public bool InContact => Since is not null;

    /// <summary>When the last contact ended; null before the first end.</summary>
    public Timestamp? Ended { get; private set; }

    /// <summary>Time in contact up to <paramref name="time"/>, since the last <see cref="Reset"/>: as far as it was seen, so that nothing said is taken back.</summary>
    public TimeSpan Total(Timestamp time)
    {
        if (Since is not { } since || _last is not { } last)
            return _before;
        return _before + ((time < last.Time ? time : last.Time) is var end && end > since ? end - since : TimeSpan.Zero);
    }

    /// <param name="time">Of the sample.</param>
    /// <param name="force">N.</param>
    public void Update(Timestamp time, double force)
    {
        Miss(time);
        var before = _last ?? (Time: time, Force: force);
        var off = options.ContactOff + creep * _crept;
        _crept += (1 - Math.Exp(-(time - before.Time) / options.CreepTime)) * (force - _crept);

        if (!InContact && force >= options.ContactOn)
            Since = Crossing(options.ContactOn);
        else if (InContact && force < off)
            End(Crossing(off));
        _last = (time, force);

        Timestamp Crossing(double threshold) => force == before.Force
            ? time
            : before.Time + Math.Clamp((threshold - before.Force) / (force - before.Force), 0, 1) * (time - before.Time);
    }

    /// <summary>Ends the contact when no sample has come for too long: nobody knows what happened since.</summary>
    public void Miss(Timestamp now)
    {
        if (_last is not { } last || now - last.Time <= options.LongestBridgedGap)
            return;
        if (InContact)
            End(last.Time);
        _last = null;
    }

    /// <summary>Counts from zero; a contact that lasts counts from now on.</summary>
    public void Reset(Timestamp now)
    {
        _before = TimeSpan.Zero;
        Since = InContact ? now : null;
    }

    private void End(Timestamp time)
    {
        if (time > Since)
            _before += time - Since.Value;
        (Since, Ended) = (null, time);
    }
}

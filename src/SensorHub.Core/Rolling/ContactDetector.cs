using SensorHub.Core.Timing;

namespace SensorHub.Core.Rolling;

/// <summary>
/// Contact from force, with hysteresis. The times at which it begins and ends are those at which the straight line
/// between two samples crosses the threshold.
/// </summary>
internal sealed class ContactDetector(RollingOptions options)
{
    private (Timestamp Time, double Force)? _last;
    private TimeSpan _ended;

    /// <summary>When the present contact began; null without.</summary>
    public Timestamp? Since { get; private set; }

    public bool InContact => Since is not null;

    /// <summary>Time in contact up to <paramref name="time"/>, since the last <see cref="Reset"/>.</summary>
    public TimeSpan Total(Timestamp time)
    {
        if (Since is not { } since || _last is not { } last)
            return _ended;
        var known = last.Time + options.LongestBridgedGap;
        return _ended + ((time < known ? time : known) is var end && end > since ? end - since : TimeSpan.Zero);
    }

    /// <param name="time">Of the sample.</param>
    /// <param name="force">N.</param>
    public void Update(Timestamp time, double force)
    {
        if (_last is { } last && time - last.Time > options.LongestBridgedGap)
        {
            // Nobody knows what happened in between.
            End(last.Time);
            _last = null;
        }
        var before = _last ?? (Time: time, Force: force);

        if (!InContact && force >= options.ContactOn)
            Since = Crossing(options.ContactOn);
        else if (InContact && force < options.ContactOff)
            End(Crossing(options.ContactOff));
        _last = (time, force);

        Timestamp Crossing(double threshold) => force == before.Force
            ? time
            : before.Time + (threshold - before.Force) / (force - before.Force) * (time - before.Time);
    }

    /// <summary>Counts from zero; a contact that lasts counts from now on.</summary>
    public void Reset(Timestamp now)
    {
        _ended = TimeSpan.Zero;
        Since = InContact ? now : null;
    }

    private void End(Timestamp time)
    {
        _ended = Total(time);
        Since = null;
    }
}

using SensorHub.Core.Timing;

namespace SensorHub.Core.Rolling;

/// <summary>Tells when the roller stands still in contact, and for how long.</summary>
internal sealed class DwellDetector(RollingOptions options)
{
    private readonly double _rate = double.DegreesToRadians(options.DwellRate);
    private Timestamp? _since;
    private Timestamp _last;

    /// <summary>When it came to stand, once it has stood for as long as a dwell takes; null otherwise.</summary>
    public Timestamp? Since => _since is { } since && _last - since >= options.DwellDuration ? since : null;

    /// <summary>How long it has stood; zero while it moves.</summary>
    public TimeSpan Still => _since is { } since ? _last - since : TimeSpan.Zero;

    /// <param name="time">Of the sample.</param>
    /// <param name="rate">rad/s about the roller's axis.</param>
    /// <returns>The dwell that ended with the sample before, or null.</returns>
    public (Timestamp Start, Timestamp End)? Update(Timestamp time, double rate)
    {
        if (Math.Abs(rate) >= _rate)
            return Stop();
        _since ??= time;
        _last = time;
        return null;
    }

    /// <summary>Contact has ended, or nothing is known any more.</summary>
    public (Timestamp Start, Timestamp End)? Stop()
    {
        var ended = Since is { } start ? (start, _last) : ((Timestamp, Timestamp)?)null;
        _since = null;
        return ended;
    }
}

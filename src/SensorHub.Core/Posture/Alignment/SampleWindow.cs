using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture.Alignment;

/// <summary>A span of sample time in which one element is to be heard.</summary>
internal sealed class SampleWindow(Timestamp start, TimeSpan duration, AlignmentOptions options)
{
    private Timestamp? _first;
    private Timestamp _last;
    private TimeSpan _longestGap;

    public Timestamp End => start + duration;

    /// <summary>Whether a sample of this time belongs to it; if so, it is counted, and <paramref name="dt"/> is the time since the one before.</summary>
    public bool Take(Timestamp time, out TimeSpan dt)
    {
        dt = default;
        if (time < start || time > End)
            return false;
        if (_first is null)
            _first = time;
        else
            dt = time - _last;
        _last = time;
        if (dt > _longestGap)
            _longestGap = dt;
        return true;
    }

    /// <summary>What was wrong with hearing the element, and what to do; null = nothing.</summary>
    public string? Trouble(string element)
    {
        var heard = _first is { } first ? _last - first : TimeSpan.Zero;
        if (heard < options.Coverage * duration)
            return FormattableString.Invariant($"{element} was heard for {heard.TotalSeconds:0.0} of {duration.TotalSeconds:0.0} s. Check that the clip is on and near the hub, then repeat.");
        return _longestGap > options.LongestGap
            ? FormattableString.Invariant($"{element} was silent for {_longestGap.TotalSeconds:0.0} s in between. Come nearer to the hub, then repeat.")
            : null;
    }
}

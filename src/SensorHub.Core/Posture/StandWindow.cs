using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture;

/// <summary>Gathers the inclination of one element during the stand that calibrates.</summary>
internal sealed class StandWindow(Timestamp start, TimeSpan duration, PostureOptions options)
{
    private Timestamp? _first;
    private Timestamp _last;
    private long _count;
    private double _mean;
    private double _squares;
    private double _variances;

    public Timestamp Start => start;

    public Timestamp End => start + duration;

    public void Add(Timestamp time, Measured inclination)
    {
        if (time < start || time > End)
            return;
        _first ??= time;
        _last = time;
        _count++;
        var deviation = inclination.Value - _mean;
        _mean += deviation / _count;
        _squares += deviation * (inclination.Value - _mean);
        _variances += inclination.StandardUncertainty * inclination.StandardUncertainty;
    }

    /// <summary>The mean inclination; null when it was heard too little of or did not stand still.</summary>
    public Measured? Result()
    {
        if (_first is not { } first || _last - first < options.StandCoverage * duration)
            return null;
        var sway = Math.Sqrt(_squares / _count);
        return sway <= options.StandSway ? new Measured(_mean, Math.Sqrt(_variances / _count)) : null;
    }
}

using SensorHub.Core.Orientation;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Wear;

/// <summary>
/// The small motion of one element: since when every window was as still as no body is, and since when every one moved as a body does.
/// Means of short blocks take the sensor's noise away; the deviation of the blocks within a window takes its bias away.
/// </summary>
internal sealed class MicroMotion(WearOptions options)
{
    private readonly List<Vector3D> _blocks = [];
    private Timestamp? _windowStart;
    private Timestamp? _blockStart;
    private Timestamp? _last;
    private Vector3D _rates;
    private Vector3D _forces;
    private int _blockCount;
    private int _forceCount;
    private Vector3D _stillForce;

    /// <summary>Null when the last window was not still.</summary>
    public Timestamp? StillSince { get; private set; }

    /// <summary>Null when the last window was not alive.</summary>
    public Timestamp? AliveSince { get; private set; }

    /// <summary>The end of the last whole window; null before the first.</summary>
    public Timestamp? Judged { get; private set; }

    /// <summary>True when a window has become whole by this sample.</summary>
    public bool Update(in ImuSample sample)
    {
        if (_last is { } last && sample.Time <= last)
            return false;
        if (sample.Time - _last > options.LongestGap)
            (StillSince, AliveSince, _windowStart) = (null, null, null);
        _last = sample.Time;
        if (_windowStart is null)
            BeginWindow(sample.Time);

        _rates += sample.AngularRate;
        _forces += sample.SpecificForce;
        _blockCount++;
        _forceCount++;
        if (sample.Time - _blockStart >= options.Mean)
        {
            _blocks.Add(1.0 / _blockCount * _rates);
            (_rates, _blockCount, _blockStart) = (default, 0, sample.Time);
        }
        if (sample.Time - _windowStart < options.Window)
            return false;
        Judge(_windowStart!.Value, sample.Time);
        BeginWindow(sample.Time);
        return true;
    }

    private void BeginWindow(Timestamp time)
    {
        _blocks.Clear();
        (_windowStart, _blockStart) = (time, time);
        (_rates, _forces, _blockCount, _forceCount) = (default, default, 0, 0);
    }

    private void Judge(Timestamp start, Timestamp end)
    {
        var mean = 1.0 / _blocks.Count * _blocks.Aggregate((a, b) => a + b);
        var deviation = double.RadiansToDegrees(Math.Sqrt(_blocks.Average(b => Vector3D.Dot(b - mean, b - mean))));
        var force = (1.0 / _forceCount * _forces).Normalized();
        Judged = end;
        AliveSince = deviation > options.Alive ? AliveSince ?? start : null;
        if (StillSince is not null && Vector3D.Dot(force, _stillForce) < Math.Cos(double.DegreesToRadians(options.Turn)))
            StillSince = null;
        if (deviation > options.Still)
            StillSince = null;
        else if (StillSince is null)
            (StillSince, _stillForce) = (start, force);
    }
}

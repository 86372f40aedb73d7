using SensorHub.Core.Orientation;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Alignment;

/// <summary>Gathers the direction of gravity in one element while the person holds still.</summary>
internal sealed class StandWindow(Timestamp start, TimeSpan duration, AlignmentOptions options)
{
    private readonly SampleWindow _window = new(start, duration, options);
    private readonly double[] _squares = new double[3];
    private long _count;
    private Vector3D _sum;
    private double _variances;
    private double _sagittalSquares;
    private Vector3D _first;

    public void Add(in OrientationEstimate estimate)
    {
        if (!_window.Take(estimate.Time, out _))
            return;
        var up = estimate.Up;
        if (_count == 0)
            _first = up;
        _count++;
        // Relative to the first: the squares of what sway changes would drown in those of the direction itself.
        var d = up - _first;
        _sum += d;
        _squares[0] += d.X * d.X;
        _squares[1] += d.Y * d.Y;
        _squares[2] += d.Z * d.Z;
        // Pitch turns up towards the plate's normal.
        _sagittalSquares += d.Z * d.Z;
        var u = estimate.InclinationUncertainty.Degrees;
        _variances += u * u;
    }

    /// <summary>The stand, or why there is none.</summary>
    /// <param name="element">As a sentence begins: "The lower element".</param>
    /// <param name="trouble">What was wrong and what to do; null when there is a stand.</param>
    public StandStill? Result(string element, out string? trouble)
    {
        trouble = _window.Trouble(element);
        if (trouble is not null)
            return null;
        var mean = 1.0 / _count * _sum;
        var up = (_first + mean).Normalized();
        var variance = Math.Max(0, (_squares[0] + _squares[1] + _squares[2]) / _count - Vector3D.Dot(mean, mean));
        var sway = double.RadiansToDegrees(Math.Sqrt(variance));
        var lean = double.RadiansToDegrees(Math.Asin(Math.Min(1, Math.Abs(up.Z))));
        if (duration < options.StandShortest)
            trouble = FormattableString.Invariant($"{duration.TotalSeconds:0.#} s are too short, {options.StandShortest.TotalSeconds:0.#} s are needed. Repeat for 10 s.");
        else if (sway > options.StandSway)
            trouble = FormattableString.Invariant($"{element} swayed by {sway:0.0}°, at most {options.StandSway:0.#}° are allowed. Hold still, then repeat.");
        else if (lean > options.StandLean)
            trouble = FormattableString.Invariant($"{element} is inclined by {lean:0}°, more than {options.StandLean:0}°: that is lying or bending. Come upright, then repeat.");
        if (trouble is not null)
            return null;
        var sagittal = Math.Sqrt(Math.Max(0, _sagittalSquares / _count - mean.Z * mean.Z) / (1 - up.Z * up.Z));
        return new StandStill(up, double.RadiansToDegrees(sagittal), Math.Sqrt(_variances / _count));
    }
}

/// <summary>One element of a person who holds still.</summary>
/// <param name="Up">Unit vector that points up in the mean, sensor frame.</param>
/// <param name="Sway">Standard deviation of the inclination, °.</param>
/// <param name="Uncertainty">Standard uncertainty of the direction, °. Of each sample: what is wrong with them is much the same.</param>
internal readonly record struct StandStill(Vector3D Up, double Sway, double Uncertainty);

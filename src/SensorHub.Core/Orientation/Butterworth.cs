using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// A second-order Butterworth low-pass filter of a vector at a fixed sampling rate. For the first time constant it gives the
/// mean of the samples so far, and goes on from there settled, so that the first sample does not rule the start (Laidig
/// and Seel, Information Fusion 91, 2023).
/// </summary>
/// <remarks>The bilinear transform of 1/(s² + √2·s + 1), in direct form II transposed. A mutable struct: keep it in a field.</remarks>
internal struct Butterworth
{
    private readonly long _start;
    private readonly double _b;
    private readonly double _a1;
    private readonly double _a2;
    private long _count;
    private Vector3D _s1;
    private Vector3D _s2;

    /// <param name="timeConstant">Seconds; the cut-off frequency is √2/(2π·timeConstant).</param>
    /// <param name="period">From sample to sample, seconds.</param>
    public Butterworth(double timeConstant, double period)
    {
        var c = Math.Tan(period / (Math.Sqrt(2) * timeConstant));
        var d = c * c + Math.Sqrt(2) * c + 1;
        (_b, _a1, _a2) = (c * c / d, 2 * (c * c - 1) / d, (c * c - Math.Sqrt(2) * c + 1) / d);
        _start = (long)Math.Ceiling(timeConstant / period);
    }

    public ButterworthState State
    {
        readonly get => new(_count, _s1, _s2);
        set => (_count, _s1, _s2) = (value.Count, value.First, value.Second);
    }

    /// <summary>Takes the next sample and returns the filtered one.</summary>
    public Vector3D Update(in Vector3D x)
    {
        if (_count >= _start)
        {
            var y = _b * x + _s1;
            _s1 = 2 * _b * x - _a1 * y + _s2;
            _s2 = _b * x - _a2 * y;
            return y;
        }

        _count++;
        _s1 += x;
        var mean = 1.0 / _count * _s1;
        if (_count == _start)
        {
            _s1 = (1 - _b) * mean;
            _s2 = (_b - _a2) * mean;
        }
        return mean;
    }
}

/// <summary>State of a second-order low-pass filter of a vector.</summary>
/// <param name="Count">Samples in the mean that the filter starts with; no longer counted once it has started.</param>
/// <param name="First">The sum of the samples until the start, then the filter's first delay.</param>
/// <param name="Second">The filter's second delay.</param>
public readonly record struct ButterworthState(long Count, Vector3D First, Vector3D Second);

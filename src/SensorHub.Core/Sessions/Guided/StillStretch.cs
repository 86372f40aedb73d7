using SensorHub.Core.Posture;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Sessions.Guided;

/// <summary>The newest estimates in one posture, and how much they sway.</summary>
internal sealed class StillStretch
{
    private readonly List<PostureEstimate> _estimates = [];
    private Spread _pelvis;
    private Spread _upper;

    public IReadOnlyList<PostureEstimate> Estimates => _estimates;

    public TimeSpan Duration => _estimates.Count == 0 ? TimeSpan.Zero : _estimates[^1].Time - _estimates[0].Time;

    /// <summary>The larger standard deviation of the two inclinations, °; 0 of nothing.</summary>
    public double Sway => Math.Max(_pelvis.Deviation, _upper.Deviation);

    public void Add(PostureEstimate estimate)
    {
        _estimates.Add(estimate);
        _pelvis.Add(estimate.PelvicInclination?.Value, 1);
        _upper.Add(estimate.UpperInclination?.Value, 1);
    }

    /// <summary>Forgets what is older than this.</summary>
    public void DropBefore(Timestamp time)
    {
        var count = _estimates.FindIndex(e => e.Time >= time) is var first and >= 0 ? first : _estimates.Count;
        foreach (var estimate in _estimates.Take(count))
        {
            _pelvis.Add(estimate.PelvicInclination?.Value, -1);
            _upper.Add(estimate.UpperInclination?.Value, -1);
        }
        _estimates.RemoveRange(0, count);
    }

    public void Clear()
    {
        _estimates.Clear();
        _pelvis = _upper = default;
    }

    /// <summary>Sums about the first value, so that they stay small.</summary>
    private struct Spread
    {
        private double? _origin;
        private int _count;
        private double _sum;
        private double _squares;

        public readonly double Deviation => _count == 0 ? 0 : Math.Sqrt(Math.Max(0, _squares / _count - _sum / _count * (_sum / _count)));

        public void Add(double? value, int sign)
        {
            if (value is not { } v)
                return;
            _origin ??= v;
            var x = v - _origin.Value;
            _count += sign;
            _sum += sign * x;
            _squares += sign * x * x;
        }
    }
}

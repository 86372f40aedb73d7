using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Bends;

/// <summary>The lumbopelvic rhythm of one whole bend, from its samples: the first leaves upright, the last comes back to it.</summary>
internal sealed class BendRhythm
{
    private readonly IReadOnlyList<BendSample> _samples;
    private readonly BendOptions _options;
    private readonly int _deepest;

    public BendRhythm(IReadOnlyList<BendSample> samples, BendOptions options)
    {
        (_samples, _options) = (samples, options);
        for (var i = 1; i < samples.Count; i++)
            if (samples[i].T.Value > samples[_deepest].T.Value)
                _deepest = i;
    }

    public BendSample Deepest => _samples[_deepest];

    public Measured Pelvis => _samples.MaxBy(s => s.P.Value).P;

    public Measured Lumbar => _samples.MaxBy(s => s.L.Value).L;

    /// <summary>From upright to near the deepest point, near it, and back.</summary>
    public (TimeSpan Down, TimeSpan Hold, TimeSpan Up) Durations()
    {
        var near = (1 - _options.HoldShare) * Deepest.T.Value;
        var (start, end) = (_samples[0].Time, _samples[^1].Time);
        var from = GoingDown(near)?.Time ?? start;
        var to = ComingUp(near)?.Time ?? end;
        return (from - start, to - from, end - to);
    }

    /// <summary>1, and one more for each time that it came up by <see cref="BendOptions.Dip"/> and went down by as much again.</summary>
    public int Dips()
    {
        var (dips, down, turn) = (1, true, _samples[0].T.Value);
        foreach (var sample in _samples)
        {
            var t = sample.T.Value;
            if (down ? t > turn : t < turn)
                turn = t;
            else if (Math.Abs(t - turn) >= _options.Dip)
            {
                (down, turn) = (!down, t);
                dips += down ? 1 : 0;
            }
        }
        return dips;
    }

    /// <summary>LR when T first was this on the way down.</summary>
    public Measured? ShareAt(double trunk) => GoingDown(trunk)?.Share;

    public PhaseShares? DownShares() => Thirds(GoingDown);

    public PhaseShares? UpShares() => Thirds(ComingUp);

    private PhaseShares? Thirds(Func<double, BendSample?> at)
    {
        var (upright, way) = (_options.Upright, Deepest.T.Value - _options.Upright);
        return at(upright) is { } first && at(upright + way / 3) is { } second && at(upright + 2 * way / 3) is { } third
            ? new PhaseShares(Slope(first, second), Slope(second, third), Slope(third, Deepest))
            : null;

        static Measured Slope(BendSample a, BendSample b)
        {
            var trunk = b.T.Value - a.T.Value;
            var slope = (b.L.Value - a.L.Value) / trunk;
            var lumbar = double.Hypot(a.L.StandardUncertainty, b.L.StandardUncertainty);
            return new Measured(slope, double.Hypot(lumbar, slope * double.Hypot(a.T.StandardUncertainty, b.T.StandardUncertainty)) / trunk);
        }
    }

    /// <summary>Where T first was this, before the deepest point.</summary>
    private BendSample? GoingDown(double trunk)
    {
        for (var i = 1; i <= _deepest; i++)
            if (_samples[i].T.Value >= trunk)
                return BendSample.Between(_samples[i - 1], _samples[i], trunk);
        return null;
    }

    /// <summary>Where T last was this, after the deepest point.</summary>
    private BendSample? ComingUp(double trunk)
    {
        for (var i = _samples.Count - 2; i >= _deepest; i--)
            if (_samples[i].T.Value >= trunk)
                return BendSample.Between(_samples[i], _samples[i + 1], trunk);
        return null;
    }
}

using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// Slip of the skin over the roller, from where strokes end. People roll to and fro between the same two places; when the skin
/// slides in one direction the roller turns less in it, and the end-points wander: R·|Σθ|/N in each cycle. What wanders is
/// taken for slip and given back to the strokes of the direction that turned less. Slip that is the same both ways leaves no trace.
/// </summary>
internal sealed class SlipMonitor(RollingOptions options)
{
    private double? _open;
    private double _sum;
    private double _squares;
    private double _turned;
    private int _cycles;

    /// <summary>Drift of the end-points in a cycle, as a share of a stroke; its sign is the direction they wander in. Null before a whole cycle.</summary>
    public double? Drift => _cycles > 0 && _turned > 0 ? _sum / _cycles / (_turned / (2 * _cycles)) : null;

    public double? Percent => Drift is { } drift ? 100 * Math.Abs(drift) : null;

    /// <summary>Whether it is too much to trust the path: only told when chance has been averaged out.</summary>
    public bool Slipping => _cycles >= options.SlipCycles && Percent > options.SlipLimit;

    /// <summary>
    /// The share by which a stroke in this direction is longer than it turned. The slip is drawn from what is usual for skin on
    /// foam; the end-points show it the better the more cycles average out that people turn now here, now there.
    /// </summary>
    /// <param name="direction">+1 or −1.</param>
    public Measured Correction(int direction)
    {
        var usual = Square(options.UsualSlip);
        // Two end-points a cycle, of which only the first and the last do not cancel in the sum.
        var scatter = 2 * Scatter / Math.Max(1, _cycles * _cycles);
        var trust = _cycles == 0 ? 0 : usual / (usual + scatter);
        var slip = trust * (Drift ?? 0);
        var unknown = usual * (1 - trust) / 2; // half of the strokes are those that slip
        var lost = Math.Max(0, -direction * slip);
        return new Measured(lost, Math.Sqrt(unknown + Square(options.SlipAmbiguity * lost) + Square(options.SlipUncertainty)));
    }

    /// <summary>Variance of where this person turns round, as a share of a stroke: half of that of the drift from cycle to cycle.</summary>
    private double Scatter
    {
        get
        {
            var usual = Square(options.EndPointScatter);
            if (_cycles < 2)
                return usual;
            var stroke = _turned / (2 * _cycles);
            var spread = (_squares - _sum * _sum / _cycles) / (2 * stroke * stroke);
            return (options.UsualSlipCycles * usual + spread) / (options.UsualSlipCycles + _cycles - 1);
        }
    }

    /// <param name="angle">rad turned in the next stroke; the sign is the direction.</param>
    public void Add(double angle)
    {
        if (_open is not { } before || Math.Sign(before) == Math.Sign(angle))
        {
            _open = angle;
            return;
        }
        _open = null;
        _sum += before + angle;
        _squares += Square(before + angle);
        _turned += Math.Abs(before) + Math.Abs(angle);
        _cycles++;
    }

    /// <summary>The roller was lifted: the next stroke begins elsewhere.</summary>
    public void Lift() => _open = null;

    private static double Square(double x) => x * x;
}

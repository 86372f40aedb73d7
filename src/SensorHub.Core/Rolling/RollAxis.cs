using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// The axis that the roller turns about, in its IMU's frame: along Y as the protocol has it (firmware-protocol/README.md
/// §3.3), until rolling shows it as the first principal component of the angular rate. It points as its largest component is
/// positive when it is first found, and keeps its sense.
/// </summary>
internal sealed class RollAxis(RollingOptions options)
{
    private Vector3D _x;
    private Vector3D _y;
    private Vector3D _z;
    private double _seconds;
    private double _along;
    private double _all;
    private Vector3D _direction = new Vector3D(1, 1, 1).Normalized();

    /// <summary>Unit vector.</summary>
    public Vector3D Axis { get; private set; } = Vector3D.UnitY;

    /// <summary>Whether rolling has shown it.</summary>
    public bool Found { get; private set; }

    /// <summary>Share of the rate's variance that the principal component explains, over what has been rolled lately; 0 before.</summary>
    public double Explained { get; private set; }

    /// <summary>Whether it turns about another axis now: the share of the rate's variance along the axis, over the last moments of motion, is too small.</summary>
    public bool Unclear => _all > 0 && _along < options.AxisExplained * _all;

    /// <summary>Learns the axis.</summary>
    /// <param name="rate">Angular rate without bias while it rolls, rad/s.</param>
    /// <param name="dt">Seconds since the sample before.</param>
    public void Learn(Vector3D rate, double dt)
    {
        var keep = Math.Exp(-dt / options.AxisMemory.TotalSeconds);
        _x = keep * _x + dt * rate.X * rate;
        _y = keep * _y + dt * rate.Y * rate;
        _z = keep * _z + dt * rate.Z * rate;
        _seconds += dt;
        // Power iteration: one step a sample from where the last one ended, as one axis dominates by far.
        _direction = Apply(_direction).Normalized();
        var variance = _x.X + _y.Y + _z.Z;
        Explained = variance > 0 ? Vector3D.Dot(_direction, Apply(_direction)) / variance : 0;
        if (_seconds < options.AxisDuration.TotalSeconds || Explained <= options.AxisExplained)
            return;
        Axis = Vector3D.Dot(_direction, Found ? Axis : Upright(_direction)) < 0 ? -_direction : _direction;
        Found = true;
    }

    /// <summary>Compares the motion with the axis.</summary>
    /// <param name="rate">Angular rate without bias while it moves, rad/s.</param>
    /// <param name="dt">Seconds since the sample before.</param>
    public void Watch(Vector3D rate, double dt)
    {
        if (_seconds < options.AxisDuration.TotalSeconds)
            return; // too early to know it
        var weight = 1 - Math.Exp(-dt / options.AxisDuration.TotalSeconds);
        var along = Vector3D.Dot(rate, Axis);
        _along += weight * (along * along - _along);
        _all += weight * (Vector3D.Dot(rate, rate) - _all);
    }

    /// <summary>Forgets the motion compared so far: contact begins.</summary>
    public void StopWatching() => (_along, _all) = (0, 0);

    private Vector3D Apply(Vector3D v) => new(Vector3D.Dot(_x, v), Vector3D.Dot(_y, v), Vector3D.Dot(_z, v));

    private static Vector3D Upright(Vector3D v)
    {
        var largest = Math.Abs(v.X) > Math.Abs(v.Y)
            ? Math.Abs(v.X) > Math.Abs(v.Z) ? v.X : v.Z
            : Math.Abs(v.Y) > Math.Abs(v.Z) ? v.Y : v.Z;
        return largest < 0 ? -v : v;
    }
}

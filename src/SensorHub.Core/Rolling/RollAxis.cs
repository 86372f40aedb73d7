using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// The axis that the roller turns about, in its IMU's frame: along Y as the protocol has it (firmware-protocol/README.md
/// §3.3), until rolling shows it as the first principal component of the angular rate. It points as its largest component is positive.
/// </summary>
internal sealed class RollAxis(RollingOptions options)
{
    private Vector3D _x;
    private Vector3D _y;
    private Vector3D _z;
    private double _seconds;
    private Vector3D _direction = new Vector3D(1, 1, 1).Normalized();

    /// <summary>Unit vector.</summary>
    public Vector3D Axis { get; private set; } = Vector3D.UnitY;

    /// <param name="rate">Angular rate without bias while it rolls under load, rad/s.</param>
    /// <param name="dt">Seconds since the sample before.</param>
    public void Update(Vector3D rate, double dt)
    {
        _x += dt * rate.X * rate;
        _y += dt * rate.Y * rate;
        _z += dt * rate.Z * rate;
        _seconds += dt;
        // Power iteration: one step a sample from where the last one ended, as one axis dominates by far.
        _direction = Apply(_direction).Normalized();
        var explained = Vector3D.Dot(_direction, Apply(_direction)) / (_x.X + _y.Y + _z.Z);
        if (_seconds >= options.AxisDuration.TotalSeconds && explained > options.AxisExplained)
            Axis = Upright(_direction);
    }

    private Vector3D Apply(Vector3D v) => new(Vector3D.Dot(_x, v), Vector3D.Dot(_y, v), Vector3D.Dot(_z, v));

    private static Vector3D Upright(Vector3D v)
    {
        var largest = Math.Abs(v.X) > Math.Abs(v.Y)
            ? Math.Abs(v.X) > Math.Abs(v.Z) ? v.X : v.Z
            : Math.Abs(v.Y) > Math.Abs(v.Z) ? v.Y : v.Z;
        return largest < 0 ? -v : v;
    }
}

using SensorHub.Core.Orientation;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// The roll angle as gravity shows it: the direction of the specific force in the plane across the axis. Known but for a
/// constant and whole turns, and only while the roller is nearly still: rolling moves the core by R·α along the floor and
/// r₀·ω² towards the axis, and both look like tilt.
/// </summary>
internal sealed class GravityAngle(RollingOptions options)
{
    private const double Gravity = 9.80665;

    private readonly double _steepest = Math.Sin(double.DegreesToRadians(options.AxisSlope));
    private readonly double _stillRate = double.DegreesToRadians(options.GravityRate);
    private Vector3D _across = Vector3D.UnitX;

    /// <summary>Takes for zero the coordinate axis that lies most across this axis of the roller. What was read before has another zero.</summary>
    public void Restart(Vector3D axis)
    {
        var (x, y, z) = (Math.Abs(axis.X), Math.Abs(axis.Y), Math.Abs(axis.Z));
        _across = z <= x && z <= y ? Vector3D.UnitZ : x <= y ? Vector3D.UnitX : Vector3D.UnitY;
    }

    /// <param name="force">m/s², sensor frame.</param>
    /// <param name="rate">rad/s, without bias.</param>
    /// <param name="axis">Unit vector, sensor frame.</param>
    /// <param name="angle">rad, from −π to π; grows as the roller turns positively about its axis.</param>
    /// <returns>Whether it can be seen now.</returns>
    public bool TryRead(Vector3D force, Vector3D rate, Vector3D axis, out double angle)
    {
        angle = 0;
        if (rate.Norm >= _stillRate || Math.Abs(force.Norm - Gravity) >= options.GravityForce * Gravity
            || Math.Abs(Vector3D.Dot(force, axis)) > _steepest * Gravity)
            return false;
        var first = (_across - Vector3D.Dot(_across, axis) * axis).Normalized();
        // Up seen from the sensor turns against the sensor.
        angle = -Math.Atan2(Vector3D.Dot(force, Vector3D.Cross(axis, first)), Vector3D.Dot(force, first));
        return true;
    }
}

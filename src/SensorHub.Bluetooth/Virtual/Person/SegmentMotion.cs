using SensorHub.Core.Units;

namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>
/// The motion of an IMU: of a place on the back, or in the core of a roller that lies across. Earth frame: x forward, y left, z up. Angles in rad: inclination about the left
/// axis (forward positive), then lateral bend about the forward axis (to the right positive), then yaw about the
/// vertical (to the left positive). Place in m.
/// </summary>
internal readonly record struct SegmentMotion(Jet Inclination, Jet Lateral, Jet Yaw, Jet X, Jet Y, Jet Z)
{
    /// <summary>
    /// What an ideal IMU there reads, in sensor axes: at inclination 0 X is up, Y left, Z backward (on the back: cranial,
    /// left, posterior; in a roller: radial, along its axis, X × Y). At rest its force is g along "up", so that
    /// atan2(force.Z, force.X) is the inclination whatever the lateral bend.
    /// </summary>
    public ImuReading Read()
    {
        var (sinF, cosF) = Math.SinCos(Inclination.Value);
        var (sinL, cosL) = Math.SinCos(Lateral.Value);
        var (sinY, cosY) = Math.SinCos(Yaw.Value);

        // Earth → sensor: undo yaw, lateral bend and inclination in turn.
        double fx = X.Acceleration, fy = Y.Acceleration, fz = Z.Acceleration + ImuReading.Gravity;
        (fx, fy) = (cosY * fx + sinY * fy, cosY * fy - sinY * fx);
        (fy, fz) = (cosL * fy + sinL * fz, cosL * fz - sinL * fy);

        // Rates of the three angles, all seen in the frame between lateral bend and inclination.
        var wx = Lateral.Rate;
        var wy = Inclination.Rate + sinL * Yaw.Rate;
        var wz = cosL * Yaw.Rate;

        return new ImuReading(Tilt(fx, fy, fz), Tilt(wx, wy, wz));

        // Inclination 0: X up, Y left, Z backward.
        Vector3D Tilt(double x, double y, double z) => new(sinF * x + cosF * z, y, sinF * z - cosF * x);
    }
}

/// <param name="SpecificForce">m/s², sensor frame.</param>
/// <param name="AngularRate">rad/s, sensor frame.</param>
internal readonly record struct ImuReading(Vector3D SpecificForce, Vector3D AngularRate)
{
    /// <summary>Standard gravity, m/s².</summary>
    public const double Gravity = 9.80665;
}

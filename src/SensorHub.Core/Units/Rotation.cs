using System.Globalization;

namespace SensorHub.Core.Units;

/// <summary>
/// A rotation as a unit quaternion (Hamilton, w first). As an orientation it takes sensor to earth coordinates:
/// v_earth = q · v_sensor · q*. <c>default</c> is not a rotation; begin with <see cref="Identity"/>.
/// </summary>
public readonly record struct Rotation(double W, double X, double Y, double Z)
{
    public static readonly Rotation Identity = new(1, 0, 0, 0);

    public Rotation Inverse => new(W, -X, -Y, -Z);

    /// <summary>The angle of this rotation, in [0, π].</summary>
    public Angle Angle => Angle.FromRadians(2 * Math.Atan2(Math.Sqrt(X * X + Y * Y + Z * Z), Math.Abs(W)));

    /// <summary>The angle between the vertical axes of two frames related by this rotation, in [0, π].</summary>
    public Angle Inclination => Angle.FromRadians(2 * Math.Atan2(Math.Sqrt(X * X + Y * Y), Math.Sqrt(W * W + Z * Z)));

    /// <param name="axis">The unit axis of the rotation (right-handed).</param>
    /// <param name="angle">The angle about it.</param>
    public static Rotation FromAxisAngle(Vector3D axis, Angle angle)
    {
        var (sin, cos) = Math.SinCos(0.5 * angle.Radians);
        return new Rotation(cos, sin * axis.X, sin * axis.Y, sin * axis.Z);
    }

    /// <summary>The rotation by |v| radians about v.</summary>
    public static Rotation FromRotationVector(Vector3D v) =>
        v.Norm is var n && n > 1e-12 ? FromAxisAngle(1 / n * v, Angle.FromRadians(n)) : Identity;

    public Rotation Normalized()
    {
        var n = 1 / Math.Sqrt(W * W + X * X + Y * Y + Z * Z);
        return new Rotation(n * W, n * X, n * Y, n * Z);
    }

    public Vector3D Rotate(Vector3D v)
    {
        var u = new Vector3D(X, Y, Z);
        var t = 2 * Vector3D.Cross(u, v);
        return v + W * t + Vector3D.Cross(u, t);
    }

    /// <summary>w, x, y, z. The one that a record would write prints <see cref="Inverse"/>, and so never ends.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({W}, {X}, {Y}, {Z})");

    /// <summary>First <paramref name="b"/>, then <paramref name="a"/>.</summary>
    public static Rotation operator *(Rotation a, Rotation b) => new(
        a.W * b.W - a.X * b.X - a.Y * b.Y - a.Z * b.Z,
        a.W * b.X + a.X * b.W + a.Y * b.Z - a.Z * b.Y,
        a.W * b.Y - a.X * b.Z + a.Y * b.W + a.Z * b.X,
        a.W * b.Z + a.X * b.Y - a.Y * b.X + a.Z * b.W);
}

using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Alignment;

/// <summary>
/// The segment frame of an element, X cranial, Y left, Z posterior, as a rotation from sensor axes. Two directions give it:
/// the flexion axis, which is Y, and the plate's normal. X is the direction within the plate that is square to Y: the line of
/// the skin in the sagittal plane. So the pitch of the plate about Y stays as it is, since that is the inclination to be
/// measured, while a plate that is twisted on the back, worn upside down or sideways, or beside the midline is compensated.
/// </summary>
internal static class SegmentFrame
{
    /// <param name="left">Unit vector, sensor frame: the flexion axis, to the person's left.</param>
    /// <param name="posterior">Unit vector, sensor frame: the plate's normal, off the skin. Not along <paramref name="left"/>.</param>
    public static Rotation Of(Vector3D left, Vector3D posterior)
    {
        var x = Vector3D.Cross(left, posterior).Normalized();
        return FromRows(x, left, Vector3D.Cross(x, left));
    }

    /// <summary>
    /// From a stand alone. The flexion axis is taken as horizontal and within the plate, whose Z axis points off the skin: what a
    /// stand cannot tell is a plate turned about the vertical, or one worn with its Z axis towards the skin.
    /// </summary>
    /// <param name="up">Unit vector that points up, sensor frame. Not along Z.</param>
    public static Rotation OfStand(Vector3D up) => Of(Vector3D.Cross(Vector3D.UnitZ, up).Normalized(), Vector3D.UnitZ);

    /// <summary>From a stand and the axis of the bends, which says too on which side of the plate the skin is.</summary>
    /// <param name="up">Unit vector that points up in the stand, sensor frame.</param>
    /// <param name="left">Unit vector, sensor frame: forward bends turn positively about it.</param>
    public static Rotation OfBends(Vector3D up, Vector3D left)
    {
        var nominal = Vector3D.Dot(Vector3D.Cross(left, Vector3D.UnitZ), up) > 0;
        return Of(left, nominal ? Vector3D.UnitZ : -Vector3D.UnitZ);
    }

    /// <summary>The inclination, ° from vertical, forward positive.</summary>
    /// <param name="up">Unit vector that points up, segment frame.</param>
    public static double Inclination(Vector3D up) => double.RadiansToDegrees(Math.Atan2(up.Z, up.X));

    /// <summary>The lean to the side, °, to the right positive.</summary>
    /// <param name="up">Unit vector that points up, segment frame.</param>
    public static double Lean(Vector3D up) => double.RadiansToDegrees(Math.Asin(Math.Clamp(up.Y, -1, 1)));

    /// <param name="alignment">Sensor → segment frame.</param>
    /// <param name="tolerance">°.</param>
    public static Mounting MountingOf(Rotation alignment, double tolerance)
    {
        if (alignment.Rotate(Vector3D.UnitZ).Z < 0)
            return Mounting.BackToFront;
        var x = alignment.Rotate(Vector3D.UnitX);
        var turned = double.RadiansToDegrees(Math.Atan2(x.Y, x.X));
        var quarter = (int)Math.Round(turned / 90);
        if (Math.Abs(turned - 90 * quarter) >= tolerance)
            return Mounting.Unclear;
        return quarter switch
        {
            0 => Mounting.Nominal,
            1 => Mounting.SidewaysLeft,
            -1 => Mounting.SidewaysRight,
            _ => Mounting.UpsideDown,
        };
    }

    /// <summary>The rotation whose matrix has these rows: orthonormal, right-handed.</summary>
    private static Rotation FromRows(Vector3D x, Vector3D y, Vector3D z)
    {
        // The largest of the four components is divided by, so that no digits are lost.
        double w2 = 1 + x.X + y.Y + z.Z, x2 = 1 + x.X - y.Y - z.Z, y2 = 1 - x.X + y.Y - z.Z, z2 = 1 - x.X - y.Y + z.Z;
        var largest = Math.Max(Math.Max(w2, x2), Math.Max(y2, z2));
        var q = largest == w2 ? new Rotation(w2, z.Y - y.Z, x.Z - z.X, y.X - x.Y)
            : largest == x2 ? new Rotation(z.Y - y.Z, x2, x.Y + y.X, x.Z + z.X)
            : largest == y2 ? new Rotation(x.Z - z.X, x.Y + y.X, y2, y.Z + z.Y)
            : new Rotation(y.X - x.Y, x.Z + z.X, y.Z + z.Y, z2);
        return q.Normalized();
    }
}

using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

internal static class Upright
{
    /// <summary>The shortest rotation that takes a unit vector to the vertical. Upside down the axis is free; it is X then.</summary>
    public static Rotation From(Vector3D up)
    {
        if (up.Z < 0 && Math.Abs(up.X) + Math.Abs(up.Y) < 1e-12)
            return new Rotation(0, 1, 0, 0);
        // Near upside down 1 + z has no digits left, and equals (x² + y²)/(1 − z), which has.
        var w = up.Z > -0.9999 ? 1 + up.Z : (up.X * up.X + up.Y * up.Y) / (1 - up.Z);
        return new Rotation(w, up.Y, -up.X, 0).Normalized();
    }
}

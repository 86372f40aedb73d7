using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Posture;

/// <summary>How a trunk is held, °: inclination of both elements forward, lean of the whole to the right, turn about the vertical to the left.</summary>
internal readonly record struct TrunkPose(double Lower, double Upper, double Lean = 0, double Turn = 0)
{
    public static TrunkPose operator +(TrunkPose a, TrunkPose b) => new(a.Lower + b.Lower, a.Upper + b.Upper, a.Lean + b.Lean, a.Turn + b.Turn);

    public static TrunkPose operator *(double factor, TrunkPose a) => new(factor * a.Lower, factor * a.Upper, factor * a.Lean, factor * a.Turn);
}

/// <summary>What ideal IMUs on a trunk read: frames of six samples at 100 Hz. Gravity and rates agree; nothing is accelerated.</summary>
internal sealed class TrunkSignal(Func<double, TrunkPose> pose)
{
    public static readonly Slug Clip = Slug.Parse("clip");
    public static readonly TrunkPose Standing = new(20, -11);

    /// <summary>Segment → sensor axes of the element at a time: how it is worn.</summary>
    public Func<ElementRole, double, Rotation> Mounting { get; init; } = (_, _) => Rotation.Identity;

    /// <summary>Poses one after the other, each held until the next, reached by a minimum-jerk curve that ends at its time.</summary>
    public static TrunkSignal Of(params (double At, double Duration, TrunkPose Pose)[] moves) => new(t =>
    {
        var pose = moves[0].Pose;
        foreach (var (at, duration, next) in moves.AsSpan(1))
        {
            var s = Math.Clamp((t - at + duration) / duration, 0, 1);
            s = s * s * s * (10 - 15 * s + 6 * s * s);
            pose = (1 - s) * pose + s * next;
        }
        return pose;
    });

    /// <summary>Three forward bends of 8 s each from a time on, 60° of the pelvis and 110° of the chest.</summary>
    public static (double At, double Duration, TrunkPose Pose)[] ThreeBends(double from, TrunkPose down) =>
    [
        .. Enumerable.Range(0, 3).SelectMany(i => new[] { (from + 8 * i + 3, 3.0, down), (from + 8 * i + 8, 3.0, Standing) }),
    ];

    public IEnumerable<ImuPacket> Packets(double seconds, params ElementRole[] elements) =>
        Enumerable.Range(0, (int)(100 * seconds) / 6 * 6).Chunk(6).SelectMany(numbers => elements.Select(element =>
            new ImuPacket(Clip, element, [.. numbers.Select(n => Sample(element, n * 0.01))], 0)));

    public TrunkPose At(double seconds) => pose(seconds);

    private ImuSample Sample(ElementRole element, double t)
    {
        const double Step = 1e-4;
        var q = Earth(element, t);
        var turn = q.Inverse * Earth(element, t + Step);
        var rate = 2 / Step * new Vector3D(turn.X, turn.Y, turn.Z);
        return new ImuSample(new Timestamp((long)Math.Round(t * 1e9)), 9.80665 * q.Inverse.Rotate(Vector3D.UnitZ), rate);
    }

    /// <summary>Sensor → earth, x forward, y left, z up.</summary>
    private Rotation Earth(ElementRole element, double t)
    {
        var p = pose(t);
        var upright = About(Vector3D.UnitY, -90);
        var bent = About(Vector3D.UnitY, element == ElementRole.Lower ? p.Lower : p.Upper);
        return About(Vector3D.UnitZ, p.Turn) * About(Vector3D.UnitX, p.Lean) * bent * upright * Mounting(element, t).Inverse;
    }

    public static Rotation About(Vector3D axis, double degrees) => Rotation.FromAxisAngle(axis, Angle.FromDegrees(degrees));
}

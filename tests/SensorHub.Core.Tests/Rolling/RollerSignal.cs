using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Rolling;

/// <summary>
/// An ideal roller, rolled to and fro: 2 s at rest on the floor, then pressed in a ramp of 0.5 s, then one-way strokes
/// along half a cosine each, then released in 0.5 s, then 2 s at rest.
/// </summary>
internal sealed record RollerSignal
{
    public static readonly Slug Roller = Slug.Parse("roller");
    public static readonly RollerGeometry Firm = new(0.05f, 0.3f, Firm: true, LoadArrangement.Direct);

    private const double Lead = 2;
    private const double Ramp = 0.5;

    /// <summary>When it begins, s.</summary>
    public double Start { get; init; }

    public int Strokes { get; init; } = 10;

    public double StrokeSeconds { get; init; } = 3;

    /// <summary>At rest between strokes, s.</summary>
    public double Dwell { get; init; }

    /// <summary>rad turned in a stroke: 0.28 m on a radius of 0.0485 m.</summary>
    public double StrokeAngle { get; init; } = 0.28 / 0.0485;

    /// <summary>N.</summary>
    public double Force { get; init; } = 150;

    public Vector3D Axis { get; init; } = Vector3D.UnitY;

    /// <summary>rad/s.</summary>
    public Vector3D Bias { get; init; }

    public double Seconds => 2 * (Lead + Ramp) + Strokes * (StrokeSeconds + Dwell);

    /// <summary>Part of each positive stroke in which skin slides over the roller instead of turning it.</summary>
    public double Slip { get; init; }

    /// <summary>Force is 0 to <see cref="Force"/> over each ramp; contact is from 30 N up to 15 N down.</summary>
    public double ContactSeconds => Seconds - 2 * Lead - Ramp * (30 / Force + 15 / Force);

    public Timestamp StrokeStart(int number) => At(Lead + Ramp + number * (StrokeSeconds + Dwell));

    /// <summary>Frames in the order of arrival: six IMU samples at 100 Hz and three load samples at 50 Hz every 60 ms.</summary>
    public IEnumerable<object> Packets(Func<int, bool>? lost = null)
    {
        for (var frame = 0; frame * 0.06 < Seconds; frame++)
        {
            if (!(lost?.Invoke(2 * frame) ?? false))
                yield return new ImuPacket(Roller, ElementRole.Core, [.. Enumerable.Range(0, 6).Select(i => Imu(frame * 0.06 + i * 0.01))], 0);
            if (!(lost?.Invoke(2 * frame + 1) ?? false))
                yield return new LoadPacket(Roller, [.. Enumerable.Range(0, 3).Select(i => Load(frame * 0.06 + i * 0.02 + 0.003))], 0);
        }
    }

    public double Angle(double t)
    {
        var (number, part) = StrokeAt(t);
        var lost = Slip * StrokeAngle;
        var from = number % 2 == 0 ? -lost * number / 2 : StrokeAngle - lost * (number + 1) / 2;
        var to = number % 2 == 0 ? from + StrokeAngle - lost : from - StrokeAngle;
        return from + (to - from) * 0.5 * (1 - Math.Cos(Math.PI * part));
    }

    private (int Number, double Part) StrokeAt(double t)
    {
        var number = (int)Math.Clamp(Math.Floor((t - Lead - Ramp) / (StrokeSeconds + Dwell)), 0, Strokes - 1);
        return (number, Math.Clamp((t - Lead - Ramp - number * (StrokeSeconds + Dwell)) / StrokeSeconds, 0, 1));
    }

    private ImuSample Imu(double t)
    {
        var rate = (Angle(t + 1e-5) - Angle(t - 1e-5)) / 2e-5;
        // The axis is level, and up turns against the roller.
        var across = Vector3D.Cross(Axis, Math.Abs(Axis.X) < 0.9 ? Vector3D.UnitX : Vector3D.UnitY).Normalized();
        var (sin, cos) = Math.SinCos(Angle(t));
        return new ImuSample(At(t), 9.80665 * (cos * across - sin * Vector3D.Cross(Axis, across)), rate * Axis + Bias);
    }

    private LoadSample Load(double t) =>
        new(At(t), [Force * Math.Clamp(Math.Min((t - Lead) / Ramp, (Seconds - Lead - t) / Ramp), 0, 1)]);

    private Timestamp At(double seconds) => new((long)Math.Round((Start + seconds) * 1e9));
}

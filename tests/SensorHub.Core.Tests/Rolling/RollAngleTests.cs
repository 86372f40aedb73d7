using CsCheck;
using SensorHub.Core.Orientation;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Rolling;

public class RollAngleTests
{
    private const double Radius = 0.0485;

    [Fact]
    public void Gravity_bounds_the_drift_of_a_bias_that_no_rest_has_shown() =>
        Gen.Select(Gen.Double[-1, 1], Gen.Double[-1, 1], Gen.Double[-1, 1]).Sample((x, y, z) =>
        {
            // Always under load: the bias is never learnt at rest. By integration alone a minute would drift by up to 60°.
            var signal = new RollerSignal { Strokes = 20, Bias = double.DegreesToRadians(1) * new Vector3D(x, y, z) };
            var angle = new RollAngle(Radius, new RollingOptions());
            Feed(angle, signal, learnBias: false);
            return Math.Abs(double.RadiansToDegrees(angle.Angle - signal.Angle(signal.Seconds))) < 3;
        }, iter: 20);

    [Fact]
    public void Through_a_knock_that_turns_gravity_the_angle_stays()
    {
        var angle = new RollAngle(Radius, new RollingOptions());
        for (var i = 0; i < 1000; i++)
        {
            var push = i is > 500 and < 520 ? 3.0 : 0; // 0.3 g sideways: the norm tells
            angle.Update(new ImuSample(new Timestamp(i * 10_000_000L), new Vector3D(9.80665, 0, push), default), learnBias: true, learnAxis: false);
        }

        Assert.Equal(0, double.RadiansToDegrees(angle.Angle), 0.2);
    }

    [Fact]
    public void A_roller_that_tumbles_has_no_clear_axis_and_one_that_rolls_has()
    {
        var angle = new RollAngle(Radius, new RollingOptions());
        Feed(angle, new RollerSignal { Strokes = 4 }, learnBias: false);
        Assert.False(angle.Axis.Unclear);
        Assert.InRange(angle.Axis.Explained, 0.999, 1);

        for (var i = 0; i < 200; i++)
        {
            var (sin, cos) = Math.SinCos(0.05 * i);
            angle.Update(new ImuSample(new Timestamp(30_000_000_000 + i * 10_000_000L), new Vector3D(0, 0, 9.8), 2 * new Vector3D(cos, sin, 0.5)), learnBias: false, learnAxis: true);
        }
        Assert.True(angle.Axis.Unclear);
    }

    [Fact]
    public void The_centripetal_force_of_a_quick_stroke_is_not_lifting()
    {
        var angle = new RollAngle(Radius, new RollingOptions());
        const double Rate = 10, Offset = 0.008;
        for (var i = 0; i < 200; i++)
        {
            var (sin, cos) = Math.SinCos(Rate * 0.01 * i);
            angle.Update(
                new ImuSample(new Timestamp(i * 10_000_000L), new Vector3D(9.80665 * cos - Offset * Rate * Rate, 0, 9.80665 * sin), Rate * Vector3D.UnitY),
                learnBias: false, learnAxis: true);
            Assert.False(angle.Lifted);
        }
    }

    [Fact]
    public void Rates_at_the_end_of_the_range_are_told()
    {
        var angle = new RollAngle(Radius, new RollingOptions());
        angle.Update(new ImuSample(new Timestamp(0), new Vector3D(0, 0, 9.8), new Vector3D(0, double.DegreesToRadians(1000), 0)), learnBias: false, learnAxis: true);

        Assert.True(angle.Saturated);
    }

    private static void Feed(RollAngle angle, RollerSignal signal, bool learnBias)
    {
        foreach (var packet in signal.Packets().OfType<ImuPacket>())
            foreach (var sample in packet.Samples)
                angle.Update(sample, learnBias, learnAxis: true);
    }
}

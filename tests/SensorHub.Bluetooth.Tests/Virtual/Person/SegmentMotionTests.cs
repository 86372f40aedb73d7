using CsCheck;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core.Units;

namespace SensorHub.Bluetooth.Tests.Virtual.Person;

public sealed class SegmentMotionTests
{
    private const double Step = 1e-3;

    [Fact]
    public void At_rest_the_axes_are_cranial_left_and_posterior()
    {
        var upright = default(SegmentMotion).Read().SpecificForce;
        Assert.Equal(new Vector3D(ImuReading.Gravity, 0, 0), upright);
        var leaning = (default(SegmentMotion) with { Inclination = Jet.Constant(Math.PI / 2) }).Read().SpecificForce;
        Assert.Equal(ImuReading.Gravity, leaning.Z, 1e-12); // face down, the back points up
        var onTheRight = (default(SegmentMotion) with { Lateral = Jet.Constant(Math.PI / 2) }).Read().SpecificForce;
        Assert.Equal(ImuReading.Gravity, onTheRight.Y, 1e-12); // lying on the right side, left points up
        var pushed = (default(SegmentMotion) with { X = new Jet(0, 0, 1) }).Read().SpecificForce;
        Assert.Equal(-1, pushed.Z, 1e-12); // pushed forward
    }

    [Fact]
    public void The_angular_rate_turns_the_axes_as_the_three_angles_do() =>
        Gen.Double[-1, 1].Array[6].Sample(v =>
        {
            var at = new SegmentMotion(new Jet(v[0], v[1], 0), new Jet(v[2], v[3], 0), new Jet(v[4], v[5], 0), default, default, default);
            var before = Up(at, -Step);
            var after = Up(at, Step);

            // A direction fixed to the earth moves in sensor axes by −ω × it.
            var expected = -1 * Vector3D.Cross(at.Read().AngularRate, Up(at, 0));
            Assert.True((1 / (2 * Step) * (after - before) - expected).Norm < 1e-4);

            static Vector3D Up(SegmentMotion m, double dt) => new SegmentMotion(
                Jet.Constant(m.Inclination.Value + dt * m.Inclination.Rate), Jet.Constant(m.Lateral.Value + dt * m.Lateral.Rate),
                Jet.Constant(m.Yaw.Value + dt * m.Yaw.Rate), default, default, default).Read().SpecificForce.Normalized();
        });

    [Fact]
    public void So_does_a_horizontal_direction() =>
        Gen.Double[-1, 1].Array[6].Sample(v =>
        {
            var at = new SegmentMotion(new Jet(v[0], v[1], 0), new Jet(v[2], v[3], 0), new Jet(v[4], v[5], 0), default, default, default);
            var expected = -1 * Vector3D.Cross(at.Read().AngularRate, Forward(at, 0));
            Assert.True((1 / (2 * Step) * (Forward(at, Step) - Forward(at, -Step)) - expected).Norm < 1e-4);

            // What an acceleration forward adds to the force is the forward direction in sensor axes.
            static Vector3D Forward(SegmentMotion m, double dt)
            {
                var still = new SegmentMotion(
                    Jet.Constant(m.Inclination.Value + dt * m.Inclination.Rate), Jet.Constant(m.Lateral.Value + dt * m.Lateral.Rate),
                    Jet.Constant(m.Yaw.Value + dt * m.Yaw.Rate), default, default, default);
                return (still with { X = new Jet(0, 0, 1) }).Read().SpecificForce - still.Read().SpecificForce;
            }
        });
}

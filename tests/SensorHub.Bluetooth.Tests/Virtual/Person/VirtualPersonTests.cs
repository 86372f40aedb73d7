using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Tests.Virtual.Person;

public sealed class VirtualPersonTests
{
    private const double CoreRadius = 0.008;
    private static readonly VirtualPerson Person = new(Scenario.Hamstrings, new RollerBuild().RollingRadius, new Random(1));
    private static readonly GroundTruth Truth = new(Person, default);

    [Theory]
    [InlineData(ElementRole.Lower)]
    [InlineData(ElementRole.Upper)]
    public void The_integral_of_the_angular_rate_is_the_inclination(ElementRole role)
    {
        // Through bends, sitting down and rolling: about Y, corrected for the little that yaw and lateral bend turn it.
        const double Step = 0.001;
        var angle = Inclination(role, 0).Value;
        for (var t = 0.0; t < 120; t += Step)
        {
            angle += Step * RateOfInclination(role, t + Step / 2);
            if ((int)(t / Step) % 1000 == 0)
                Assert.Equal(Inclination(role, t + Step).Value, angle, 1e-5);
        }
    }

    [Theory]
    [InlineData(ElementRole.Lower)]
    [InlineData(ElementRole.Upper)]
    public void Standing_still_the_force_points_up_and_gives_the_inclination(ElementRole role)
    {
        for (var t = 0.0; t < 6.9; t += 0.1)
        {
            var force = Person.Back(role, t).Read().SpecificForce;
            Assert.Equal(Inclination(role, t).Value, Math.Atan2(force.Z, force.X), 0.004);
            Assert.Equal(ImuReading.Gravity, force.Norm, 0.04);
        }
    }

    [Fact]
    public void The_specific_force_is_gravity_and_the_second_derivative_of_the_place()
    {
        // Turned back to earth axes; in a bend, where both are large.
        const double H = 1e-4;
        for (var t = 7.1; t < 10; t += 0.13)
        {
            var motion = Person.Back(ElementRole.Upper, t);
            var x = (Person.Back(ElementRole.Upper, t + H).X.Value - 2 * motion.X.Value + Person.Back(ElementRole.Upper, t - H).X.Value) / (H * H);
            var z = (Person.Back(ElementRole.Upper, t + H).Z.Value - 2 * motion.Z.Value + Person.Back(ElementRole.Upper, t - H).Z.Value) / (H * H);
            var inPlane = motion with { Lateral = default, Yaw = default };
            var f = inPlane.Read().SpecificForce;
            var (sin, cos) = Math.SinCos(motion.Inclination.Value);
            Assert.Equal(x, sin * f.X - cos * f.Z, 1e-3);
            Assert.Equal(z + ImuReading.Gravity, cos * f.X + sin * f.Z, 1e-3);
        }
    }

    [Fact]
    public void The_core_feels_gravity_turn_the_centripetal_force_and_its_own_rolling()
    {
        for (var t = 33.7; t < 60; t += 0.37)
        {
            var motion = Person.Core(t, CoreRadius) with { Yaw = default };
            var angle = Person.RollAngle(t);
            var floor = Person.Core(t, 0).X.Acceleration;
            var (sin, cos) = Math.SinCos(angle.Value);
            var f = motion.Read().SpecificForce;
            Assert.Equal(ImuReading.Gravity * cos + floor * sin - CoreRadius * angle.Rate * angle.Rate, f.X, 1e-9);
            Assert.Equal(ImuReading.Gravity * sin - floor * cos - CoreRadius * angle.Acceleration, f.Z, 1e-9);
            Assert.Equal(angle.Rate, motion.Read().AngularRate.Y, 1e-12);
        }
    }

    [Fact]
    public void A_stroke_turns_the_roller_by_its_path_over_the_radius_less_the_slip()
    {
        var radius = new RollerBuild().RollingRadius;
        Assert.All(Person.PlannedStrokes, stroke =>
        {
            var path = Person.Path(stroke.End).Value - Person.Path(stroke.Start).Value;
            var turned = Person.RollAngle(stroke.End).Value - Person.RollAngle(stroke.Start).Value;
            Assert.Equal(path * (path > 0 ? 0.98 : 1), radius * turned, 1e-6);
        });
    }

    [Fact]
    public void Standing_has_its_lordosis_and_a_bend_its_lumbar_share()
    {
        Assert.InRange(At(5).Lordosis.Degrees, 29, 33);
        var (stand, bent) = (At(6.9), At(7 + 1.7));
        var trunk = bent.UpperInclination - stand.UpperInclination;
        Assert.InRange(trunk.Degrees, 73, 77);
        Assert.InRange((stand.Lordosis - bent.Lordosis).Radians / trunk.Radians, 0.58, 0.62);
    }

    [Fact]
    public void The_hamstrings_scenario_rolls_within_35_seconds_and_takes_three_to_four_minutes()
    {
        Assert.InRange(Scenario.Hamstrings.Seconds, 180, 240);
        Assert.InRange(Truth.Strokes[0].Start.UnixNanoseconds * 1e-9, 20, 35);
        Assert.Equal([Phase.Standing, Phase.Bending, Phase.Sitting, Phase.Slouching, Phase.Sitting, Phase.Unknown, Phase.Rolling, Phase.Rolling, Phase.Standing, Phase.Bending, Phase.Standing],
            Truth.Phases.Select(p => p.Phase));
    }

    [Fact]
    public void Strokes_in_contact_count_and_turning_without_weight_does_not()
    {
        Assert.Equal(44, Truth.Strokes.Count);
        Assert.Equal(22, Truth.Strokes.Count(s => s.Side == Side.Left && s.Muscle == Muscle.Hamstrings));
        Assert.All(Truth.Strokes, s => Assert.Equal((0.28, s.Number % 2 == 1 ? 1 : -1), (Math.Round(s.Length, 6), s.Direction)));

        // Carried to the muscle, the roller turns by 6.5 cm of its circumference.
        Assert.Equal(0.9, Person.RollAngle(33).Value - Person.RollAngle(31).Value, 0.01);
        Assert.Equal(3, Truth.Contacts.Count);
        Assert.Equal(Truth.ContactTime, TimeSpan.FromTicks(Truth.Contacts.Sum(c => (c.End - c.Start).Ticks)));
    }

    [Fact]
    public void A_set_that_is_too_light_for_contact_has_no_strokes()
    {
        var light = new RollingSet(Muscle.Calf, Side.Left, Strokes: 4, SecondsPerStroke: 2, StrokeLength: 0.2, Force: 20);
        var scenario = new Scenario("light", "", [new Activity.Stand(5), new Activity.GoDown(3), new Activity.Roll(light)]);
        var truth = new GroundTruth(new VirtualPerson(scenario, new RollerBuild().RollingRadius, new Random(1)), default);
        Assert.Empty(truth.Strokes);
        Assert.Equal(TimeSpan.Zero, truth.ContactTime);
    }

    [Fact]
    public void Every_scenario_plays_from_its_name()
    {
        Assert.All(Scenario.All, s =>
        {
            Assert.Same(s, Scenario.Find(s.Name));
            Assert.True(s.CalibrationStart + s.CalibrationSeconds < s.Activities[0].Seconds);
            _ = new GroundTruth(new VirtualPerson(s, new RollerBuild().RollingRadius, new Random(1)), default);
        });
        Assert.Null(Scenario.Find("none"));
    }

    private static TruthAt At(double seconds) => Truth.At(new Timestamp((long)(seconds * 1e9)));

    private static Jet Inclination(ElementRole role, double t) => role == ElementRole.Lower ? Person.PelvicInclination(t) : Person.UpperInclination(t);

    private static double RateOfInclination(ElementRole role, double t)
    {
        var motion = Person.Back(role, t);
        return motion.Read().AngularRate.Y - Math.Sin(motion.Lateral.Value) * motion.Yaw.Rate;
    }
}

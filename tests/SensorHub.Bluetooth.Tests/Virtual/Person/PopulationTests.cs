using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Tests.Virtual.Person;

public sealed class PopulationTests
{
    private static readonly PersonTraits[] People = [.. Enumerable.Range(1, 1000).Select(PersonTraits.Draw)];

    [Fact]
    public void A_seed_is_one_person()
    {
        Assert.Equal(PersonTraits.Draw(3).Body, PersonTraits.Draw(3).Body);
        Assert.NotEqual(PersonTraits.Draw(3).Body, PersonTraits.Draw(4).Body);
    }

    [Fact]
    public void Postures_have_the_means_and_spreads_that_were_published()
    {
        AssertNear(31.6, 10, [.. People.Select(p => p.Body.Standing.Lordosis)]);
        AssertNear(20.4, 8, [.. People.Select(p => p.Body.Standing.Pelvis)]);
        Assert.InRange(People.Average(p => p.Body.Sitting.Lordosis), 4, 7);
        Assert.InRange(People.Average(p => p.Body.Sitting.Pelvis), 3.8, 6);

        static void AssertNear(double mean, double deviation, double[] values)
        {
            var average = values.Average();
            Assert.Equal(mean, average, 0.1 * deviation);
            Assert.Equal(deviation, Math.Sqrt(values.Average(v => (v - average) * (v - average))), 0.15 * deviation);
        }
    }

    [Fact]
    public void Every_kind_of_roller_and_of_mounting_occurs_and_errors_stay_within_their_limits()
    {
        Assert.Equal(5, People.Select(p => p.Roller.Geometry.Arrangement).Distinct().Count());
        Assert.Contains(People, p => p.Clip.Lower!.Mounting.Angle.Degrees > 170);
        Assert.Contains(People, p => p.Clip.Lower!.Mounting.Angle.Degrees is > 80 and < 100);
        Assert.All(People.SelectMany(p => new[] { p.Clip.Lower!, p.Clip.Upper!, p.Roller.Imu! }), imu =>
            Assert.All(new[] { imu.RateBias.X, imu.RateBias.Y, imu.RateBias.Z }, bias => Assert.InRange(Math.Abs(double.RadiansToDegrees(bias)), 0, 1)));
        Assert.All(People, p => Assert.InRange(Math.Max(Math.Abs(p.Wearing.Slope.Lower), Math.Abs(p.Wearing.Slope.Upper)), 0, 10));
    }

    [Fact]
    public void People_do_the_same_scenario_each_in_their_own_way()
    {
        var performed = People.Take(50).Select(p => (Traits: p, Scenario: p.Habits.Perform(Scenario.Day, p.Body.Mass))).ToArray();
        Assert.All(performed, p => Assert.Equal(Scenario.Day.Activities.Select(a => a.GetType()), p.Scenario.Activities.Select(a => a.GetType())));
        Assert.True(performed.Select(p => p.Scenario.Seconds).Distinct().Count() > 40);
        Assert.All(performed, p => Assert.All(p.Scenario.Activities.OfType<Activity.Roll>(), roll =>
            Assert.InRange(roll.Set.Force / (p.Traits.Body.Mass * 9.81), 0.13, 0.46)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Their_rates_and_forces_agree_with_their_places(int seed)
    {
        var person = Person(seed);
        foreach (var role in new[] { ElementRole.Lower, ElementRole.Upper })
            for (var t = 0.05; t < person.Scenario.Seconds; t += 0.713)
            {
                Derivatives.Check(x => person.Back(role, x).Inclination, t);
                Derivatives.Check(x => person.Back(role, x).Lateral, t);
                Derivatives.Check(x => person.Back(role, x).Yaw, t);
                Derivatives.Check(x => person.Back(role, x).X, t);
                Derivatives.Check(x => person.Back(role, x).Z, t);
            }
    }

    [Fact]
    public void A_walk_shakes_the_trunk_as_recorded_walks_do()
    {
        // ../shared/data/lumbar and lower_back: angular rate 25 to 68 °/s, vertical acceleration 1 to 4.2 m/s², root mean square.
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var person = Person(seed);
            var walk = person.Parts.First(p => p.Phase == Phase.Walking);
            var (rate, force) = (0.0, 0.0);
            const int Samples = 500;
            for (var i = 0; i < Samples; i++)
            {
                var motion = person.Back(ElementRole.Lower, walk.Settled + 0.01 * i);
                var turn = double.RadiansToDegrees(motion.Read().AngularRate.Norm);
                (rate, force) = (rate + turn * turn / Samples, force + motion.Z.Acceleration * motion.Z.Acceleration / Samples);
            }
            Assert.InRange(Math.Sqrt(rate), 20, 70);
            Assert.InRange(Math.Sqrt(force), 1, 4.3);
        }
    }

    [Fact]
    public void Lying_on_the_back_on_the_front_and_on_a_side_points_up_as_it_should()
    {
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var person = Person(seed);
            var lying = person.Parts.Where(p => p.Phase == Phase.Lying).ToArray();
            Assert.Equal(2, lying.Length);
            var (back, other) = (Up(lying[0]), Up(lying[1]));
            Assert.True(back.Z < -0.9); // the front points up
            _ = PersonTraits.Draw(seed).Habits.Side switch
            {
                LyingOn.Front => Check(other.Z > 0.9),
                LyingOn.Right => Check(other.Y > 0.9),
                _ => Check(other.Y < -0.9),
            };

            Core.Units.Vector3D Up(VirtualPerson.Part part) => person.Back(ElementRole.Upper, part.Settled + 2).Read().SpecificForce.Normalized();

            static bool Check(bool claim)
            {
                Assert.True(claim);
                return claim;
            }
        }
    }

    [Fact]
    public void Truth_of_a_bend_is_its_share_whatever_the_slope_of_the_skin()
    {
        var traits = PersonTraits.Draw(5);
        var person = Person(5);
        var bends = new GroundTruth(person, default).Bends;
        Assert.Equal(8, bends.Count);
        var asked = person.Scenario.Activities.OfType<Activity.Bend>().SelectMany(b => Enumerable.Repeat(b, b.Repetitions)).ToArray();
        Assert.All(bends.Zip(asked), pair => Assert.Equal(pair.Second.LumbarShare, pair.First.Share, 0.04)); // but for sway
        Assert.All(bends.Zip(asked), pair => Assert.Equal(pair.Second.TrunkDegrees, pair.First.Trunk, 3.0));
        Assert.All(bends, b => Assert.True(b.ShareAt30 > b.Share)); // the lumbar spine leads
        Assert.NotEqual(0, traits.Wearing.Slope.Lower);
    }

    [Fact]
    public void Uneven_strokes_with_pauses_are_all_in_the_truth()
    {
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var person = Person(seed);
            var truth = new GroundTruth(person, default);
            Assert.Equal(person.Scenario.Activities.OfType<Activity.Roll>().Sum(r => r.Set.Strokes), truth.Strokes.Count);
            Assert.True(truth.Strokes.Select(s => Math.Round(s.Length, 6)).Distinct().Count() > 5);
        }
    }

    private static VirtualPerson Person(int seed)
    {
        var traits = PersonTraits.Draw(seed);
        return new(traits.Habits.Perform(Scenario.Day, traits.Body.Mass), traits.Roller.RollingRadius, new Random(seed), traits.Body, traits.Wearing);
    }
}

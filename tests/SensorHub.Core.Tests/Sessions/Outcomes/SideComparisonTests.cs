using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Sessions.Outcomes;

public class SideComparisonTests
{
    private static readonly Timestamp At = Timestamp.Parse("2026-01-05T09:00:00Z");

    [Theory]
    [InlineData(60, 80, 28.57, true)] // 20° of difference; 12° can be detected
    [InlineData(50, 60, 18.18, false)] // above 15 %, not detectable
    [InlineData(90, 103, 13.47, false)] // detectable, below 15 %
    public void A_leg_is_compared_with_the_other_and_flagged_only_for_a_detectable_difference(double left, double right, double index, bool flagged)
    {
        var sides = Assert.Single(SideComparison.OfMeasures([Leg(Side.Left, left), Leg(Side.Right, right)]));
        Assert.Equal(("straight_leg_raise", "deg", 12.0), (sides.What, sides.Unit, sides.Detectable));
        Assert.Equal(index, sides.Index.Value!.Value.Value, 0.01);
        Assert.Equal(flagged, sides.Index.Flagged);
    }

    [Fact]
    public void One_leg_or_too_few_raises_or_a_bad_one_give_no_index()
    {
        Assert.Empty(SideComparison.OfMeasures([Leg(Side.Left, 60)]));
        Assert.Empty(SideComparison.OfMeasures([Leg(Side.Left, 60), Leg(Side.Right, 80) with { Measure = Measure.KneeExtension }]));
        Assert.Equal(default, Assert.Single(SideComparison.OfMeasures([Leg(Side.Left, 60), Leg(Side.Right, 80) with { Repetitions = 1 }])).Index);
        Assert.Equal(default, Assert.Single(SideComparison.OfMeasures([Leg(Side.Left, 60), Leg(Side.Right, 80) with { Quality = Quality.Degraded }])).Index);
        Assert.Equal(default, Assert.Single(SideComparison.OfMeasures([Leg(Side.Left, 4), Leg(Side.Right, 8)])).Index);
    }

    [Fact]
    public void Force_is_the_mean_over_the_time_in_contact_and_impulse_the_sum_of_all_sets_of_a_side()
    {
        var sides = SideComparison.OfRolling(
            [Set(Side.Left, 100, 10), Set(Side.Left, 160, 20), Set(Side.Right, 180, 30), Set(Side.Left, 500, 30) with { Muscle = Muscle.Calf }]);
        Assert.Equal([("mean_force", 140.0, 180.0), ("impulse", 4200.0, 5400.0)], sides.Select(s => (s.What, Math.Round(s.Left.Value, 6), s.Right.Value)));
        Assert.All(sides, s => Assert.Equal((25.0, true), (Math.Round(s.Index.Value!.Value.Value, 6), s.Index.Flagged)));
        // u of 3 % is the load cells': it is not lessened by a second set.
        Assert.Equal(4.2, sides[0].Left.StandardUncertainty, 1e-9);
    }

    [Fact]
    public void A_difference_within_the_uncertainty_of_forces_is_not_flagged()
    {
        var sides = SideComparison.OfRolling([Set(Side.Left, 100, 30, share: 0.10), Set(Side.Right, 120, 30, share: 0.10)]);
        Assert.All(sides, s => Assert.Equal((18.18, false), (Math.Round(s.Index.Value!.Value.Value, 2), s.Index.Flagged)));
    }

    [Fact]
    public void Forces_that_nobody_measured_are_not_compared() =>
        Assert.Empty(SideComparison.OfRolling([Set(Side.Left, 100, 30), Set(Side.Right, 150, 30) with { Source = ForceSource.Modelled }]));

    private static MeasureValue Leg(Side side, double degrees) => new()
    {
        Measure = Measure.StraightLegRaise, Side = side, Value = new Measured(degrees, 1), ToCompare = new Measured(degrees, 1),
        Repetitions = 3, Method = "mean-of-raises", Quality = Quality.Good, At = At,
    };

    private static RollingSet Set(Side side, double force, double seconds, double share = 0.03) => new()
    {
        Time = At, Sensor = Slug.Parse("roller"), Muscle = Muscle.Hamstrings, Side = side, Number = 1, Start = At,
        ContactTime = TimeSpan.FromSeconds(seconds), TimeInBand = TimeSpan.Zero, Strokes = 10, Dwells = 0, LongestDwell = TimeSpan.Zero,
        MeanForce = new Measured(force, share * force), Impulse = new Measured(force * seconds, share * force * seconds),
        Source = ForceSource.Measured, Quality = Quality.Good,
    };
}

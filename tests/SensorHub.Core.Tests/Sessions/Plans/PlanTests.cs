using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;

namespace SensorHub.Core.Tests.Sessions.Plans;

public class PlanTests
{
    private static readonly RollingPlan Good = DefaultPlans.OrderA;

    public static TheoryData<PlanItem, string> BadItems => new()
    {
        { Hamstrings with { Muscle = Muscle.HipFlexors }, "item 1 (hip_flexors, left): this muscle is not rolled; it is stretched or strengthened." },
        { Hamstrings with { Muscle = Muscle.LumbarParaspinals }, "item 1 (lumbar_paraspinals, left): this muscle is rolled only when a therapist has unlocked the plan." },
        { Hamstrings with { Muscle = Muscle.None }, "item 1 (none, left): it names no muscle." },
        { Hamstrings with { Sets = 4 }, "item 1 (hamstrings, left): sets: 4; it takes 1 to 3." },
        { Hamstrings with { SetDuration = TimeSpan.FromSeconds(29.5) }, "item 1 (hamstrings, left): a set: 29.5 s; it takes 30 to 120 s." },
        { Hamstrings with { StrokeDuration = TimeSpan.FromSeconds(1) }, "item 1 (hamstrings, left): a stroke: 1 s; it takes 2 to 4 s." },
        { Hamstrings with { Rest = TimeSpan.FromSeconds(-1) }, "item 1 (hamstrings, left): rest: -1 s; it takes 0 to 300 s." },
        { Hamstrings with { BodyWeightPercent = (20, 60) }, "item 1 (hamstrings, left): the band reaches 60 % of body weight; 55 % is the ceiling, and more force does not give more range." },
        { Hamstrings with { BodyWeightPercent = (20, 20) }, "item 1 (hamstrings, left): the band of 20 to 20 % of body weight is empty: its lower end lies below its upper one." },
        { Hamstrings with { BodyWeightPercent = (double.NaN, 20) }, "item 1 (hamstrings, left): the band of NaN to 20 % of body weight is empty: its lower end lies below its upper one." },
    };

    private static PlanItem Hamstrings => PlanItem.Default(Muscle.Hamstrings, Side.Left);

    [Theory]
    [MemberData(nameof(BadItems))]
    public void A_dose_out_of_its_limits_is_refused_with_the_item_the_value_and_the_limits(PlanItem item, string fault) =>
        Assert.Equal(fault, PlanRules.FindFault(Good with { Items = [item] }));

    [Fact]
    public void A_plan_without_items_or_with_one_twice_is_refused()
    {
        Assert.Equal("it has no items: name at least one muscle.", PlanRules.FindFault(Good with { Items = [] }));
        Assert.Equal("items 1 and 2 are both for hamstrings, left: join them.", PlanRules.FindFault(Good with { Items = [Hamstrings, Hamstrings] }));
    }

    [Fact]
    public void A_therapist_may_unlock_the_muscles_beside_the_lumbar_spine() =>
        Assert.Null(PlanRules.FindFault(Good with { Unlocked = true, Items = [Hamstrings with { Muscle = Muscle.LumbarParaspinals, Side = Side.None }] }));

    [Fact]
    public void A_plan_comes_back_from_its_file_as_it_was()
    {
        foreach (var plan in DefaultPlans.All.Append(Good with { Unlocked = true, Order = ReleaseOrder.None, Items = [Hamstrings with { Rest = TimeSpan.FromSeconds(12.5) }] }))
            Assert.Equal(plan, PlanFile.Parse(PlanFile.Write(plan), "plan.json"));
    }

    [Fact]
    public void What_an_item_leaves_out_is_the_default_of_its_muscle()
    {
        var plan = PlanFile.Parse("""
            { "schema": "plan/1", "id": "short", "name": "Short",
              "items": [ { "muscle": "calf", "side": "right" }, /* a comment */ ] }
            """, "short.json");

        Assert.Equal(PlanItem.Default(Muscle.Calf, Side.Right), Assert.Single(plan.Items));
        Assert.Equal(ReleaseOrder.None, plan.Order);
    }

    [Theory]
    [InlineData("", "p.json: line 1: ")]
    [InlineData("[]", "p.json: this is no plan: it does not begin with \"schema\": \"plan/1\".")]
    [InlineData("""{ "schema": "plan/2", "new": 1 }""", "p.json: it is of version 2, written by a newer program; this one reads up to version 1. Update SensorHub.")]
    [InlineData("""{ "schema": "posture/1" }""", "p.json: its schema is 'posture/1' where 'plan/1' is read.")]
    [InlineData("""{ "schema": "plan/1", "id": "a", "name": "A" }""", "p.json: ")]
    [InlineData("""{ "schema": "plan/1", "id": "A!", "name": "A", "items": [] }""", "p.json: the id 'A!' is not a name")]
    [InlineData("""{ "schema": "plan/1", "id": "a", "name": "A", "items": [ { "muscle": "hamstring", "side": "left" } ] }""", "p.json: item 1: no muscle is called 'hamstring'; there are none, hamstrings, ")]
    [InlineData("""{ "schema": "plan/1", "id": "a", "name": "A", "items": [ { "muscle": "calf", "side": "left", "seconds": 3 } ] }""", "p.json: line 1: The JSON property 'seconds' could not be mapped")]
    [InlineData("""{ "schema": "plan/1", "id": "a", "name": "A", "items": [ { "muscle": "calf", "side": "left", "set_duration_s": 1e300 } ] }""", "p.json: item 1: 1E+300 s is longer than a day.")]
    [InlineData("""{ "schema": "plan/1", "id": "a", "name": "A", "unlocked": true, "items": [ { "muscle": "lumbar_paraspinals", "side": "none" } ] }""", "p.json: item 1: lumbar_paraspinals has no default dose")]
    public void A_broken_file_gets_one_line_that_names_it(string json, string beginning)
    {
        var e = Assert.Throws<UserException>(() => PlanFile.Parse(json, "p.json"));
        Assert.StartsWith(beginning, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void The_item_of_a_side_is_found_before_one_for_both()
    {
        var plan = Good with { Items = [Hamstrings with { Side = Side.None, Sets = 1 }, Hamstrings] };
        Assert.Equal(plan.Items[1], plan.Find(Muscle.Hamstrings, Side.Left));
        Assert.Equal(plan.Items[0], plan.Find(Muscle.Hamstrings, Side.Right));
        Assert.Null(plan.Find(Muscle.Calf, Side.Left));
    }
}

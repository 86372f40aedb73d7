using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;

namespace SensorHub.Core.Tests.Sessions;

public class MuscleFactsTests
{
    [Fact]
    public void Every_muscle_has_facts_and_antagonists_that_are_muscles()
    {
        Assert.Equal(Enum.GetValues<Muscle>().Where(m => m != Muscle.None).Order(), MuscleFacts.All.Select(f => f.Muscle).Order());
        Assert.All(MuscleFacts.All.SelectMany(f => f.Antagonists), muscle => MuscleFacts.Of(muscle));
    }

    [Fact]
    public void What_can_be_rolled_without_a_therapists_word_has_a_default_dose_and_nothing_else_has() =>
        Assert.Equal(MuscleFacts.All.Where(f => f.Rollable == Rollable.Yes).Select(f => f.Muscle).Order(), MuscleTarget.Defaults.Select(t => t.Muscle).Order());

    [Fact]
    public void The_numbers_of_muscles_in_recordings_stay_what_they_were() =>
        Assert.Equal(
            [(Muscle)1, (Muscle)2, (Muscle)3, (Muscle)4, (Muscle)5, (Muscle)6, (Muscle)7],
            [Muscle.Hamstrings, Muscle.Quadriceps, Muscle.Calf, Muscle.Glutes, Muscle.Adductors, Muscle.TensorFasciaeLatae, Muscle.Thoracic]);

    [Theory]
    [InlineData(ReleaseOrder.A, PelvicEffect.Posterior)]
    [InlineData(ReleaseOrder.B, PelvicEffect.Anterior)]
    public void An_order_releases_first_what_pulls_the_pelvis_its_way_and_strengthens_only_what_pulls_the_other(ReleaseOrder order, PelvicEffect effect)
    {
        var first = MuscleFacts.All.Single(f => f.In(order) == OrderStep.Release(1));
        Assert.Equal(effect, first.Effect);
        Assert.All(MuscleFacts.All.Where(f => f.In(order).Kind == OrderStepKind.Strengthen), f => Assert.NotEqual(effect, f.Effect));
        Assert.Contains(MuscleFacts.All, f => f.In(order).Kind == OrderStepKind.Strengthen && first.Antagonists.Contains(f.Muscle));
    }

    [Fact]
    public void Default_plans_keep_the_rules_and_begin_with_the_muscle_of_rank_one()
    {
        Assert.All(DefaultPlans.All, plan => Assert.Null(PlanRules.FindFault(plan)));
        Assert.Equal(Muscle.Hamstrings, DefaultPlans.OrderA.Items[0].Muscle);
        Assert.Equal(Muscle.Quadriceps, DefaultPlans.OrderB.Items[0].Muscle);
    }

    [Fact]
    public void The_sites_to_keep_off_are_told_for_each_muscle_that_is_rolled_near_one()
    {
        Assert.Equal(Enum.GetValues<BodySite>().Order(), ForbiddenSite.All.Select(s => s.Site).Order());
        Assert.Contains(ForbiddenSite.Near(Muscle.Hamstrings), site => site.Site == BodySite.BackOfKnee);
        Assert.Contains(ForbiddenSite.Near(Muscle.Thoracic), site => site.Site == BodySite.LumbarSpine);
    }
}

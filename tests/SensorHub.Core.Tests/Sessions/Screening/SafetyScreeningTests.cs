using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Sessions.Screening;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Tests.Sessions.Screening;

public class SafetyScreeningTests
{
    private static readonly Timestamp Now = Timestamp.Parse("2026-01-05T09:00:00Z");

    public static TheoryData<string> Questions => [.. ScreeningQuestion.All.Select(q => q.Code)];

    [Fact]
    public void Who_answers_no_to_all_may_roll_until_the_outcome_expires()
    {
        var (outcome, reasons) = Judge();
        Assert.Empty(reasons);
        Assert.True(outcome.Allows(Now));
        Assert.True(outcome.Allows(Now + TimeSpan.FromDays(89)));
        Assert.False(outcome.Allows(Now + TimeSpan.FromDays(90)));
        Assert.False(outcome.Allows(Now - TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData("thrombosis")]
    [InlineData("open_wound")]
    [InlineData("fracture")]
    public void Thrombosis_wound_and_fracture_block_even_when_only_suspected(string code)
    {
        Assert.Equal(ScreeningDecision.Blocked, Judge((code, Answer.Yes)).Outcome.Decision);
        Assert.Equal(ScreeningDecision.Blocked, Judge((code, Answer.Unsure)).Outcome.Decision);
        Assert.Throws<UserException>(() => Judge((code, Answer.Yes)).Outcome.Clear(Now));
    }

    [Theory]
    [MemberData(nameof(Questions))]
    public void Every_yes_keeps_from_rolling_and_says_why_and_what_to_do(string code)
    {
        var (outcome, reasons) = Judge((code, Answer.Yes));
        Assert.False(outcome.Allows(Now));
        var reason = Assert.Single(reasons);
        Assert.NotEmpty(reason.Advice);
        foreach (var text in new[] { reason.Question.Text, reason.Advice })
        {
            Assert.DoesNotContain("diagnos", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("treatment", text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void The_gravest_reason_decides_and_comes_first()
    {
        var (outcome, reasons) = Judge(("pregnancy", Answer.Yes), ("thrombosis", Answer.Unsure));
        Assert.Equal(ScreeningDecision.Blocked, outcome.Decision);
        Assert.Equal(["thrombosis", "pregnancy"], reasons.Select(r => r.Question.Code));
    }

    [Fact]
    public void A_clinicians_clearance_lets_roll_for_a_while_off_the_excluded_places()
    {
        var needed = Judge([new ExcludedSite(Muscle.Calf, Side.Left)], ("varicose_veins", Answer.Yes)).Outcome;
        Assert.Equal(ScreeningDecision.NeedsClearance, needed.Decision);

        var cleared = needed.Clear(Now + TimeSpan.FromDays(3));
        Assert.True(cleared.ByClearance);
        Assert.True(cleared.Allows(Now + TimeSpan.FromDays(4)));
        Assert.False(cleared.Allows(Now + TimeSpan.FromDays(94)));
        var plan = cleared.Without(DefaultPlans.OrderA)!;
        Assert.Null(plan.Find(Muscle.Calf, Side.Left));
        Assert.NotNull(plan.Find(Muscle.Calf, Side.Right));
        Assert.Throws<UserException>(() => cleared.Clear(Now));
    }

    [Fact]
    public void A_plan_of_excluded_places_alone_is_nothing()
    {
        var outcome = Judge([new ExcludedSite(Muscle.Calf, Side.None)]).Outcome;
        Assert.Null(outcome.Without(DefaultPlans.OrderA with { Items = [PlanItem.Default(Muscle.Calf, Side.Left), PlanItem.Default(Muscle.Calf, Side.Right)] }));
        Assert.Same(DefaultPlans.OrderA, Judge().Outcome.Without(DefaultPlans.OrderA));
    }

    [Fact]
    public void A_question_left_out_or_misspelt_is_named()
    {
        Assert.StartsWith("'thrombosis' is not answered", Assert.Throws<UserException>(() => SafetyScreening.Judge(new Dictionary<string, Answer>(), [], Now)).Message, StringComparison.Ordinal);
        Assert.StartsWith("There is no question 'trombosis'", Assert.Throws<UserException>(() => SafetyScreening.Judge(new Dictionary<string, Answer> { ["trombosis"] = Answer.No }, [], Now)).Message, StringComparison.Ordinal);
    }

    private static ScreeningResult Judge(params ReadOnlySpan<(string Code, Answer Answer)> answers) => Judge([], answers);

    private static ScreeningResult Judge(ExcludedSite[] excluded, params ReadOnlySpan<(string Code, Answer Answer)> answers)
    {
        var all = ScreeningQuestion.All.ToDictionary(q => q.Code, _ => Answer.No);
        foreach (var (code, answer) in answers)
            all[code] = answer;
        return SafetyScreening.Judge(all, excluded, Now);
    }
}

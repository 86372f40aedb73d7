using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Programmes;

namespace SensorHub.Core.Tests.Sessions.Programmes;

public class ProgrammeTests
{
    private static readonly DateOnly Start = new(2026, 1, 5);
    private static readonly Programme OrderA = Programme.Default(ReleaseOrder.A);

    [Theory]
    [InlineData(ReleaseOrder.A, Muscle.Quadriceps)]
    [InlineData(ReleaseOrder.B, Muscle.Hamstrings)]
    public void The_default_releases_first_and_then_strengthens_the_antagonist(ReleaseOrder order, Muscle strengthened)
    {
        var programme = Programme.Default(order);
        Assert.Null(programme.FindFault());
        Assert.Empty(programme.Phases[0].Exercises);
        Assert.Contains(programme.Phases[1].Exercises, e => e.Muscle == strengthened);
    }

    [Fact]
    public void On_the_first_day_nothing_is_overdue()
    {
        var progress = ProgrammeProgress.Of(OrderA, Start, [], Start);
        Assert.Equal((1, "Release", 0, 0), (progress.Week, progress.Phase.Name, progress.Done, progress.Due));
        Assert.Null(progress.AdherencePercent);
        Assert.Equal(3, progress.LeftThisWeek);
        Assert.Equal("Release and strengthen", progress.Next!.Name);
    }

    [Fact]
    public void Adherence_is_what_was_done_of_what_was_due_and_a_busy_week_hides_no_idle_one()
    {
        DateOnly[] done = [.. Enumerable.Range(0, 6).Select(i => Start.AddDays(i))];
        var progress = ProgrammeProgress.Of(OrderA, Start, done, Start.AddDays(13));
        Assert.Equal((2, 3, 6, 36), (progress.Week, progress.Done, progress.Due, progress.Planned));
        Assert.Equal(50, progress.AdherencePercent);
    }

    [Theory]
    [InlineData(41, 6, "Release", true)]
    [InlineData(42, 7, "Release and strengthen", true)]
    [InlineData(27, 4, "Release", false)]
    [InlineData(28, 5, "Release", true)]
    public void The_phase_follows_the_weeks_and_a_lasting_gain_takes_more_than_four(int day, int week, string phase, bool gain)
    {
        var progress = ProgrammeProgress.Of(OrderA, Start, [], Start.AddDays(day));
        Assert.Equal((week, phase, gain), (progress.Week, progress.Phase.Name, progress.MayHaveLastingGain));
    }

    [Fact]
    public void After_the_last_week_it_is_over_and_nothing_more_is_due()
    {
        var progress = ProgrammeProgress.Of(OrderA, Start, [Start.AddDays(1), Start.AddDays(200)], Start.AddDays(200));
        Assert.Equal((true, 12, 36, 1, 0), (progress.IsOver, progress.Week, progress.Due, progress.Done, progress.LeftThisWeek));
        Assert.Null(progress.Next);
    }

    [Fact]
    public void A_programme_that_cannot_be_is_refused_in_one_line()
    {
        Assert.Equal("it has no phases.", (OrderA with { Phases = [] }).FindFault());
        Assert.Equal("'Release' lasts 0 weeks; it takes 1 to 52.", (OrderA with { Phases = [OrderA.Phases[0] with { Weeks = 0 }] }).FindFault());
        Assert.Equal("'Release' has neither a plan nor an exercise.", (OrderA with { Phases = [OrderA.Phases[0] with { Plan = null }] }).FindFault());
        Assert.Contains("begins on 2026-01-05", Assert.Throws<UserException>(() => ProgrammeProgress.Of(OrderA, Start, [], Start.AddDays(-1))).Message, StringComparison.Ordinal);
    }
}

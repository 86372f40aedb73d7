using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Sessions.Programmes;
using SensorHub.Core.Units;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Board;

namespace SensorHub.Web.Tests.Board;

public sealed class AlertTests
{
    private static readonly DateOnly Monday = new(2026, 1, 5);
    private static readonly Programme ThreeAWeek = Programme.Default(ReleaseOrder.A);

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(7.9, 7.0, null)]
    [InlineData(8.0, 8.0, "Pain 8 of 10")]
    [InlineData(4.9, 3.0, null)]
    [InlineData(5.0, 3.0, "Pain 5 of 10, from 3")]
    [InlineData(2.0, 6.0, null)]
    public void Pain_of_8_or_a_rise_of_2_is_told(double? now, double? start, string? text) => Assert.Equal(text, LiveAlerts.Pain(now, start)?.Text);

    [Theory]
    [InlineData(true, 55.0, 40.0, null)]
    [InlineData(true, 55.1, 40.0, "Force 55 % of body weight")]
    [InlineData(false, 70.0, 40.0, null)]
    [InlineData(true, 40.0, 90.0, null)] // the force is known: the pressure does not decide
    [InlineData(true, null, 81.0, "Pressure 81 kPa")]
    [InlineData(true, null, 80.0, null)]
    public void Too_much_force_is_told_and_pressure_where_the_force_is_not_known(bool contact, double? percent, double kpa, string? text)
    {
        var rolling = (RollingPayload)FeaturePayloads.From(new Person().Rolling(1)) with { Contact = contact, BodyWeightPct = percent, PressureKpa = kpa };
        Assert.Equal(text, LiveAlerts.Of(null, rolling).SingleOrDefault()?.Text);
    }

    [Fact]
    public void Two_sessions_behind_the_programme_are_told_and_one_is_not()
    {
        Assert.Null(CareAlerts.MissedDays(ThreeAWeek, Monday, [], Monday)); // today is not over
        Assert.Null(CareAlerts.MissedDays(ThreeAWeek, Monday, [Monday], Monday.AddDays(5)));
        Assert.Equal(2, ProgrammeProgress.Of(ThreeAWeek, Monday, [], Monday.AddDays(4)).Due);
        Assert.StartsWith("2 sessions behind", CareAlerts.MissedDays(ThreeAWeek, Monday, [], Monday.AddDays(5))?.Text, StringComparison.Ordinal);
        Assert.Null(CareAlerts.MissedDays(ThreeAWeek, Monday, [Monday.AddDays(5)], Monday.AddDays(5))); // made up for today
    }

    [Fact]
    public void A_week_without_a_session_is_told_from_the_day_the_plan_was_set()
    {
        Assert.Null(CareAlerts.Idle(Monday, [], Monday.AddDays(6)));
        Assert.Equal("No session for 7 days", CareAlerts.Idle(Monday, [], Monday.AddDays(7))?.Text);
        Assert.Null(CareAlerts.Idle(Monday, [Monday.AddDays(1)], Monday.AddDays(7)));
    }

    [Fact]
    public void Three_sessions_with_the_same_flagged_difference_are_told_and_no_fewer_and_no_mixture()
    {
        var (left, right, even) = (Compare(-30, true), Compare(30, true), Compare(5, false));
        Assert.Equal("Hamstrings, mean force: right more, 3 sessions in a row", Assert.Single(CareAlerts.Asymmetry([[right], [right], [right], [even]])).Text);
        Assert.Equal("Hamstrings, mean force: left more, 3 sessions in a row", Assert.Single(CareAlerts.Asymmetry([[left], [], [left], [left]])).Text);
        Assert.Empty(CareAlerts.Asymmetry([[right], [right]]));
        Assert.Empty(CareAlerts.Asymmetry([[right], [even], [right]]));
        Assert.Empty(CareAlerts.Asymmetry([[right], [left], [right]]));
        Assert.Empty(CareAlerts.Asymmetry([]));
    }

    private static SideComparison Compare(double index, bool flagged) =>
        new("mean_force", Muscle.Hamstrings, "N", new Measured(100, 2), new Measured(100 + index, 2), 5, new SymmetryIndex(new Measured(index, 3), flagged), "");
}

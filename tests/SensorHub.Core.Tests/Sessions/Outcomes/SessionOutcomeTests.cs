using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Sessions.Outcomes;

public class SessionOutcomeTests
{
    private static readonly Slug Morning = Slug.Parse("morning");

    [Theory]
    [InlineData(Measure.PelvicRotation, 9.0, Verdict.LikelyReal)]
    [InlineData(Measure.PelvicRotation, -9.0, Verdict.LikelyReal)]
    [InlineData(Measure.PelvicRotation, 8.9, Verdict.Uncertain)]
    [InlineData(Measure.PelvicRotation, 2.2, Verdict.Uncertain)]
    [InlineData(Measure.PelvicRotation, 2.1, Verdict.NoDetectableChange)]
    [InlineData(Measure.StandingLordosis, 5.9, Verdict.LikelyReal)]
    [InlineData(Measure.StandingLordosis, 5.8, Verdict.Uncertain)]
    [InlineData(Measure.StandingLordosis, 2.1, Verdict.NoDetectableChange)]
    [InlineData(Measure.SacralInclination, 4.5, Verdict.LikelyReal)]
    [InlineData(Measure.LumbarShare, -15.0, Verdict.LikelyReal)]
    [InlineData(Measure.LumbarShare, -14.0, Verdict.Uncertain)]
    [InlineData(Measure.KneeExtension, 8.0, Verdict.LikelyReal)]
    [InlineData(Measure.StraightLegRaise, 11.0, Verdict.Uncertain)]
    [InlineData(Measure.Pain, -2.0, Verdict.LikelyReal)]
    [InlineData(Measure.Pain, -1.0, Verdict.Uncertain)]
    [InlineData(Measure.Pain, 0.0, Verdict.NoDetectableChange)]
    public void A_verdict_is_by_the_published_detectable_change_of_the_measure(Measure measure, double difference, Verdict verdict)
    {
        var change = Judge(Value(measure, 0), Value(measure, difference));
        Assert.Equal((verdict, Refusal.None), (change.Verdict, change.Refusal));
        Assert.Equal(difference, change.Difference!.Value.Value, 1e-9);
    }

    [Fact]
    public void The_primary_outcome_comes_first_even_when_it_was_not_measured()
    {
        var changes = SessionOutcome.Compare([Value(Measure.Pain, 5)], [Value(Measure.Pain, 2)]);
        Assert.Equal([Measure.PelvicRotation, Measure.Pain], changes.Select(c => c.Measure));
        Assert.Equal((true, Refusal.MissingBefore), (changes[0].IsPrimary, changes[0].Refusal));
    }

    [Fact]
    public void Between_attachments_only_lordosis_is_judged_and_by_its_own_wide_limits()
    {
        var other = Slug.Parse("evening");
        Assert.Equal(Verdict.Uncertain, Judge(Value(Measure.StandingLordosis, 30), Value(Measure.StandingLordosis, 38) with { Attachment = other, Calibration = "2b" }).Verdict);
        Assert.Equal(Verdict.LikelyReal, Judge(Value(Measure.StandingLordosis, 30), Value(Measure.StandingLordosis, 45) with { Attachment = other, Calibration = "2b" }).Verdict);
        Assert.Equal(Refusal.NewAttachment, Judge(Value(Measure.PelvicRotation, 30), Value(Measure.PelvicRotation, 60) with { Attachment = other }).Refusal);
        // Nobody said: it is not taken for granted.
        Assert.Equal(Refusal.NewAttachment, Judge(Value(Measure.PelvicRotation, 30) with { Attachment = default }, Value(Measure.PelvicRotation, 60) with { Attachment = default }).Refusal);
    }

    [Fact]
    public void What_cannot_be_judged_is_refused_with_its_reason()
    {
        var before = Value(Measure.StandingLordosis, 30);
        Assert.Equal(Refusal.NewCalibration, Judge(before, before with { Calibration = "2b" }).Refusal);
        Assert.Equal(Refusal.BadQuality, Judge(before, before with { Quality = Quality.Degraded }).Refusal);
        Assert.Equal(Refusal.TooFewRepetitions, Judge(before, before with { Repetitions = 1 }).Refusal);
        Assert.Equal(Refusal.TooUncertain, Judge(before, before with { ToCompare = new Measured(40, 3.1) }).Refusal);
        Assert.Equal(Refusal.NothingPublished, Judge(Value(Measure.SittingLordosis, 5), Value(Measure.SittingLordosis, 25)).Refusal);
        Assert.Equal(Refusal.MissingAfter, SessionOutcome.Compare([before], []).Single(c => c.Measure == Measure.StandingLordosis).Refusal);
        foreach (var refusal in Enum.GetValues<Refusal>().Where(r => r != Refusal.None))
            Assert.NotEmpty(OutcomeText.Sentence(new Change { Measure = Measure.Pain, Side = Side.None, Verdict = Verdict.Refused, Refusal = refusal }));
    }

    [Fact]
    public void Sides_are_compared_each_with_itself()
    {
        MeasureValue[] before = [Value(Measure.StraightLegRaise, 60) with { Side = Side.Left }, Value(Measure.StraightLegRaise, 70) with { Side = Side.Right }];
        MeasureValue[] after = [Value(Measure.StraightLegRaise, 75) with { Side = Side.Left }, Value(Measure.StraightLegRaise, 71) with { Side = Side.Right }];
        var changes = SessionOutcome.Compare(before, after).Where(c => c.Measure == Measure.StraightLegRaise).ToDictionary(c => c.Side, c => c.Verdict);
        Assert.Equal((Verdict.LikelyReal, Verdict.NoDetectableChange), (changes[Side.Left], changes[Side.Right]));
    }

    [Fact]
    public void A_site_may_take_its_own_error_once_it_has_measured_thirty_people()
    {
        Assert.Contains("it takes 30", Assert.Throws<UserException>(() => DetectableChanges.Published.WithSite(Measure.PelvicRotation, Comparison.SameAttachment, 1, 29)).Message, StringComparison.Ordinal);
        var site = DetectableChanges.Published.WithSite(Measure.PelvicRotation, Comparison.SameAttachment, 1.0, 30);
        Assert.Equal(Verdict.LikelyReal, SessionOutcome.Compare([Value(Measure.PelvicRotation, 30)], [Value(Measure.PelvicRotation, 33)], site).Single().Verdict);
        Assert.Equal(Verdict.Uncertain, Judge(Value(Measure.PelvicRotation, 30), Value(Measure.PelvicRotation, 33)).Verdict);
    }

    [Fact]
    public void The_table_is_ordered_within_itself() =>
        Assert.All(DetectableChanges.Published.Rows, row =>
        {
            Assert.True(0 < row.Sem.Lower && row.Sem.Lower <= row.Sem.Upper && row.Mdc.Lower <= row.Mdc.Upper && row.Sem.Upper < row.Mdc.Lower, $"{row}");
            Assert.NotEmpty(row.Source);
        });

    [Theory]
    [InlineData(100, 120, 10, 18.18, true)]
    [InlineData(100, 110, 5, 9.52, false)] // below 15 %
    [InlineData(100, 120, 25, 18.18, false)] // cannot be detected
    [InlineData(120, 100, 10, -18.18, true)]
    public void A_side_is_flagged_from_15_percent_when_the_difference_can_be_detected(double left, double right, double detectable, double index, bool flagged)
    {
        var symmetry = SymmetryIndex.Of(new Measured(left, 1), new Measured(right, 1), detectable);
        Assert.Equal(index, symmetry.Value!.Value.Value, 0.01);
        Assert.Equal(flagged, symmetry.Flagged);
    }

    [Theory]
    [InlineData(0.5, 1.0, 5, 0.1)] // near zero
    [InlineData(-10, 30, 5, 0.1)] // of opposite sign
    [InlineData(10, 20, 5, 20)] // not known
    [InlineData(0, 0, 0, 0)]
    public void A_ratio_that_says_nothing_is_null(double left, double right, double detectable, double uncertainty) =>
        Assert.Equal(default, SymmetryIndex.Of(new Measured(left, uncertainty), new Measured(right, uncertainty), detectable));

    private static Change Judge(MeasureValue before, MeasureValue after) =>
        SessionOutcome.Compare([before], [after]).Single(c => c.Measure == before.Measure);

    private static MeasureValue Value(Measure measure, double value) => new()
    {
        Measure = measure,
        Value = new Measured(value, 2.0),
        ToCompare = new Measured(value, 0.3),
        Repetitions = 3,
        Method = "test",
        Attachment = Morning,
        Calibration = "1a",
        Quality = Quality.Good,
        At = Timestamp.Parse("2026-01-05T09:00:00Z"),
    };
}

using SensorHub.Core.Units;

namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>
/// Before against after. Each difference is held against what the measure differs by when nothing has changed; a difference that
/// cannot be judged is refused with its reason, never guessed.
/// </summary>
public static class SessionOutcome
{
    /// <summary>A change for each measure that there is before or after, the primary one first.</summary>
    /// <param name="before">At most one value of a measure and side.</param>
    /// <param name="after">The same.</param>
    /// <param name="detectable">Null = published.</param>
    /// <param name="options">Null = defaults.</param>
    public static IReadOnlyList<Change> Compare(
        IReadOnlyList<MeasureValue> before, IReadOnlyList<MeasureValue> after, DetectableChanges? detectable = null, OutcomeOptions? options = null)
    {
        options = Constants.Check(options ?? new OutcomeOptions());
        return
        [
            .. before.Concat(after).Select(v => (v.Measure, v.Side)).Append((Measure: Measure.PelvicRotation, Side: Side.None)).Distinct().Order()
                .Select(key => Judge(key.Measure, key.Side, Find(before, key), Find(after, key), detectable ?? DetectableChanges.Published, options)),
        ];

        static MeasureValue? Find(IReadOnlyList<MeasureValue> values, (Measure, Side) key) => values.FirstOrDefault(v => (v.Measure, v.Side) == key);
    }

    private static Change Judge(Measure measure, Side side, MeasureValue? before, MeasureValue? after, DetectableChanges table, OutcomeOptions options)
    {
        var change = new Change { Measure = measure, Side = side, Before = before, After = after, Verdict = Verdict.Refused, Refusal = Refusal.None };
        if (before is null)
            return change with { Refusal = Refusal.MissingBefore };
        if (after is null)
            return change with { Refusal = Refusal.MissingAfter };

        var comparison = !before.Attachment.IsNone && before.Attachment == after.Attachment ? Comparison.SameAttachment : Comparison.NewAttachment;
        var (from, to) = comparison == Comparison.SameAttachment ? (before.ToCompare, after.ToCompare) : (before.Value, after.Value);
        var difference = new Measured(to.Value - from.Value, double.Hypot(from.StandardUncertainty, to.StandardUncertainty));
        var detectable = table.Find(measure, comparison);
        change = change with { Difference = difference, Detectable = detectable };
        if (detectable is null)
            return change with { Refusal = table.Find(measure, Comparison.SameAttachment) is null ? Refusal.NothingPublished : Refusal.NewAttachment };
        // An angle against the same run's own stand brings its zero along; an absolute one does not.
        if (measure is Measure.StandingLordosis or Measure.SacralInclination && comparison == Comparison.SameAttachment && before.Calibration != after.Calibration)
            return change with { Refusal = Refusal.NewCalibration };
        if (before.Quality != Quality.Good || after.Quality != Quality.Good)
            return change with { Refusal = Refusal.BadQuality };
        if (measure != Measure.Pain && Math.Min(before.Repetitions, after.Repetitions) < options.FewestRepetitions)
            return change with { Refusal = Refusal.TooFewRepetitions };
        if (!(options.Coverage * difference.StandardUncertainty <= detectable.Mdc.Upper))
            return change with { Refusal = Refusal.TooUncertain };
        return change with { Verdict = JudgeSize(Math.Abs(difference.Value), detectable) };
    }

    private static Verdict JudgeSize(double size, DetectableChange detectable) =>
        size >= detectable.Mdc.Upper ? Verdict.LikelyReal
        : size < detectable.Sem.Lower ? Verdict.NoDetectableChange
        : Verdict.Uncertain;
}

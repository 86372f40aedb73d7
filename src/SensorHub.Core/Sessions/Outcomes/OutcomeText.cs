namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>
/// What an outcome means, and what it does not, in plain English. A page in another language looks its own sentences up by the keys.
/// </summary>
public static class OutcomeText
{
    /// <summary>What no outcome says, whatever the verdict.</summary>
    public const string Limits =
        "This compares two measurements. It does not say why something changed, whether it lasts, or whether a spine is normal; it is no medical finding.";

    /// <summary><c>verdict.likely_real</c>, <c>refusal.new_attachment</c>.</summary>
    public static string Key(Change change) =>
        change.Verdict == Verdict.Refused ? $"refusal.{EnumNames.Of(change.Refusal)}" : $"verdict.{EnumNames.Of(change.Verdict)}";

    /// <summary><c>likely real</c>.</summary>
    public static string Name(Verdict verdict) => EnumNames.Of(verdict).Replace('_', ' ');

    public static string Name(Measure measure) => measure switch
    {
        Measure.PelvicRotation => "pelvic rotation in the bend",
        Measure.LumbarShare => "lumbar share of the bend",
        Measure.StandingLordosis => "lordosis standing",
        Measure.SacralInclination => "sacral inclination standing",
        Measure.SittingLordosis => "lordosis sitting upright",
        Measure.SlumpedLordosis => "lordosis sitting slumped",
        Measure.StraightLegRaise => "straight-leg raise",
        Measure.KneeExtension => "active knee extension",
        Measure.Pain => "pain, 0 to 10",
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, null),
    };

    public static string Unit(Measure measure) => measure switch
    {
        Measure.LumbarShare => "%",
        Measure.Pain => "1",
        _ => "deg",
    };

    /// <summary>One sentence: what the verdict means, or why there is none and what to do.</summary>
    public static string Sentence(Change change) => change.Verdict switch
    {
        Verdict.LikelyReal => "The change is larger than what measuring twice differs by.",
        Verdict.Uncertain => "The change may be real or may be the error of measuring; more sessions will tell.",
        Verdict.NoDetectableChange => "The change is smaller than the error of measuring: nothing can be said to have changed.",
        _ => change.Refusal switch
        {
            Refusal.MissingBefore => "It was not measured before rolling: do all steps of the protocol.",
            Refusal.MissingAfter => "It was not measured after rolling: do all steps of the protocol.",
            Refusal.NewAttachment => "The clip did not stay on between the two, or nobody said that it did: leave it on, and mark its putting on.",
            Refusal.NewCalibration => "The posture was calibrated anew between the two: calibrate once, before the first.",
            Refusal.BadQuality => "Too much of a measurement was disturbed or lost: repeat it with the clip in place and the sensor near.",
            Refusal.TooUncertain => "The repetitions differ too much from one another: repeat them slowly and alike.",
            Refusal.NothingPublished => "No smallest detectable change is known for it: the difference is shown and not judged.",
            Refusal.TooFewRepetitions => "There were too few repetitions: do all that the protocol asks for.",
            _ => "",
        },
    };
}

using SensorHub.Core.Units;

namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>What a difference between before and after amounts to.</summary>
public enum Verdict : byte
{
    /// <summary>Not judged; <see cref="Change.Refusal"/> says why.</summary>
    Refused = 0,

    /// <summary>Below the error of measurement.</summary>
    NoDetectableChange = 1,

    /// <summary>Between the error and the smallest detectable change.</summary>
    Uncertain = 2,

    /// <summary>At least the smallest detectable change.</summary>
    LikelyReal = 3,
}

/// <summary>Why there is no verdict.</summary>
public enum Refusal : byte
{
    None = 0,

    /// <summary>The measure is missing before.</summary>
    MissingBefore = 1,

    /// <summary>The measure is missing after.</summary>
    MissingAfter = 2,

    /// <summary>The clip was taken off between, and nobody has published what can be detected then.</summary>
    NewAttachment = 3,

    /// <summary>The posture's zero was taken anew between.</summary>
    NewCalibration = 4,

    /// <summary>Too much of a measurement is degraded or missing.</summary>
    BadQuality = 5,

    /// <summary>This measurement is less certain than the smallest detectable change asks for.</summary>
    TooUncertain = 6,

    /// <summary>Nobody has published what can be detected.</summary>
    NothingPublished = 7,

    /// <summary>Fewer repetitions than the protocol asks for.</summary>
    TooFewRepetitions = 8,
}

/// <summary>One measure before and after, and what the difference amounts to.</summary>
public sealed record Change
{
    public required Measure Measure { get; init; }

    public required Side Side { get; init; }

    public MeasureValue? Before { get; init; }

    public MeasureValue? After { get; init; }

    /// <summary>After − before, with the uncertainty of these two measurements; null when one is missing.</summary>
    public Measured? Difference { get; init; }

    /// <summary>What it was judged by; null when nothing is published.</summary>
    public DetectableChange? Detectable { get; init; }

    public required Verdict Verdict { get; init; }

    public required Refusal Refusal { get; init; }

    /// <summary>The outcome that the protocol is for; the others are secondary.</summary>
    public bool IsPrimary => Measure == Measure.PelvicRotation;
}

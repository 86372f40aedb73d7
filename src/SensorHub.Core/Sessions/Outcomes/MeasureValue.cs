using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>One measure at one time.</summary>
public sealed record MeasureValue
{
    public required Measure Measure { get; init; }

    /// <summary>Of the leg; none for the trunk.</summary>
    public Side Side { get; init; }

    /// <summary>In the unit of the measure.</summary>
    public required Measured Value { get; init; }

    /// <summary>The same value with the uncertainty that counts against another of the same wearing: the place of the clip cancels.</summary>
    public required Measured ToCompare { get; init; }

    /// <summary>Stands, bends or raises behind it.</summary>
    public required int Repetitions { get; init; }

    /// <summary>How it was got: <c>median-of-stands</c>, <c>mean-of-bends</c>, <c>mean-of-raises</c>, <c>still-sitting</c>, <c>reported</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The wearing of the clip; none when nobody said.</summary>
    public Slug Attachment { get; init; }

    /// <summary>The calibration behind it; null for none.</summary>
    public string? Calibration { get; init; }

    public required Quality Quality { get; init; }

    /// <summary>When its last repetition ended.</summary>
    public required Timestamp At { get; init; }
}

namespace SensorHub.Core.Posture.Alignment;

/// <summary>What came of a calibration. <see cref="Feature.Time"/> is when its window ended, or the given one was to begin.</summary>
public sealed record CalibrationResult : Feature
{
    public required Slug Sensor { get; init; }

    public required CalibrationStep Step { get; init; }

    public required bool Accepted { get; init; }

    /// <summary>
    /// For the person: what is wrong and what to do; or, of an accepted one, what was found, such as a clip worn upside down. Without a unit that they would have to look up.
    /// </summary>
    public required string Reason { get; init; }

    /// <summary>The calibration that holds from now on: the new one, or when refused the one before; null = none.</summary>
    public PostureCalibration? Calibration { get; init; }
}

public enum CalibrationStep : byte
{
    Stand = 1,
    Bends = 2,
    Sitting = 3,

    /// <summary>One made earlier was given back.</summary>
    Given = 4,

    /// <summary>It ended: the clip was put on anew, or it expired.</summary>
    Ended = 5,
}

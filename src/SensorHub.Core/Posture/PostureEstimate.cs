using SensorHub.Core.Units;

namespace SensorHub.Core.Posture;

/// <summary>
/// The trunk at one time, in the sagittal plane, from a clip: SCIENCE §1. Angles in degrees, forward lean positive.
/// Null = not observable, or the element is not there.
/// </summary>
public sealed record PostureEstimate : Feature
{
    public required Slug Sensor { get; init; }

    /// <summary>Inclination of the lower element (S1/S2), ° from vertical.</summary>
    public Measured? PelvicInclination { get; init; }

    /// <summary>Inclination of the upper element (T12/L1), ° from vertical.</summary>
    public Measured? UpperInclination { get; init; }

    /// <summary>Two elements: lower − upper inclination, °. A skin-surface angle, not a Cobb angle.</summary>
    public Measured? Lordosis { get; init; }

    /// <summary>Change of lordosis from the calibrated standing, °; negative = flattened. Null before the calibration.</summary>
    public Measured? LordosisChange { get; init; }

    /// <summary>Change of pelvic inclination from the calibrated standing, °.</summary>
    public Measured? PelvicRotation { get; init; }

    public required Phase Phase { get; init; }

    /// <summary>How the lordosis was got: <c>two-element-gravity</c>, <c>one-element-change</c>.</summary>
    public required string Method { get; init; }

    public required Quality Quality { get; init; }

    /// <summary>The calibration used: the event time of its stand in Unix milliseconds, in base 16; null before one.</summary>
    public string? Calibration { get; init; }
}

/// <summary>What the person is doing.</summary>
public enum Phase : byte
{
    Unknown = 0,
    Standing = 1,
    Sitting = 2,
    Slouching = 3,
    Bending = 4,
    Rolling = 5,
    Lying = 6,
    Walking = 7,
}

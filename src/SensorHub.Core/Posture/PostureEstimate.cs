using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture;

/// <summary>
/// The trunk at one time, in the sagittal plane, from a clip: docs/frames.md. Angles in degrees, forward lean positive.
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

    /// <summary>
    /// Change of lordosis from the calibrated standing, °; negative = flattened. Null before the calibration. From one element and
    /// while sitting: from the calibrated sitting.
    /// </summary>
    public Measured? LordosisChange { get; init; }

    /// <summary>Two elements: minus <see cref="LordosisChange"/>, °; 0 in the calibrated stand, positive = flattened.</summary>
    public Measured? LumbarFlexion { get; init; }

    /// <summary>Change of pelvic inclination from the calibrated standing, °.</summary>
    public Measured? PelvicRotation { get; init; }

    /// <summary>Change of upper inclination from the calibrated standing, °: T of the lumbopelvic rhythm.</summary>
    public Measured? TrunkRotation { get; init; }

    public required Phase Phase { get; init; }

    /// <summary>How the lordosis was got: <c>two-element-gravity</c>, <c>one-element-change</c>.</summary>
    public required string Method { get; init; }

    public required Quality Quality { get; init; }

    /// <summary>The calibration used, <see cref="PostureCalibration.Id"/>; null before one.</summary>
    public string? Calibration { get; init; }

    /// <summary>How old that calibration is.</summary>
    public TimeSpan? CalibrationAge { get; init; }

    /// <summary>The wearing of the clip; none when nobody said when it was put on.</summary>
    public Slug Attachment { get; init; }

    /// <summary>How the elements are worn; the lower one's when they differ.</summary>
    public Mounting Mounting { get; init; }
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

using System.Globalization;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Alignment;

/// <summary>
/// What is known of a clip as it is worn: how its elements lie on the body, and the stand that changes are measured from.
/// It holds within one attachment, until it expires. Equal by value; written and read by <see cref="PostureCalibrationJson"/>.
/// </summary>
public sealed record PostureCalibration
{
    /// <summary>When its last window, stand or bends, began. Names it: see <see cref="Id"/>.</summary>
    public required Timestamp Time { get; init; }

    /// <summary>The time in Unix milliseconds, in base 16.</summary>
    public string Id => (Time.UnixNanoseconds / 1_000_000).ToString("x", CultureInfo.InvariantCulture);

    public required Slug Sensor { get; init; }

    /// <summary>The wearing that it was made in; none when nobody said when the clip was put on.</summary>
    public Slug Attachment { get; init; }

    public required CalibrationMethod Method { get; init; }

    /// <summary>S1/S2; null when the clip has no such element.</summary>
    public ElementCalibration? Lower { get; init; }

    /// <summary>T12/L1; null when the clip has no such element.</summary>
    public ElementCalibration? Upper { get; init; }

    /// <summary>
    /// Lordosis below any that a standing person has, or bends in which the pelvis turned further than the chest: lower
    /// and upper element are probably swapped.
    /// </summary>
    public bool LooksSwapped { get; init; }

    /// <summary>The element of this role; null when the clip has none.</summary>
    public ElementCalibration? Of(ElementRole role) => role switch
    {
        ElementRole.Lower => Lower,
        ElementRole.Upper => Upper,
        _ => null,
    };
}

public enum CalibrationMethod : byte
{
    /// <summary>The vertical; the flexion axis is taken as horizontal and along the plate.</summary>
    Stand = 1,

    /// <summary>The vertical, and the flexion axis as the bends showed it.</summary>
    StandAndBends = 2,
}

/// <summary>One element of a calibrated clip.</summary>
public sealed record ElementCalibration
{
    /// <summary>Sensor → segment frame (X cranial, Y left, Z posterior). It never turns about Y: the pitch of the plate is that of the skin.</summary>
    public required Rotation Alignment { get; init; }

    public required Mounting Mounting { get; init; }

    /// <summary>The unit vector that pointed up in the stand, sensor frame.</summary>
    public required Vector3D Up { get; init; }

    /// <summary>Inclination in the stand, ° from vertical, forward positive; uncertain as the direction of gravity is, without skin over bone.</summary>
    public required Measured Standing { get; init; }

    /// <summary>Standard deviation of the inclination during the stand, °.</summary>
    public required double Sway { get; init; }

    /// <summary>Share of the variance of the angular rate that the flexion axis explains; null without bends.</summary>
    public double? AxisExplained { get; init; }

    /// <summary>Largest forward turn in the bends, °; null without bends.</summary>
    public double? BendDepth { get; init; }

    /// <summary>Inclination while sitting upright, ° from vertical, for the change that one element shows in sitting; null before such a calibration.</summary>
    public Measured? Sitting { get; init; }
}

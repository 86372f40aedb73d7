namespace SensorHub.Core.Rolling;

/// <summary>Where a force comes from. Modelled forces are never mixed with measured ones.</summary>
public enum ForceSource : byte
{
    /// <summary>There is none.</summary>
    None = 0,

    /// <summary>By load cells.</summary>
    Measured = 1,

    /// <summary>From the body mass and the share of it that people rest on a roller under this muscle: an assumption, with a wide interval.</summary>
    Modelled = 2,
}

/// <summary>Why rolling is <see cref="Quality.Degraded"/>; several may hold at once.</summary>
[Flags]
public enum RollingDoubts : ushort
{
    None = 0,

    /// <summary>No IMU sample is near enough: angle, path and strokes are not known.</summary>
    MotionMissing = 1 << 0,

    /// <summary>No sample of the load cells is near enough: force and contact are not known.</summary>
    LoadMissing = 1 << 1,

    /// <summary>The roller has no load cells: what is not rolling cannot be told from what is not contact.</summary>
    NoLoadCells = 1 << 2,

    /// <summary>The angular rate does not lie along one axis: the roller tumbles, or is not rolled.</summary>
    AxisUnclear = 1 << 3,

    /// <summary>The gyroscope stood at the end of its range: strokes are longer than said.</summary>
    RateSaturated = 1 << 4,

    /// <summary>A load cell shows nothing while the others bear load.</summary>
    CellDead = 1 << 5,

    /// <summary>A load cell stands at one value or at the end of its range.</summary>
    CellSaturated = 1 << 6,

    /// <summary>The cells without load are further from zero than zero tracking may mend: zero the roller.</summary>
    ZeroOff = 1 << 7,

    /// <summary>The ends of strokes wander along the muscle: skin slides over the roller.</summary>
    Slipping = 1 << 8,
}

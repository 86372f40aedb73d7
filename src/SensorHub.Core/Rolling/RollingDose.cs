using SensorHub.Core.Sessions;

namespace SensorHub.Core.Rolling;

/// <summary>
/// What has been done of the planned dose of one muscle and side in this session, at the end of each set. Planned is what the
/// plan says, or else the default of the muscle (<see cref="MuscleTarget"/>).
/// </summary>
public sealed record RollingDose : Feature
{
    public required Slug Sensor { get; init; }

    public required Muscle Muscle { get; init; }

    public required Side Side { get; init; }

    /// <summary>The plan it is held against; none = defaults of the muscle.</summary>
    public Slug Plan { get; init; }

    public required int PlannedSets { get; init; }

    /// <summary>Time in contact of one set.</summary>
    public required TimeSpan PlannedSet { get; init; }

    /// <summary>Sets × time of each.</summary>
    public TimeSpan Planned => PlannedSets * PlannedSet;

    public required int Sets { get; init; }

    /// <summary>Time in contact.</summary>
    public required TimeSpan Done { get; init; }

    /// <summary>The part of it with the force, or the pressure, in its band.</summary>
    public required TimeSpan InBand { get; init; }

    /// <summary>Never negative: more than planned is not asked for, and not credited.</summary>
    public TimeSpan Remaining => Done < Planned ? Planned - Done : TimeSpan.Zero;
}

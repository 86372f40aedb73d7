using SensorHub.Core.Sessions;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>The roller at one time: SCIENCE §4, §5.</summary>
public sealed record RollingEstimate : Feature
{
    public required Slug Sensor { get; init; }

    public required Muscle Muscle { get; init; }

    public required Side Side { get; init; }

    /// <summary>Angle turned about the roller's axis since the session began, °, not wrapped.</summary>
    public required double RollAngleDegrees { get; init; }

    /// <summary>Place along the muscle relative to where contact began, m.</summary>
    public required double Path { get; init; }

    /// <summary>Speed along the muscle, m/s; the sign is the direction.</summary>
    public required double Speed { get; init; }

    public required bool InContact { get; init; }

    /// <summary>Force between body and roller, N. Null for a roller without load cells.</summary>
    public Measured? Force { get; init; }

    /// <summary>Force in % of body weight. Null when the mass is not known.</summary>
    public Measured? BodyWeightPercent { get; init; }

    /// <summary>Mean contact pressure, kPa, with its wide uncertainty (36–40 %).</summary>
    public Measured? Pressure { get; init; }

    /// <summary>The target band of the mean contact pressure, kPa.</summary>
    public (double Lower, double Upper)? PressureBand { get; init; }

    /// <summary>Where the pressure lies against its band.</summary>
    public required Band Band { get; init; }

    /// <summary>Strokes counted since the session began.</summary>
    public required int Strokes { get; init; }

    /// <summary>Median duration of the last five strokes, s; null before the second.</summary>
    public double? Tempo { get; init; }

    /// <summary>Time in contact since the session began.</summary>
    public required TimeSpan ContactTime { get; init; }

    /// <summary>Time in contact with the pressure within its band since the session began.</summary>
    public required TimeSpan TimeInBand { get; init; }

    public required Quality Quality { get; init; }
}

public enum Band : byte
{
    /// <summary>No contact, no load cells or no band.</summary>
    None = 0,
    TooLight = 1,
    Good = 2,
    TooHard = 3,
}

/// <summary>One one-way stroke along the muscle. <see cref="Feature.Time"/> is its end.</summary>
public sealed record Stroke : Feature
{
    public required Slug Sensor { get; init; }

    public required Muscle Muscle { get; init; }

    public required Side Side { get; init; }

    /// <summary>1 for the first of the session.</summary>
    public required int Number { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Path along the muscle, m.</summary>
    public required Measured Length { get; init; }

    /// <summary>+1 = the roller turns positively about its axis, −1 = back.</summary>
    public required int Direction { get; init; }

    /// <summary>Mean force, N.</summary>
    public Measured? MeanForce { get; init; }

    /// <summary>Peak force, N.</summary>
    public double? PeakForce { get; init; }
}

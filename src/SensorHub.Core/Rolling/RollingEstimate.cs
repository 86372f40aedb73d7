using SensorHub.Core.Sessions;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>The roller at one time.</summary>
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

    /// <summary>Force between body and roller, N. Null for a roller without load cells, unless it is modelled.</summary>
    public Measured? Force { get; init; }

    /// <summary>Where force and pressure come from.</summary>
    public ForceSource Source { get; init; }

    /// <summary>By how much zero tracking has shifted the sum of the load cells, N.</summary>
    public double ZeroShift { get; init; }

    /// <summary>Force in % of body weight. Null when the mass is not known.</summary>
    public Measured? BodyWeightPercent { get; init; }

    /// <summary>Mean contact pressure, kPa, with its wide uncertainty (36–40 %).</summary>
    public Measured? Pressure { get; init; }

    /// <summary>The target band of the mean contact pressure, kPa.</summary>
    public (double Lower, double Upper)? PressureBand { get; init; }

    /// <summary>The target band of the force, % of body weight: it decides when the mass is known.</summary>
    public (double Lower, double Upper)? BodyWeightBand { get; init; }

    /// <summary>Where the force in % of body weight, or the pressure when the mass is not known, lies against its band.</summary>
    public required Band Band { get; init; }

    /// <summary>Strokes counted since the session began.</summary>
    public required int Strokes { get; init; }

    /// <summary>Median duration of the last five strokes, s; null before the second.</summary>
    public double? Tempo { get; init; }

    /// <summary>Time in contact since the session began.</summary>
    public required TimeSpan ContactTime { get; init; }

    /// <summary>Time in contact with the force, or the pressure, within its band since the session began.</summary>
    public required TimeSpan TimeInBand { get; init; }

    /// <summary>Time in contact in the present set.</summary>
    public TimeSpan SetContactTime { get; init; }

    /// <summary>Force integrated over the time in contact in the present set, N·s; null without a force.</summary>
    public double? SetImpulse { get; init; }

    /// <summary>How long the roller has stood still in contact.</summary>
    public TimeSpan Still { get; init; }

    public required Quality Quality { get; init; }

    /// <summary>Why <see cref="Quality"/> is not good.</summary>
    public RollingDoubts Doubts { get; init; }
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

    /// <summary>Force integrated over the stroke, N·s.</summary>
    public double? Impulse { get; init; }

    /// <summary>Where the forces come from.</summary>
    public ForceSource Source { get; init; }

    /// <summary>Drift of the end-points of the set's strokes so far, in a cycle to and fro, % of a stroke; null before the first whole cycle.</summary>
    public double? SlipPercent { get; init; }

    public Quality Quality { get; init; }

    /// <summary>Why <see cref="Quality"/> is not good.</summary>
    public RollingDoubts Doubts { get; init; }
}

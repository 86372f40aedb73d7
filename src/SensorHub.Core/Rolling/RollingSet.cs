using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// One set: rolling one muscle until a rest, another muscle or the end of the session. A short lift does not end it.
/// <see cref="Feature.Time"/> is its end, the end of its last contact; it is given once the rest has lasted.
/// </summary>
public sealed record RollingSet : Feature
{
    public required Slug Sensor { get; init; }

    public required Muscle Muscle { get; init; }

    public required Side Side { get; init; }

    /// <summary>1 for the first of this muscle and side in the session.</summary>
    public required int Number { get; init; }

    /// <summary>Begin of its first contact.</summary>
    public required Timestamp Start { get; init; }

    public required TimeSpan ContactTime { get; init; }

    /// <summary>Time in contact with the force, or the pressure, within its band.</summary>
    public required TimeSpan TimeInBand { get; init; }

    public required int Strokes { get; init; }

    /// <summary>Median duration of its strokes, s; null without one.</summary>
    public double? Tempo { get; init; }

    /// <summary>Mean length of its strokes, m; null without one. The radius, of which most of the uncertainty comes, is the same for all: more strokes do not lessen it.</summary>
    public Measured? StrokeLength { get; init; }

    /// <summary>Mean over the time in contact, N.</summary>
    public Measured? MeanForce { get; init; }

    /// <summary>N.</summary>
    public Measured? PeakForce { get; init; }

    /// <summary>Mean force, % of body weight; null when the mass is not known.</summary>
    public Measured? BodyWeightPercent { get; init; }

    /// <summary>Force integrated over the time in contact, N·s.</summary>
    public Measured? Impulse { get; init; }

    /// <summary>Times held still on one place.</summary>
    public required int Dwells { get; init; }

    public required TimeSpan LongestDwell { get; init; }

    /// <summary>Drift of the end-points in a cycle to and fro, % of a stroke; null before the first whole cycle.</summary>
    public double? SlipPercent { get; init; }

    public required ForceSource Source { get; init; }

    public required Quality Quality { get; init; }

    /// <summary>Why <see cref="Quality"/> is not good: each doubt that held at some time in the set.</summary>
    public RollingDoubts Doubts { get; init; }
}

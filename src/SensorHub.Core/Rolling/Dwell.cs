using SensorHub.Core.Sessions;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>The roller held still on one place, in contact. <see cref="Feature.Time"/> is its end.</summary>
public sealed record Dwell : Feature
{
    public required Slug Sensor { get; init; }

    public required Muscle Muscle { get; init; }

    public required Side Side { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Along the muscle from where contact began, m; as <see cref="RollingEstimate.Path"/>.</summary>
    public required double Place { get; init; }

    /// <summary>Mean force, N.</summary>
    public Measured? MeanForce { get; init; }

    public ForceSource Source { get; init; }
}

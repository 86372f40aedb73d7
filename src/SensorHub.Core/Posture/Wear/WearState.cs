namespace SensorHub.Core.Posture.Wear;

/// <summary>Whether the clip is worn, at each change. <see cref="Feature.Time"/> is when that became certain.</summary>
public sealed record WearState : Feature
{
    public required Slug Sensor { get; init; }

    public required Wearing Wear { get; init; }
}

public enum Wearing : byte
{
    /// <summary>Not seen for long enough to tell.</summary>
    Unknown = 0,

    Worn = 1,

    /// <summary>Lies, hangs or is carried about: no body that breathes is under it.</summary>
    Off = 2,
}

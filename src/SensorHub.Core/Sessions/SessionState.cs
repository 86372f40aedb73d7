using SensorHub.Core.Posture;

namespace SensorHub.Core.Sessions;

/// <summary>The session as a whole, at its beginning, about once a second, at each change of phase and at its end.</summary>
public sealed record SessionState : Feature
{
    public required SessionEvent Event { get; init; }

    public required TimeSpan Duration { get; init; }

    public required Phase Phase { get; init; }

    public required Muscle Muscle { get; init; }

    public required Side Side { get; init; }

    /// <summary>What the person said of their pain last in this session, 0 to 10; null before.</summary>
    public double? Pain { get; init; }

    /// <summary>What they said first in this session, 0 to 10.</summary>
    public double? PainAtStart { get; init; }
}

public enum SessionEvent : byte
{
    Began = 1,
    Running = 2,
    PhaseChanged = 3,
    Ended = 4,
}

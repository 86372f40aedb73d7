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

    /// <summary>Of which the session is; none of none.</summary>
    public Slug Study { get; init; }

    /// <summary>Of the study.</summary>
    public Slug Visit { get; init; }

    /// <summary>Of the study, which the person does now, or has just ended; none = none.</summary>
    public Slug Task { get; init; }

    /// <summary>Which time they do it in this session, from 1; null without a task.</summary>
    public int? Run { get; init; }

    /// <summary>With <see cref="SessionEvent.Marked"/>: what happened.</summary>
    public Slug Label { get; init; }

    /// <summary>With <see cref="SessionEvent.Marked"/>: a number that belongs to it; null = none.</summary>
    public double? Value { get; init; }
}

public enum SessionEvent : byte
{
    Began = 1,
    Running = 2,
    PhaseChanged = 3,
    Ended = 4,
    StudyJoined = 5,
    TaskBegan = 6,
    TaskEnded = 7,

    /// <summary>Somebody or another device said that something happened.</summary>
    Marked = 8,
}

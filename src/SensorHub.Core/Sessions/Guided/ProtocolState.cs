namespace SensorHub.Core.Sessions.Guided;

/// <summary>Where the person is in the protocol, about once a second and whenever it changes.</summary>
public sealed record ProtocolState : Feature
{
    /// <summary>The clip that it goes by.</summary>
    public Slug Sensor { get; init; }

    public required ProtocolRun Run { get; init; }

    public required ProtocolStep Step { get; init; }

    /// <summary>Of the leg; none for the trunk.</summary>
    public Side Side { get; init; }

    /// <summary>1 for the first of several stands or bends.</summary>
    public required int Number { get; init; }

    /// <summary>How many of the step there are in this run.</summary>
    public required int Of { get; init; }

    /// <summary>Time left of a step that lasts; null for one that waits for something to be done or said.</summary>
    public TimeSpan? Left { get; init; }

    public required StepResult Result { get; init; }

    /// <summary>What keeps it from being done, or why it must be repeated.</summary>
    public required StepTrouble Trouble { get; init; }
}

public enum StepResult : byte
{
    /// <summary>Asked for.</summary>
    Running = 1,

    /// <summary>Done well; the next state is the next step's.</summary>
    Done = 2,

    /// <summary>Not done well: it is asked for again.</summary>
    Repeat = 3,
}

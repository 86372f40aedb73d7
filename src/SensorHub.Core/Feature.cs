using SensorHub.Core.Timing;

namespace SensorHub.Core;

/// <summary>
/// Something the pipelines say about a time: an estimate, a stroke, a gap, the health of a sensor, the state of the
/// session. <see cref="Time"/> is event time, on the hub's axis: never the time of computing.
/// </summary>
public abstract record Feature
{
    public required Timestamp Time { get; init; }

    /// <summary>The session it belongs to; none outside of one.</summary>
    public Slug Session { get; init; }

    /// <summary>The pseudonym of the person; none for what is not about a person.</summary>
    public Slug Subject { get; init; }

    public Finality Finality { get; init; } = Finality.Live;
}

/// <summary>How complete the data behind a feature was.</summary>
public enum Finality : byte
{
    /// <summary>From what had arrived by then.</summary>
    Live = 0,

    /// <summary>Computed anew from the complete recording, and other than live.</summary>
    Final = 1,

    /// <summary>Computed anew during the session, after samples that had been missing came.</summary>
    Historical = 2,

    /// <summary>Taken back: it was said before, and with all samples there is nothing to say of this time.</summary>
    Superseded = 3,
}

/// <summary>How far an estimate can be trusted.</summary>
public enum Quality : byte
{
    Good = 0,

    /// <summary>Computed, with a reason to doubt: a gap, fast motion, no calibration.</summary>
    Degraded = 1,

    /// <summary>The sensors there are cannot know this now. The value is absent.</summary>
    NotObservable = 2,
}

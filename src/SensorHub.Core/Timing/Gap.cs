namespace SensorHub.Core.Timing;

/// <summary>Samples that did not come. <see cref="Feature.Time"/> is its start: when the first of them was due.</summary>
public sealed record Gap : Feature
{
    public required Slug Sensor { get; init; }

    public required byte Stream { get; init; }

    /// <summary>When the next sample came.</summary>
    public required Timestamp End { get; init; }

    public required GapCause Cause { get; init; }

    /// <summary>Samples that are missing still; null when a reboot left no way to know.</summary>
    public long? SamplesLost { get; init; }

    public GapState State { get; init; }
}

/// <summary>What became of a gap. A gap is said again, under the same <see cref="Feature.Time"/>, when this changes.</summary>
public enum GapState : byte
{
    /// <summary>The sensor may still have the samples.</summary>
    Open = 0,

    /// <summary>All of them came later.</summary>
    Recovered = 1,

    /// <summary>What is missing now will not come any more.</summary>
    Final = 2,
}

public enum GapCause : byte
{
    /// <summary>Frames missing while the link was up.</summary>
    Loss = 1,

    /// <summary>The link was down.</summary>
    Disconnected = 2,

    /// <summary>The sensor booted anew.</summary>
    Reboot = 3,
}

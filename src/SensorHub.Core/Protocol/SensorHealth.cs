using SensorHub.Core.Timing;

namespace SensorHub.Core.Protocol;

/// <summary>How a sensor does, about once a second of event time.</summary>
public sealed record SensorHealth : Feature
{
    public required Slug Sensor { get; init; }

    public required SensorKind Kind { get; init; }

    public required LinkState Link { get; init; }

    /// <summary>What is wrong and what to do, one line for a person; null when nothing is.</summary>
    public string? Trouble { get; init; }

    /// <summary>%, null until told.</summary>
    public double? Battery { get; init; }

    /// <summary>Samples per second of hub time of the sensor's first IMU stream, over the last five seconds.</summary>
    public required double Rate { get; init; }

    /// <summary>Samples received since the session began, all streams.</summary>
    public required long Received { get; init; }

    /// <summary>Samples lost since the session began, all streams.</summary>
    public required long Lost { get; init; }

    /// <summary>Frames that did not decode since the session began.</summary>
    public required long Malformed { get; init; }

    /// <summary>Standard uncertainty of a stamp, null before the clock is known.</summary>
    public TimeSpan? ClockUncertainty { get; init; }

    /// <summary>Rate of the device's clock against the hub's, parts per million; null before it is known.</summary>
    public double? ClockDriftPpm { get; init; }

    /// <summary>Where the device's ticks lie on the hub's time axis; null before the first sample.</summary>
    public ClockMapping? Clock { get; init; }
}

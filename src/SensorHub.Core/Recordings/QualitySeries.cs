using SensorHub.Core.Timing;

namespace SensorHub.Core.Recordings;

/// <summary>How one sensor's part of a recording went, over time.</summary>
/// <param name="Start">Of the first bin: the session's.</param>
/// <param name="Bin">Length of each.</param>
public sealed record QualitySeries(Timestamp Start, TimeSpan Bin, IReadOnlyList<QualityBin> Bins);

/// <summary>A stretch of it. What was not told then is null.</summary>
public sealed record QualityBin
{
    /// <summary>Different samples of all streams, late ones included.</summary>
    public double Received { get; init; }

    /// <summary>Missing for good, spread evenly over their gaps.</summary>
    public double Missing { get; init; }

    /// <summary>Of what was due, %; null while nothing was.</summary>
    public double? ReceivedPercent => Received + Missing > 0 ? 100 * Received / (Received + Missing) : null;

    /// <summary>Frames in which a channel hit the end of its range.</summary>
    public int SaturatedFrames { get; init; }

    /// <summary>Samples a second of the first IMU stream, as they came.</summary>
    public double? Rate { get; init; }

    /// <summary>How far the sensor's clock has run ahead of the hub's since the first sample of the boot, ms: its slope is the drift.</summary>
    public double? OffsetMs { get; init; }

    public double? DriftPpm { get; init; }

    /// <summary>Standard uncertainty of a stamp, ms.</summary>
    public double? UncertaintyMs { get; init; }

    /// <summary>What the middle of the newest exchange of times was off the line of the stamps, ms.</summary>
    public double? ResidualMs { get; init; }

    /// <summary>%.</summary>
    public double? Battery { get; init; }
}

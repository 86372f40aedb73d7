using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Recordings;

/// <summary>How good the recording of a session is, sensor by sensor.</summary>
public sealed record SessionQuality
{
    /// <summary>None for frames without a session.</summary>
    public required Slug Session { get; init; }

    public required Slug Subject { get; init; }

    /// <summary>Of the session, or the first record.</summary>
    public required Timestamp Start { get; init; }

    /// <summary>Of the session, or the last record.</summary>
    public required Timestamp End { get; init; }

    /// <summary>Whether the session's end is in it.</summary>
    public required bool HasEnded { get; init; }

    public required IReadOnlyList<SensorQuality> Sensors { get; init; }

    /// <summary>0 to 100: that of the worst sensor; 0 without one.</summary>
    public int Score => Sensors.Count == 0 ? 0 : Sensors.Min(s => s.Score);
}

/// <summary>How good a sensor's part is.</summary>
public sealed record SensorQuality
{
    public required Slug Sensor { get; init; }

    public required SensorKind Kind { get; init; }

    public required string Serial { get; init; }

    /// <summary>All that it had, in their order.</summary>
    public required IReadOnlyList<string> Firmwares { get; init; }

    public required IReadOnlyList<StreamQuality> Streams { get; init; }

    /// <summary>One for each boot, in their order.</summary>
    public required IReadOnlyList<ClockFit> Clocks { get; init; }

    /// <summary>Largest standard uncertainty of a stamp while the sensor was heard; null when its clock was never known.</summary>
    public required TimeSpan? ClockUncertainty { get; init; }

    /// <summary>Of a clip: calibrations that held in the session, in their order.</summary>
    public required IReadOnlyList<CalibrationUsed> Calibrations { get; init; }

    /// <summary>Times of <see cref="Sessions.CueCode.ClipMoved"/>.</summary>
    public required IReadOnlyList<Timestamp> Moves { get; init; }

    /// <summary>%, first and last that it told; null when it told none.</summary>
    public required BatteryRange? Battery { get; init; }

    public required long Frames { get; init; }

    public required long MalformedFrames { get; init; }

    /// <summary>Times that the link was lost.</summary>
    public required int LinksLost { get; init; }

    /// <summary>0 to 100: what is left after <see cref="Reasons"/>.</summary>
    public required int Score { get; init; }

    /// <summary>What was taken off and why, the most costly first.</summary>
    public required IReadOnlyList<QualityReason> Reasons { get; init; }
}

/// <summary>One stream.</summary>
public sealed record StreamQuality
{
    public required byte Stream { get; init; }

    public required StreamKind Kind { get; init; }

    /// <summary>Of an IMU: where it sits; null otherwise.</summary>
    public required ElementRole? Element { get; init; }

    /// <summary>Different samples.</summary>
    public required long Received { get; init; }

    /// <summary>Of those, how many came late, from the sensor's buffer.</summary>
    public required long Late { get; init; }

    /// <summary>Missing for good, as far as a count is known.</summary>
    public required long Missing { get; init; }

    public long Expected => Received + Missing;

    /// <summary>What is missing, each once, in its last state.</summary>
    public required IReadOnlyList<Gap> Gaps { get; init; }

    /// <summary>Samples per second that were asked for; 0 for a stream of events.</summary>
    public required double NominalRate { get; init; }

    /// <summary>Samples per second between the first and the last, gaps counted out; 0 for fewer than two.</summary>
    public required double EffectiveRate { get; init; }

    public required long Frames { get; init; }

    /// <summary>Frames in which a channel hit the end of its range.</summary>
    public required long SaturatedFrames { get; init; }
}

/// <summary>How a sensor's clock lay to the hub's during one boot, by the stamps that its samples were given.</summary>
/// <param name="BootId">The boot.</param>
/// <param name="Ticks">Device ticks of the first sample.</param>
/// <param name="Time">Hub time that it was given: the offset of the two axes.</param>
/// <param name="DriftPpm">How much faster the device's clock ran, from the first to the last sample; null for less than ten seconds.</param>
/// <param name="Exchanges">Exchanges of times.</param>
/// <param name="ShortestTrip">Of the exchanges, without the sensor's own delay; null without any.</param>
/// <param name="Residual">Root mean square of what the middles of the exchanges are off the line of the stamps; within half a trip of nothing when all is well. Null without any.</param>
/// <param name="Latency">Median time from a frame's last sample to its arrival.</param>
public sealed record ClockFit(
    uint BootId, ulong Ticks, Timestamp Time, double? DriftPpm, int Exchanges, TimeSpan? ShortestTrip, TimeSpan? Residual, TimeSpan? Latency);

/// <summary>A calibration that held.</summary>
/// <param name="Id">Its name.</param>
/// <param name="From">From when on.</param>
/// <param name="Explained">Share of the variance of the angular rate that the axis of the bends explained, of the worse element; null without bends.</param>
/// <param name="Sway">Largest standard deviation of the inclination during the stand, °.</param>
public sealed record CalibrationUsed(string Id, Timestamp From, double? Explained, double Sway);

/// <summary>%.</summary>
public sealed record BatteryRange(double First, double Last);

/// <summary>What was taken off.</summary>
/// <param name="Points">Of 100.</param>
/// <param name="Text">For a person.</param>
/// <param name="Advice">What to do about it, for a person; null in what older versions wrote.</param>
public sealed record QualityReason(double Points, string Text, string? Advice = null);

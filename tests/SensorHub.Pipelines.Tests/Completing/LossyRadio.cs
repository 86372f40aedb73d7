using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Tests.Completing;

/// <summary>
/// Makes of the records of a radio that loses nothing those of one that does: frames are missing at their time and come later from the
/// ring buffer, with its flag, or never.
/// </summary>
internal static class LossyRadio
{
    /// <param name="records">Of a session without loss.</param>
    /// <param name="fate">Null: the frame comes. Otherwise: when it comes from the ring buffer, or <see cref="Timestamp"/>'s greatest value for never.</param>
    public static List<SensorRecord> Lose(IEnumerable<SensorRecord> records, Func<SensorRecord.Frame, Timestamp?> fate)
    {
        var received = new List<(Timestamp At, int Order, SensorRecord Record)>();
        foreach (var record in records)
        {
            if (record is not SensorRecord.Frame frame || fate(frame) is not { } at)
                received.Add((record.At, received.Count, record));
            else if (at < Never)
                received.Add((at, received.Count, FromRingBuffer(frame) with { At = at }));
        }
        return [.. received.OrderBy(r => r.At).ThenBy(r => r.Order).Select(r => r.Record)];
    }

    public static Timestamp Never => new(long.MaxValue);

    public static SensorRecord.Frame FromRingBuffer(SensorRecord.Frame frame)
    {
        var bytes = frame.Bytes.ToArray();
        bytes[2] |= (byte)FrameFlags.Backlog;
        return frame with { Bytes = bytes };
    }

    public static FrameHeader HeaderOf(SensorRecord.Frame record) =>
        FrameCodec.Decode(record.Bytes.Span, out var frame) == DecodeStatus.Ok ? frame.Header : throw new ArgumentException("This is no frame.");
}

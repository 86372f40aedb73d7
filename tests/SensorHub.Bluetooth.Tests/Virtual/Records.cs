using SensorHub.Bluetooth.Virtual;
using SensorHub.Core;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Tests.Virtual;

/// <summary>Reads what a virtual session reported.</summary>
internal static class Records
{
    public static List<SensorRecord> Play(this VirtualSession session)
    {
        var records = new List<SensorRecord>();
        session.Run(records.Add, TestContext.Current.CancellationToken);
        return records;
    }

    /// <summary>The last descriptor of each sensor.</summary>
    public static Dictionary<Slug, SensorDescriptor> Descriptors(this IEnumerable<SensorRecord> records)
    {
        var found = new Dictionary<Slug, SensorDescriptor>();
        foreach (var record in records.OfType<SensorRecord.Described>())
        {
            Assert.Equal(DecodeStatus.Ok, SensorDescriptorCodec.Decode(record.Bytes.Span, out var descriptor));
            found[record.Sensor] = descriptor!;
        }
        return found;
    }

    public static IEnumerable<DecodedFrame> Frames(this IEnumerable<SensorRecord> records, byte? stream = null, SensorKind? kind = null)
    {
        var all = records.ToList();
        var descriptors = all.Descriptors();
        foreach (var record in all.OfType<SensorRecord.Frame>())
        {
            var sensor = descriptors[record.Sensor];
            Assert.Equal(DecodeStatus.Ok, FrameCodec.Decode(record.Bytes.Span, out var frame));
            Assert.Equal(DecodeStatus.Ok, FrameCodec.Check(frame, sensor, out var descriptor));
            if (frame.Header.Count == 0)
                continue; // an answer of the ring buffer that had nothing
            if ((stream is null || descriptor!.Id == stream) && (kind is null || sensor.Kind == kind))
                yield return new DecodedFrame(record, sensor, descriptor!, frame.Header, frame.Samples.ToArray());
        }
    }

    /// <summary>The records as bytes, to be compared whole.</summary>
    public static string Print(this IEnumerable<SensorRecord> records) => string.Join('\n', records.Select(r => r switch
    {
        SensorRecord.Described d => $"{d.At} {d.Sensor} {Convert.ToHexString(d.Bytes.Span)}",
        SensorRecord.Frame f => $"{f.At} {f.Sensor} {Convert.ToHexString(f.Bytes.Span)}",
        _ => r.ToString(),
    }));
}

internal sealed record DecodedFrame(SensorRecord.Frame Record, SensorDescriptor Sensor, StreamDescriptor Stream, FrameHeader Header, byte[] Samples)
{
    public double Read(int sample, int channel) => Stream.Read(Samples, sample, channel);

    public ulong Ticks(int sample) => Header.Ticks + (ulong)sample * Header.Period;
}

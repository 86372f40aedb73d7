using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Export.Tests;

/// <summary>What frames of a recording carry, read without clocks and pipelines: the raw numbers by stream and sequence number.</summary>
internal static class SentSamples
{
    /// <summary>By sensor and stream; each sample once, by its number, with the raw number of each channel.</summary>
    public static Dictionary<(Slug Sensor, byte Stream), SortedDictionary<uint, long[]>> Of(string recording)
    {
        var descriptors = new Dictionary<Slug, SensorDescriptor>();
        var samples = new Dictionary<(Slug, byte), SortedDictionary<uint, long[]>>();
        foreach (var record in RecordingReader.Read(recording))
        {
            if (record is SensorRecord.Described described && SensorDescriptorCodec.Decode(described.Bytes.Span, out var descriptor, out _) == DecodeStatus.Ok)
                descriptors[described.Sensor] = descriptor!;
            if (record is not SensorRecord.Frame received || FrameCodec.Decode(received.Bytes.Span, out var frame) != DecodeStatus.Ok)
                continue;
            var stream = descriptors[received.Sensor].FindStream(frame.Header.Stream)!;
            if (!samples.TryGetValue((received.Sensor, stream.Id), out var of))
                samples.Add((received.Sensor, stream.Id), of = []);
            for (var i = 0; i < frame.Header.Count; i++)
            {
                var values = new long[stream.Channels.Count];
                for (var c = 0; c < values.Length; c++)
                    values[c] = stream.ReadRaw(frame.Samples, i, c);
                of[frame.Header.Sequence + (uint)i] = values;
            }
        }
        return samples;
    }

    /// <summary>The sensor of this kind and its last descriptor.</summary>
    public static (Slug Sensor, SensorDescriptor Descriptor) Find(string recording, SensorKind kind)
    {
        foreach (var described in RecordingReader.Read(recording).OfType<SensorRecord.Described>())
            if (SensorDescriptorCodec.Decode(described.Bytes.Span, out var descriptor, out _) == DecodeStatus.Ok && descriptor!.Kind == kind)
                return (described.Sensor, descriptor);
        throw new InvalidOperationException($"There is no {kind} in {recording}.");
    }
}

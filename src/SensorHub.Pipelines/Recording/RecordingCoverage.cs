using SensorHub.Core;
using SensorHub.Core.Protocol;

namespace SensorHub.Pipelines.Recording;

/// <summary>Which samples recordings have: from the first to the last of each stream and boot, and which between are missing.</summary>
public sealed class RecordingCoverage
{
    private readonly Dictionary<Slug, SensorDescriptor> _sensors = [];
    private readonly Dictionary<(Slug Sensor, uint BootId, byte Stream), List<(uint Sequence, byte Count)>> _frames = [];

    /// <summary>Frames that cannot be decoded.</summary>
    public long Malformed { get; private set; }

    public void Add(SensorRecord record)
    {
        if (record is SensorRecord.Described described && SensorDescriptorCodec.Decode(described.Bytes.Span, out var descriptor, out _) == DecodeStatus.Ok)
            _sensors[described.Sensor] = descriptor!;
        if (record is not SensorRecord.Frame received)
            return;
        if (!_sensors.TryGetValue(received.Sensor, out var sensor) ||
            FrameCodec.Decode(received.Bytes.Span, out var frame) != DecodeStatus.Ok || FrameCodec.Check(frame, sensor, out _) != DecodeStatus.Ok)
        {
            Malformed++;
            return;
        }
        if (frame.Header.Count == 0)
            return;
        var key = (received.Sensor, frame.Header.BootId, frame.Header.Stream);
        if (!_frames.TryGetValue(key, out var frames))
            _frames.Add(key, frames = []);
        frames.Add((frame.Header.Sequence, frame.Header.Count));
    }

    /// <summary>By sensor, stream and boot, in the order in which boots were met.</summary>
    public IEnumerable<StreamCoverage> Streams() => _frames
        .OrderBy(f => f.Key.Sensor.ToString(), StringComparer.Ordinal).ThenBy(f => f.Key.Stream)
        .Select(f => Cover(f.Key.Sensor, _sensors[f.Key.Sensor].FindStream(f.Key.Stream)!, f.Key.BootId, f.Value));

    private static StreamCoverage Cover(Slug sensor, StreamDescriptor stream, uint bootId, List<(uint Sequence, byte Count)> frames)
    {
        // Sequences wrap: what is before and behind is known from the first that came.
        var origin = frames[0].Sequence;
        var parts = frames.Select(f => (Start: (long)unchecked((int)(f.Sequence - origin)), f.Count)).OrderBy(p => p.Start).ToArray();
        long samples = 0, missing = 0, next = parts[0].Start;
        foreach (var (start, count) in parts)
        {
            missing += Math.Max(0, start - next);
            samples += Math.Max(0, start + count - Math.Max(next, start));
            next = Math.Max(next, start + count);
        }
        return new StreamCoverage(sensor, stream, bootId, unchecked(origin + (uint)parts[0].Start), samples, missing, frames.Sum(f => (long)f.Count) - samples);
    }
}

/// <param name="BootId">The sensor's; sequence numbers begin anew with each.</param>
/// <param name="First">Number of the first sample.</param>
/// <param name="Samples">Different ones.</param>
/// <param name="Missing">Between the first and the last.</param>
/// <param name="Repeated">That came more than once.</param>
public sealed record StreamCoverage(Slug Sensor, StreamDescriptor Stream, uint BootId, uint First, long Samples, long Missing, long Repeated);

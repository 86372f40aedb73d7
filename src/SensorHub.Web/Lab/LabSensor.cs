using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Web.Lab;

/// <summary>What the broker has told of one sensor: what its frames mean, and where its clock lies.</summary>
internal sealed class LabSensor(Slug hub, Slug sensor)
{
    private readonly Dictionary<byte, SequenceTracker> _streams = [];
    private SensorDescriptor? _descriptor;
    private ClockMapping? _clock;
    private double? _clockUncertaintyMs;

    public void Describe(ReadOnlySpan<byte> bytes)
    {
        if (SensorDescriptorCodec.Decode(bytes, out var descriptor) == DecodeStatus.Ok)
            _descriptor = descriptor;
    }

    public void Told(SensorStatus status)
    {
        if (status is not { ClockBootId: >= 0 and <= uint.MaxValue and var boot, ClockTicks: >= 0 and var ticks, ClockRateHz: > 0 and var rate } || !Timestamp.TryParse(status.ClockTime, out var time))
            return;
        _clock = new ClockMapping((uint)boot, (ulong)ticks, time, rate);
        _clockUncertaintyMs = status.ClockUMs;
    }

    /// <summary>The lines of a frame: its samples, those that were seen before left out, behind the gap before them. None for a frame that cannot be read.</summary>
    /// <param name="subject">Whose session is on, and its name.</param>
    /// <param name="received">By the hub.</param>
    public IEnumerable<byte[]> Frame(ReadOnlyMemory<byte> bytes, Slug subject, string? session, Timestamp received)
    {
        if (_descriptor is null || FrameCodec.Decode(bytes.Span, out var frame) != DecodeStatus.Ok || FrameCodec.Check(frame, _descriptor, out var stream) != DecodeStatus.Ok || frame.Header.Count == 0)
            return [];
        var header = frame.Header;
        if (!_streams.TryGetValue(header.Stream, out var tracker))
            _streams.Add(header.Stream, tracker = new SequenceTracker());
        var first = new DeviceTime(header.BootId, header.Ticks);
        var step = tracker.Observe(first, header.Sequence, header.Count, header.Period);
        var of = new LabStreamOf(hub, subject, session, sensor, stream!, _descriptor.Elements.FirstOrDefault(e => e.Id == stream!.Element)?.Role, _clock, _clockUncertaintyMs);
        List<byte[]> lines = [.. tracker.Filled.Select(range => LabLines.Samples(of, bytes, range, received, late: true))];
        if (step.Skip == header.Count)
            return lines;
        if (step.Continuity is Continuity.Gap or Continuity.Reboot)
            lines.Add(LabLines.Gap(of, step.Missing > 0 ? new SampleRange(unchecked(header.Sequence - (uint)step.Missing), (uint)step.Missing) : null, first, header.Period));
        lines.Add(LabLines.Samples(of, bytes, new SampleRange(unchecked(header.Sequence + (uint)step.Skip), (uint)(header.Count - step.Skip)), received, late: false));
        return lines;
    }
}

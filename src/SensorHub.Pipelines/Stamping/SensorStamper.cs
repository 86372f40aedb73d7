using SensorHub.Core;
using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Stamping;

/// <summary>Stamps what one sensor sends: its clock, its streams, its health.</summary>
internal sealed class SensorStamper(Slug sensor, SampleClockOptions? options)
{
    private static readonly TimeSpan HealthInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<byte, StreamState> _streams = [];
    private readonly RateMeter _rate = new();
    private ReadOnlyMemory<byte> _described;
    private SensorDescriptor? _descriptor;
    private SampleClock? _clock;
    private LinkState _link = LinkState.Connecting;
    private double? _battery;
    private double? _temperature;
    private long _malformed;
    private Timestamp _healthDue;

    /// <summary>Takes what the sensor said of itself; gives it, decoded, when it is news.</summary>
    public SensorDescriptor? Describe(SensorRecord.Described record)
    {
        if (_descriptor is not null && record.Bytes.Span.SequenceEqual(_described.Span))
            return null;
        if (SensorDescriptorCodec.Decode(record.Bytes.Span, out var descriptor) != DecodeStatus.Ok)
        {
            _malformed++;
            return null;
        }
        if (_descriptor is null)
            _healthDue = record.At + HealthInterval;
        if (_clock?.TickRate != descriptor!.TickRate)
            _clock = new SampleClock(descriptor.TickRate, options);
        (_described, _descriptor) = (record.Bytes, descriptor);
        foreach (var (id, stream) in _streams)
            if (descriptor.FindStream(id) is { } known)
                stream.Reader = new SampleReader(known, descriptor);
        return descriptor;
    }

    public void Exchange(SensorRecord.TimeExchanged record) =>
        _clock?.Exchange(record.RequestedAt, record.Received, record.Sent, record.At);

    public void Link(SensorRecord.Link record)
    {
        _link = record.State;
        if (_link == LinkState.Lost)
            foreach (var stream in _streams.Values)
                stream.LinkWasLost = true;
        _healthDue = record.At; // a change of the link is said at once
    }

    /// <summary>Takes a frame. A bad one is counted, and changes nothing else.</summary>
    public void Frame(SensorRecord.Frame record, List<Stamped> output)
    {
        if (_descriptor is null || _clock is null || FrameCodec.Decode(record.Bytes.Span, out var frame) != DecodeStatus.Ok ||
            FrameCodec.Check(frame, _descriptor, out var descriptor) != DecodeStatus.Ok)
        {
            _malformed++;
            return;
        }
        var header = frame.Header;
        if (header.Count == 0)
            return; // an empty backlog answer
        var first = new DeviceTime(header.BootId, header.Ticks);
        if (!_clock.Arrive(first with { Ticks = unchecked(header.Ticks + (ulong)(header.Count - 1) * header.Period) }, record.At))
        {
            _malformed++;
            return;
        }
        if (!_streams.TryGetValue(header.Stream, out var stream))
            _streams.Add(header.Stream, stream = new StreamState(new SampleReader(descriptor!, _descriptor)));

        var step = stream.Tracker.Observe(first, header.Sequence, header.Count, header.Period);
        if (step.Continuity == Continuity.Implausible)
        {
            _malformed++;
            return;
        }
        if (header.Stream == MeteredStream?.Id)
            _rate.Add(record.At, header.Count - step.Skip + step.Filled);
        if (step.Skip == header.Count)
            return; // late: estimates have gone on; the recording has it

        var times = Stamp(stream, first, step.Skip, header);
        if (step.Continuity is Continuity.Gap or Continuity.Reboot)
            output.Add(new Stamped.Noticed(record.At, new Gap
            {
                Time = stream.NextDue,
                End = times[0],
                Sensor = sensor,
                Stream = header.Stream,
                Cause = step.Continuity == Continuity.Reboot ? GapCause.Reboot : stream.LinkWasLost ? GapCause.Disconnected : GapCause.Loss,
                SamplesLost = step.Continuity == Continuity.Reboot ? null : step.Missing,
            }));
        stream.LinkWasLost = false;
        stream.Last = times[^1];
        stream.Period = TimeSpan.FromSeconds((double)header.Period / _descriptor.TickRate);
        Read(record.At, frame, stream.Reader, times, step, output);
    }

    /// <summary>A session begins; its first health comes after a second of it.</summary>
    public void BeginSession(Timestamp at) => _healthDue = at + HealthInterval;

    /// <summary>The health when it is due: each second, and when the link has changed.</summary>
    public SensorHealth? HealthAt(Timestamp now)
    {
        if (_descriptor is null || now < _healthDue)
            return null;
        _healthDue = now + HealthInterval;
        return new SensorHealth
        {
            Time = now,
            Sensor = sensor,
            Kind = _descriptor.Kind,
            Link = _link,
            Battery = _battery,
            Rate = _rate.At(now),
            Received = _streams.Values.Sum(s => s.Tracker.Received),
            Lost = _streams.Values.Sum(s => s.Tracker.Lost),
            Malformed = _malformed,
            ClockUncertainty = _clock?.Uncertainty(now),
            ClockDriftPpm = _clock?.DriftPpm?.Value,
        };
    }

    private StreamDescriptor? MeteredStream => _descriptor?.Streams.FirstOrDefault(s => s.Kind == StreamKind.Imu);

    /// <summary>Times of the frame's samples from <paramref name="skip"/> on; strictly after each other and after those before.</summary>
    private Timestamp[] Stamp(StreamState stream, DeviceTime first, int skip, FrameHeader header)
    {
        var times = new Timestamp[header.Count - skip];
        var last = stream.Last;
        for (var i = 0; i < times.Length; i++)
        {
            var time = _clock!.Stamp(first with { Ticks = unchecked(first.Ticks + (ulong)(skip + i) * header.Period) });
            times[i] = last is { } before && time <= before ? new Timestamp(before.UnixNanoseconds + 1) : time;
            last = times[i];
        }
        return times;
    }

    private void Read(Timestamp at, in Frame frame, SampleReader reader, Timestamp[] times, SequenceStep step, List<Stamped> output)
    {
        var missing = step.Continuity == Continuity.Reboot ? (long?)null : step.Missing;
        var newest = step.Skip + times.Length - 1;
        if (reader.HasImu)
        {
            _temperature = reader.Temperature(frame, newest) ?? _temperature;
            var samples = new ImuSample[times.Length];
            for (var i = 0; i < times.Length; i++)
                samples[i] = reader.Imu(frame, step.Skip + i, times[i]);
            output.Add(new Stamped.Imu(at, new ImuPacket(sensor, reader.Element!.Value, samples, missing)));
        }
        else if (reader.HasLoad)
        {
            var samples = new LoadSample[times.Length];
            for (var i = 0; i < times.Length; i++)
                samples[i] = reader.Load(frame, step.Skip + i, times[i], reader.Temperature(frame, step.Skip + i) ?? _temperature);
            output.Add(new Stamped.Load(at, new LoadPacket(sensor, samples, missing)));
        }
        else if (reader.HasBattery)
        {
            _battery = reader.Battery(frame, newest);
        }
        else if (reader.HasEvents)
        {
            for (var i = 0; i < times.Length; i++)
            {
                var (code, argument, offset) = reader.Event(frame, step.Skip + i);
                var time = _clock!.Stamp(new DeviceTime(frame.Header.BootId, unchecked(frame.Header.Ticks + offset)));
                output.Add(new Stamped.Noticed(at, new DeviceEvent { Time = time, Sensor = sensor, Code = code, Argument = argument }));
            }
        }
    }

    private sealed class StreamState(SampleReader reader)
    {
        public SampleReader Reader { get; set; } = reader;

        public SequenceTracker Tracker { get; } = new();

        public bool LinkWasLost { get; set; }

        /// <summary>Stamp of the newest sample.</summary>
        public Timestamp? Last { get; set; }

        /// <summary>From sample to sample, in the newest frame.</summary>
        public TimeSpan Period { get; set; }

        public Timestamp NextDue => Last!.Value + Period;
    }
}

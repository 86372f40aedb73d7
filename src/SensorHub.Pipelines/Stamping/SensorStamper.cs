using SensorHub.Core;
using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Stamping;

/// <summary>Stamps what one sensor sends: its clock, its streams, its health.</summary>
internal sealed class SensorStamper(Slug sensor, SampleClockOptions? clock, TroubleOptions trouble)
{
    private static readonly TimeSpan HealthInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<byte, StreamState> _streams = [];
    private readonly RateMeter _rate = new();
    private readonly SensorTroubles _troubles = new(sensor, trouble);
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
            _clock = new SampleClock(descriptor.TickRate, clock);
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
        _troubles.Link(record.State, record.Reason);
        if (_link == LinkState.Lost)
            foreach (var stream in _streams.Values)
                stream.LinkWasLost = true;
        _healthDue = record.At; // a change of the link is said at once
    }

    /// <summary>Takes a frame. A bad one is counted, and changes nothing else.</summary>
    public void Frame(SensorRecord.Frame record, List<Stamped> output)
    {
        var status = DecodeStatus.BadValue;
        StreamDescriptor? descriptor = null;
        if (_descriptor is null || _clock is null || FrameCodec.Decode(record.Bytes.Span, out var frame) != DecodeStatus.Ok ||
            (status = FrameCodec.Check(frame, _descriptor, out descriptor)) != DecodeStatus.Ok)
        {
            _malformed++;
            if (status == DecodeStatus.UnknownStream)
                _troubles.UnknownStream(record.Bytes.Span[1], record.At);
            else
                _troubles.Malformed();
            return;
        }
        var header = frame.Header;
        if (header.Count == 0)
            return; // an empty backlog answer
        if (!_streams.TryGetValue(header.Stream, out var stream))
            _streams.Add(header.Stream, stream = new StreamState(new SampleReader(descriptor!, _descriptor)));
        var isLive = !header.Flags.HasFlag(FrameFlags.Backlog);
        if (!isLive && stream.Tracker.BootId != header.BootId)
            return; // older than all that came of the stream: before the session, or before the boot was known
        var first = new DeviceTime(header.BootId, header.Ticks);
        var last = first with { Ticks = unchecked(header.Ticks + (ulong)(header.Count - 1) * header.Period) };
        // Frames from the ring buffer were kept back: their arrival says nothing of the clock.
        if (!(isLive ? _clock.Arrive(last, record.At) : _clock.Allows(last, record.At)))
        {
            CountMalformed();
            return;
        }

        var step = stream.Tracker.Observe(first, header.Sequence, header.Count, header.Period);
        if (step.Continuity == Continuity.Implausible)
        {
            CountMalformed();
            return;
        }
        if (isLive)
        {
            if (header.Stream == MeteredStream?.Id)
                _rate.Add(record.At, header.Count - step.Skip + step.Filled);
            _troubles.Read(descriptor!, header.Period == 0 ? 0 : (double)_descriptor.TickRate / header.Period, header.Count - step.Skip, step.Continuity == Continuity.InOrder, record.At);
        }
        Recover(record, frame, stream, output);
        if (step.Skip == header.Count)
            return; // late: live estimates have gone on

        var times = Stamp(stream, first, step.Skip, header);
        if (step.Continuity is Continuity.Gap or Continuity.Reboot)
            Notice(record.At, header, step, times[0], stream, output);
        stream.LinkWasLost = false;
        (stream.Last, stream.LastAt) = (times[^1], record.At);
        stream.Period = TimeSpan.FromSeconds((double)header.Period / _descriptor.TickRate);
        Read(record.At, record.Bytes, frame, stream.Reader, step.Skip, times, step.Continuity == Continuity.Reboot ? null : step.Missing, isNewest: true, output);
    }

    /// <summary>Takes what will not come any more.</summary>
    public void GiveUp(SensorRecord.GivenUp record, List<Stamped> output)
    {
        if (!_streams.TryGetValue(record.Stream, out var stream) || stream.Tracker.BootId != record.BootId)
            return; // nothing of it was missing, or a reboot has said so
        foreach (var range in stream.Tracker.GiveUp(record.Sequence, record.Count))
            stream.Gaps.Find(g => g.Contains(range))?.GiveUp(range.Count);
        Close(stream, record.At, output);
    }

    /// <summary>A session ends: what is missing of it now stays missing, for it is no longer recorded.</summary>
    public void EndSession(Timestamp at, List<Stamped> output)
    {
        foreach (var stream in _streams.Values)
            GiveUpAll(stream, at, output);
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
            Trouble = _troubles.At(now),
            Battery = _battery,
            Rate = _rate.At(now),
            Received = _streams.Values.Sum(s => s.Tracker.Received),
            Lost = _streams.Values.Sum(s => s.Tracker.Lost),
            Malformed = _malformed,
            ClockUncertainty = _clock?.Uncertainty(now),
            ClockDriftPpm = _clock?.DriftPpm?.Value,
            Clock = _clock?.Mapping,
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

    /// <summary>Says the gap behind which a frame begins.</summary>
    private void Notice(Timestamp at, in FrameHeader header, SequenceStep step, Timestamp end, StreamState stream, List<Stamped> output)
    {
        var isReboot = step.Continuity == Continuity.Reboot;
        var gap = new Gap
        {
            Time = stream.NextDue,
            End = end,
            Sensor = sensor,
            Stream = header.Stream,
            Cause = isReboot ? GapCause.Reboot : stream.LinkWasLost ? GapCause.Disconnected : GapCause.Loss,
            SamplesLost = isReboot ? null : step.Missing,
            State = isReboot ? GapState.Final : GapState.Open,
        };
        if (isReboot)
        {
            GiveUpAll(stream, at, output); // the ring buffer went with the boot
        }
        else
        {
            if (stream.Tracker.Forgotten is { Count: > 0 } forgotten)
                stream.Gaps.Find(g => g.Contains(forgotten))?.GiveUp(forgotten.Count);
            Close(stream, at, output);
            var missing = new SampleRange(unchecked(header.Sequence - (uint)step.Missing), (uint)step.Missing);
            stream.Gaps.Add(new OpenGap(gap, missing, stream.LastAt, at, stream.LastAt - stream.Last!.Value));
        }
        output.Add(new Stamped.Noticed(at, gap));
    }

    /// <summary>Takes the samples that were missing until now, and says of the gaps that they fill.</summary>
    private void Recover(SensorRecord.Frame record, in Frame frame, StreamState stream, List<Stamped> output)
    {
        if (stream.Tracker.Filled.Count == 0)
            return;
        var at = record.At;
        var bytes = record.Bytes.ToArray(); // whoever puts it at its place keeps it, and is not to keep the file with it
        foreach (var range in stream.Tracker.Filled)
        {
            var header = frame.Header;
            var skip = unchecked((int)(range.Sequence - header.Sequence));
            var times = new Timestamp[range.Count];
            for (var i = 0; i < times.Length; i++)
                times[i] = _clock!.Stamp(new DeviceTime(header.BootId, unchecked(header.Ticks + (ulong)(skip + i) * header.Period)));
            var gap = stream.Gaps.Find(g => g.Contains(range));
            gap?.Fill(range.Count);
            var due = gap?.Due(times[^1]) ?? at; // always in a gap, unless the session that said it has ended
            var items = new List<Stamped>(1);
            Read(due, bytes, frame, stream.Reader, skip, times, missing: 0, isNewest: false, items);
            foreach (var item in items)
                output.Add(new Stamped.Late(at, due, item));
        }
        Close(stream, at, output);
    }

    private static void GiveUpAll(StreamState stream, Timestamp at, List<Stamped> output)
    {
        foreach (var gap in stream.Gaps)
            gap.GiveUpAll();
        Close(stream, at, output);
    }

    /// <summary>Says of the gaps for which nothing is awaited any more.</summary>
    private static void Close(StreamState stream, Timestamp at, List<Stamped> output)
    {
        for (var i = 0; i < stream.Gaps.Count; i++)
        {
            if (stream.Gaps[i].Closed is not { } closed)
                continue;
            output.Add(new Stamped.Noticed(at, closed));
            stream.Gaps.RemoveAt(i--);
        }
    }

    private void CountMalformed()
    {
        _malformed++;
        _troubles.Malformed();
    }

    /// <param name="bytes">Of the frame.</param>
    /// <param name="skip">Samples of the frame before those that <paramref name="times"/> are of.</param>
    /// <param name="isNewest">Whether it says how the sensor is now.</param>
    private void Read(Timestamp at, ReadOnlyMemory<byte> bytes, in Frame frame, SampleReader reader, int skip, Timestamp[] times, long? missing, bool isNewest, List<Stamped> output)
    {
        var newest = skip + times.Length - 1;
        var place = new StreamPlace(frame.Header.Stream, frame.Header.BootId, new SampleRange(unchecked(frame.Header.Sequence + (uint)skip), (uint)times.Length));
        var raw = new RawSamples(reader.Stream, bytes.Slice(FrameHeader.Size + skip * reader.Stream.SampleSize, times.Length * reader.Stream.SampleSize));
        if (reader.HasImu)
        {
            if (isNewest)
                _temperature = reader.Temperature(frame, newest) ?? _temperature;
            var samples = new ImuSample[times.Length];
            for (var i = 0; i < times.Length; i++)
                samples[i] = reader.Imu(frame, skip + i, times[i]);
            output.Add(new Stamped.Imu(at, new ImuPacket(sensor, reader.Element!.Value, samples, missing), place, raw));
        }
        else if (reader.HasLoad)
        {
            var samples = new LoadSample[times.Length];
            for (var i = 0; i < times.Length; i++)
                samples[i] = reader.Load(frame, skip + i, times[i], reader.Temperature(frame, skip + i) ?? _temperature);
            output.Add(new Stamped.Load(at, new LoadPacket(sensor, samples, missing), place, raw));
        }
        else if (reader.HasBattery)
        {
            if (isNewest)
                _battery = reader.Battery(frame, newest);
        }
        else if (reader.HasEvents)
        {
            for (var i = 0; i < times.Length; i++)
            {
                var (code, argument, offset) = reader.Event(frame, skip + i);
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

        /// <summary>Gaps of which samples can still come, oldest first.</summary>
        public List<OpenGap> Gaps { get; } = [];

        /// <summary>Stamp of the newest sample.</summary>
        public Timestamp? Last { get; set; }

        /// <summary>When it arrived.</summary>
        public Timestamp LastAt { get; set; }

        /// <summary>From sample to sample, in the newest frame.</summary>
        public TimeSpan Period { get; set; }

        public Timestamp NextDue => Last!.Value + Period;
    }
}

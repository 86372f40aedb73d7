using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// The streams of one sensor, over all its links: what comes, what falls silent, what is missing and what is given up. Any
/// thread may ask; frames come from the radio's.
/// </summary>
internal sealed class SensorStreams(Slug sensor, RecordSink records, LinkOptions options, LinkMeter meter)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<byte, StreamTrack> _tracks = [];
    private SensorDescriptor? _descriptor;
    private BacklogAnswer? _answer;
    private long _frames;
    private long _unreadable;
    private DecodeStatus? _why;

    public long Fetched { get; private set; }

    public long GivenUp { get; private set; }

    public long Malformed { get; private set; }

    /// <summary>% as the battery stream last said.</summary>
    public double? Battery { get; private set; }

    /// <summary>As last read; null before.</summary>
    public SensorDescriptor? Descriptor
    {
        get
        {
            lock (_gate)
                return _descriptor;
        }
    }

    /// <summary>The sensor said what it is. What is known of its streams stays.</summary>
    public void Describe(SensorDescriptor descriptor)
    {
        lock (_gate)
        {
            _descriptor = descriptor;
            foreach (var stream in descriptor.Streams)
                if (_tracks.TryGetValue(stream.Id, out var track))
                    track.Descriptor = stream;
                else
                    _tracks.Add(stream.Id, new StreamTrack(stream, descriptor.TickRate));
        }
    }

    /// <summary>A new link: nothing comes yet. What was missing of another boot is given up.</summary>
    public void Begin(uint bootId)
    {
        lock (_gate)
        {
            _answer = null;
            foreach (var (id, track) in _tracks)
            {
                track.Stopped();
                var boot = track.Ledger.BootId;
                Record(id, boot, track.Ledger.Boot(bootId));
            }
        }
    }

    /// <summary>A stream was started, and will come from this number on.</summary>
    public void Started(ControlResponse.Started started)
    {
        lock (_gate)
            if (_tracks.TryGetValue(started.Stream, out var track))
            {
                track.Started(started.Period, started.SamplesPerFrame, records.Now);
                track.Ledger.Begin(started.NextSequence);
                GiveUpWithoutRing(started.Stream, track);
            }
    }

    public void Stopped(byte stream)
    {
        lock (_gate)
            if (_tracks.TryGetValue(stream, out var track))
                track.Stopped();
    }

    public void Refused(byte stream, ControlStatus why)
    {
        lock (_gate)
            if (_tracks.TryGetValue(stream, out var track))
            {
                track.Stopped();
                track.Refusal = why;
            }
    }

    /// <summary>What is on over this link.</summary>
    public uint? PeriodOf(byte stream)
    {
        lock (_gate)
            return _tracks.TryGetValue(stream, out var track) ? track.Period : null;
    }

    /// <summary>Looks at a frame.</summary>
    /// <returns>Whether whoever watches has to look: a stream came, an answer went on, or samples are missing.</returns>
    public bool Take(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_descriptor is null)
                return false;
            _frames++;
            meter.Frame(sensor);
            var status = FrameCodec.Decode(bytes, out var frame);
            if (status == DecodeStatus.Ok)
                status = FrameCodec.Check(frame, _descriptor, out _);
            if (status != DecodeStatus.Ok || !_tracks.TryGetValue(frame.Header.Stream, out var track))
                return Unreadable(status);
            var header = frame.Header;
            var had = track.Ledger.Missing.Count;
            if (track.Ledger.Take(header) is not { } samples)
                return Unreadable(DecodeStatus.BadValue);
            if (track.Descriptor.Kind == StreamKind.Battery && header.Count > 0)
                Battery = track.Descriptor.Read(frame.Samples, header.Count - 1, track.Descriptor.FindChannel(Quantity.BatteryLevel));
            if ((header.Flags & FrameFlags.Backlog) != 0)
            {
                Fetched += samples;
                meter.Fetched(sensor, samples);
                return _answer is { } answer && answer.Stream == header.Stream && answer.Heard(header, records.Now);
            }
            _why = null;
            var comes = track.HasCome;
            track.Heard(header, records.Now);
            GiveUpWithoutRing(header.Stream, track);
            return !comes || track.Ledger.Missing.Count > had;
        }
    }

    /// <summary>The wanted streams that are on, or refused to be, in the descriptor's order.</summary>
    public IReadOnlyList<T> Each<T>(Func<StreamTrack, T> select)
    {
        lock (_gate)
            return [.. (_descriptor?.Streams ?? []).Select(s => _tracks[s.Id]).Where(t => t.Period is not null || t.Refusal is not null).Select(select)];
    }

    /// <summary>Something was done about silent streams: they are given time again.</summary>
    public void Expect()
    {
        lock (_gate)
            foreach (var track in _tracks.Values)
                track.Expect(records.Now);
    }

    /// <summary>Why the last frame could not be read; null when it could.</summary>
    public DecodeStatus? WhyUnreadable
    {
        get
        {
            lock (_gate)
                return _why;
        }
    }

    public long MissingSamples
    {
        get
        {
            lock (_gate)
                return _tracks.Values.Sum(t => t.Ledger.MissingSamples);
        }
    }

    /// <summary>What is wrong with what comes, since it was last asked; null when nothing is. Every ten seconds.</summary>
    public string? Trouble()
    {
        lock (_gate)
        {
            var (frames, unreadable) = (_frames, _unreadable);
            (_frames, _unreadable) = (0, 0);
            var now = records.Now;
            foreach (var track in _tracks.Values)
            {
                var name = LinkText.Of(track.Descriptor.Kind);
                if (track.IsBatterySilent(now, options))
                    return $"{sensor} does not read its battery: charge it in good time, and update its firmware.";
                if (track.OtherPeriod is > 0 and { } period && track.NominalRate is { } asked)
                    return FormattableString.Invariant($"{sensor} was asked for {asked:0.#} samples/s of its {name} stream and sends {(double)_descriptor!.TickRate / period:0.#}: update its firmware.");
                if (track.FalseRate(now, track.Ledger.Next) is { } rate)
                    return FormattableString.Invariant($"{sensor} says that its {name} stream has {track.NominalRate:0.#} samples/s and sends {rate:0.#}: update its firmware.");
            }
            return unreadable >= 3 && unreadable * 10 >= frames
                ? FormattableString.Invariant($"{unreadable} of the last {frames} frames of {sensor} cannot be read ({LinkText.Of(_why ?? DecodeStatus.BadValue)}): update its firmware.")
                : null;
        }
    }

    /// <summary>What the sensor is asked for next: the oldest that is missing, of all streams.</summary>
    public BacklogAnswer? Ask()
    {
        lock (_gate)
        {
            if (_tracks.Values.Where(t => t.Ledger.Missing.Count > 0).MinBy(t => t.Ledger.Missing[0].Ticks) is not { } track)
                return null;
            var range = track.Ledger.Cut(options.BacklogSamples);
            return _answer = new BacklogAnswer(track.Descriptor.Id, track.Ledger.BootId, range.Start, range.End, records.Now);
        }
    }

    /// <summary>The sensor said what of it will come: the rest it has no more.</summary>
    public void Answered(BacklogAnswer asked, ControlResponse.Backlog response)
    {
        lock (_gate)
        {
            var first = StreamLedger.Unwrap(response.Sequence, asked.Start);
            var end = first + response.Count;
            if (response.Count == 0)
                first = end = asked.End;
            GiveUp(asked, asked.Start, Math.Max(first, asked.Start));
            GiveUp(asked, Math.Max(end, asked.Start), asked.End);
            asked.Accepted(records.Now);
        }
    }

    /// <summary>The sensor said what its ring buffer has: what is older it has no more.</summary>
    public void Kept(ControlResponse.Range range)
    {
        lock (_gate)
            if (_tracks.TryGetValue(range.Stream, out var track) && track.Ledger.BootId == range.BootId && track.Ledger.Missing is [var oldest, ..])
                Record(range.Stream, range.BootId, track.Ledger.GiveUp(oldest.Start, StreamLedger.Unwrap(range.Sequence, oldest.Start)));
    }

    /// <summary>Nobody will ask any more.</summary>
    public void GiveUp()
    {
        lock (_gate)
            foreach (var (id, track) in _tracks)
                Record(id, track.Ledger.BootId, track.Ledger.GiveUp(long.MinValue, long.MaxValue));
    }

    /// <summary>The sensor cannot give it, now or ever.</summary>
    public void Refused(BacklogAnswer asked)
    {
        lock (_gate)
        {
            _answer = null;
            GiveUp(asked, asked.Start, asked.End);
        }
    }

    /// <summary>The answer has ended. What of it did not come is asked for again, but not for ever.</summary>
    public void Ended(BacklogAnswer asked)
    {
        lock (_gate)
        {
            _answer = null;
            if (_tracks.TryGetValue(asked.Stream, out var track) && track.Ledger.BootId == asked.BootId)
                Record(asked.Stream, asked.BootId, track.Ledger.Retry(asked.Start, asked.End, options.BacklogTries));
        }
    }

    private void GiveUp(BacklogAnswer asked, long start, long end)
    {
        if (start < end && _tracks.TryGetValue(asked.Stream, out var track) && track.Ledger.BootId == asked.BootId)
            Record(asked.Stream, asked.BootId, track.Ledger.GiveUp(start, end));
    }

    private void GiveUpWithoutRing(byte stream, StreamTrack track)
    {
        if (track.Descriptor.BufferDepth == 0)
            Record(stream, track.Ledger.BootId, track.Ledger.GiveUp(long.MinValue, long.MaxValue));
    }

    private void Record(byte stream, uint bootId, IReadOnlyList<SampleRange> ranges)
    {
        foreach (var range in ranges)
        {
            GivenUp += range.Count;
            meter.GivenUp(sensor, range.Count);
            records.Add(at => new SensorRecord.GivenUp(at, sensor, stream, bootId, range.Sequence, range.Count));
        }
    }

    private bool Unreadable(DecodeStatus why)
    {
        (_unreadable, _why) = (_unreadable + 1, why);
        Malformed++;
        meter.Malformed(sensor);
        return false;
    }
}

/// <summary>Samples [Start, End) that the sensor was asked for, while their answer comes.</summary>
internal sealed class BacklogAnswer(byte stream, uint bootId, long start, long end, Timestamp at)
{
    public byte Stream => stream;

    public uint BootId => bootId;

    public long Start => start;

    public long End => end;

    /// <summary>Its last frame came.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Any frame came.</summary>
    public bool HasCome { get; private set; }

    public Timestamp LastHeard { get; private set; } = at;

    public void Accepted(Timestamp now) => LastHeard = now;

    /// <returns>Whether it has ended.</returns>
    public bool Heard(in FrameHeader header, Timestamp now)
    {
        (HasCome, LastHeard) = (true, now);
        HasEnded |= (header.Flags & FrameFlags.End) != 0;
        return HasEnded;
    }
}

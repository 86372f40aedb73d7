using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Stamping;
using static System.FormattableString;

namespace SensorHub.Pipelines.Quality;

/// <summary>Measures one sensor's part of a recording.</summary>
internal sealed class SensorMeter(Slug sensor)
{
    private readonly List<string> _firmwares = [];
    private readonly SortedDictionary<byte, StreamSum> _streams = [];
    private readonly List<ClockMeter> _clocks = [];
    private readonly Dictionary<(byte Stream, Timestamp Time), Gap> _gaps = [];
    private readonly List<CalibrationUsed> _calibrations = [];
    private TimeSpan? _clockUncertainty;
    private BatteryRange? _battery;
    private long _malformed;

    public SensorDescriptor? Descriptor { get; private set; }

    public long Frames { get; private set; }

    public int LinksLost { get; set; }

    public List<Timestamp> Moves { get; } = [];

    public void Describe(SensorDescriptor descriptor)
    {
        Descriptor = descriptor;
        if (!_firmwares.Contains(descriptor.Firmware))
            _firmwares.Add(descriptor.Firmware);
    }

    public void Received(SensorRecord.Frame record)
    {
        Frames++;
        if (Descriptor is null || FrameCodec.Decode(record.Bytes.Span, out var frame) != DecodeStatus.Ok || FrameCodec.Check(frame, Descriptor, out var stream) != DecodeStatus.Ok)
        {
            _malformed++;
            return;
        }
        var sum = Of(stream!);
        sum.Frames++;
        sum.Period = frame.Header.Period == 0 ? sum.Period : (double)frame.Header.Period / Descriptor.TickRate;
        if (frame.Header.Flags.HasFlag(FrameFlags.Saturated))
            sum.Saturated++;
    }

    /// <param name="place">Of the samples.</param>
    /// <param name="first">Stamp of the first.</param>
    /// <param name="last">Stamp of the last.</param>
    /// <param name="record">With which they came, or before which they would have come.</param>
    public void Sampled(StreamPlace place, int count, Timestamp first, Timestamp last, SensorRecord? record)
    {
        if (Descriptor?.FindStream(place.Stream) is not { } stream)
            return;
        var sum = Of(stream);
        sum.Samples += count;
        sum.First ??= first;
        sum.Last = last;
        if (record is SensorRecord.Frame frame && frame.Sensor == sensor && FrameCodec.Decode(frame.Bytes.Span, out var decoded) == DecodeStatus.Ok &&
            decoded.Header is var header && header.Stream == place.Stream && header.BootId == place.BootId && !header.Flags.HasFlag(FrameFlags.Backlog) &&
            unchecked(place.Samples.Sequence - header.Sequence) is var skip && skip < header.Count)
            ClockOf(place.BootId).Stamped(unchecked(header.Ticks + skip * header.Period), first, frame.At - last);
        else
            sum.Late += count;
    }

    public void Exchanged(SensorRecord.TimeExchanged exchanged)
    {
        if (Descriptor is not null && exchanged.Received.BootId != 0)
            ClockOf(exchanged.Received.BootId).Exchanged(exchanged);
    }

    public void Missed(Gap gap) => _gaps[(gap.Stream, gap.Time)] = gap;

    public void Told(SensorHealth health)
    {
        if (health is { Link: LinkState.Streaming, ClockUncertainty: { } u } && !(u <= _clockUncertainty))
            _clockUncertainty = u;
        if (health.Battery is { } battery)
            _battery = new BatteryRange(_battery?.First ?? battery, battery);
    }

    public void Calibrated(Timestamp at, PostureCalibration calibration)
    {
        if (_calibrations.LastOrDefault()?.Id == calibration.Id)
            return;
        ElementCalibration[] elements = [.. new[] { calibration.Lower, calibration.Upper }.OfType<ElementCalibration>()];
        _calibrations.Add(new CalibrationUsed(calibration.Id, at, elements.Min(e => e.AxisExplained), elements.Max(e => e.Sway)));
    }

    public SensorQuality Quality(QualityOptions options)
    {
        var quality = new SensorQuality
        {
            Sensor = sensor,
            Kind = Descriptor!.Kind,
            Serial = Descriptor.Serial,
            Firmwares = _firmwares,
            Streams = [.. _streams.Values.Select(s => s.Quality([.. from gap in _gaps.Values where gap.Stream == s.Stream.Id && gap.State != GapState.Recovered orderby gap.Time select gap], ElementOf(s.Stream)))],
            Clocks = [.. from clock in _clocks where clock.HasSamples select clock.Fit],
            ClockUncertainty = _clockUncertainty,
            Calibrations = _calibrations,
            Moves = Moves,
            Battery = _battery,
            Frames = Frames,
            MalformedFrames = _malformed,
            LinksLost = LinksLost,
            Score = 0,
            Reasons = [],
        };
        QualityReason[] reasons = [.. from reason in Reasons(quality, options) where reason.Points > 0 orderby reason.Points descending select reason];
        return quality with { Reasons = reasons, Score = (int)Math.Round(Math.Max(0, 100 - reasons.Sum(r => r.Points))) };
    }

    private static IEnumerable<QualityReason> Reasons(SensorQuality quality, QualityOptions options)
    {
        var sampled = quality.Streams.Where(s => s.NominalRate > 0).ToArray();
        var missing = Share(sampled.Sum(s => s.Missing), sampled.Sum(s => s.Expected));
        yield return Said(Math.Min(60, options.PerMissing * missing), Invariant($"{missing:0.##} % of the samples are missing."), "Keep hub and sensor in one room with nothing but air between them, and the sensor charged; what its buffer still has is fetched by itself.");

        var gaps = sampled.SelectMany(s => s.Gaps).Where(g => g.End - g.Time >= options.LongGap).Select(g => g.Time).Distinct().Count();
        yield return Said(options.PerLongGap * Math.Min(4, gaps), Invariant($"{gaps} {(gaps == 1 ? "gap" : "gaps")} of {options.LongGap.TotalSeconds:0.#} s and more."), "Look at when they were: estimates begin anew behind each. Leave out what was measured across one.");

        foreach (var stream in sampled.Where(s => s.EffectiveRate > 0 && Math.Abs(s.EffectiveRate / s.NominalRate - 1) * 100 > options.Rate))
            yield return Said(options.ForRate, Invariant($"Stream {stream.Stream} ran at {stream.EffectiveRate:0.0} Hz instead of {stream.NominalRate:0.0} Hz."), "Times are right all the same. Tell the maker of the firmware.");

        if (quality.ClockUncertainty is not { } u)
            yield return Said(2 * options.ForClock, "The sensor's clock was never known: times are those of arrival.", "Do not lay these times beside another system's. Start the sensor some seconds before the session, so that times can be exchanged.");
        else if (u.TotalMilliseconds > options.Clock)
            yield return Said(options.ForClock, Invariant($"Times are uncertain by up to {u.TotalMilliseconds:0.#} ms."), "Good enough for angles; not to be laid beside another system to the sample. A busy radio does this: switch off what else it serves.");

        var saturated = Share(quality.Streams.Sum(s => s.SaturatedFrames), quality.Streams.Sum(s => s.Frames));
        yield return Said(saturated > options.Saturated ? options.ForSaturation : 0, Invariant($"{saturated:0.##} % of the frames have a sample at the end of its range."), "Peaks are cut off there: knocks, or a range that is too small. Do not integrate across them.");

        if (quality.Kind == SensorKind.Clip)
        {
            if (quality.Calibrations.Count == 0)
                yield return Said(options.ForNoCalibration, "The clip was not calibrated: only changes can be said.", "Stand upright and still for ten seconds with Calibrate standing, at the beginning of each session.");
            else if (!(quality.Calibrations[^1].Explained >= options.Explained))
                yield return Said(options.ForAxis, quality.Calibrations[^1].Explained is { } explained
                    ? Invariant($"The calibration's bends explain {100 * explained:0} % of the turning: they were not in one plane.")
                    : "The calibration has no bends: the axis of flexion is assumed.", "Do three slow bends straight forward with the calibration.");
            yield return Said(options.PerMove * Math.Min(3, quality.Moves.Count), quality.Moves.Count == 1 ? "The clip moved on the skin." : Invariant($"The clip moved on the skin {quality.Moves.Count} times."), "Calibrate standing again after each move; use fresh tape. Angles between a move and the next calibration are off by an unknown amount.");
        }

        if (quality.Battery is { Last: var battery } && battery < options.Battery)
            yield return Said(options.ForBattery, Invariant($"The battery was down to {battery:0} %."), "Charge it before the next session. It says nothing against this recording.");

        var malformed = Share(quality.MalformedFrames, quality.Frames);
        yield return Said(malformed > options.Malformed ? options.ForMalformed : 0, Invariant($"{malformed:0.##} % of the frames cannot be read."), "The sensor or its driver is faulty: restart both; tell the maker of the firmware if it stays.");

        static QualityReason Said(double points, string text, string advice) => new(points, text, advice);

        static double Share(long part, long whole) => whole == 0 ? 0 : 100.0 * part / whole;
    }

    private ElementRole? ElementOf(StreamDescriptor stream) =>
        stream.Kind == StreamKind.Imu ? Descriptor!.Elements.FirstOrDefault(e => e.Id == stream.Element)?.Role : null;

    private StreamSum Of(StreamDescriptor stream)
    {
        if (!_streams.TryGetValue(stream.Id, out var sum))
            _streams.Add(stream.Id, sum = new StreamSum(stream));
        return sum;
    }

    private ClockMeter ClockOf(uint boot)
    {
        if (_clocks.Find(c => c.BootId == boot) is { } known)
            return known;
        var clock = new ClockMeter(boot, Descriptor!.TickRate);
        _clocks.Add(clock);
        return clock;
    }

    private sealed class StreamSum(StreamDescriptor stream)
    {
        public StreamDescriptor Stream => stream;

        /// <summary>s; 0 for events.</summary>
        public double Period { get; set; }

        public long Samples { get; set; }

        public long Late { get; set; }

        public Timestamp? First { get; set; }

        public Timestamp Last { get; set; }

        public long Frames { get; set; }

        public long Saturated { get; set; }

        public StreamQuality Quality(IReadOnlyList<Gap> gaps, ElementRole? element)
        {
            var missing = gaps.Sum(g => g.SamplesLost ?? 0);
            // What is missing took its time too; what a reboot left unknown is taken out by its length.
            var span = First is { } first ? (Last - first).TotalSeconds - gaps.Where(g => g.SamplesLost is null).Sum(g => (g.End - g.Time).TotalSeconds) : 0;
            return new StreamQuality
            {
                Stream = stream.Id,
                Kind = stream.Kind,
                Element = element,
                Received = Samples,
                Late = Late,
                Missing = missing,
                Gaps = gaps,
                NominalRate = Period > 0 && stream.Kind is StreamKind.Imu or StreamKind.Load ? 1 / Period : 0,
                EffectiveRate = Samples > 1 && span > 0 ? (Samples + missing - 1) / span : 0,
                Frames = Frames,
                SaturatedFrames = Saturated,
            };
        }
    }
}

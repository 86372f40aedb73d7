using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines.Quality;

/// <summary>
/// Measures how a recording goes over time, while it is read in complete order. Bins are a second long at first; when there are more than <paramref name="most"/>, two become one,
/// so memory does not grow with the length.
/// </summary>
/// <param name="most">Bins of a sensor at most; even.</param>
public sealed class SeriesMeter(int most = 120)
{
    private readonly SortedDictionary<Slug, SensorState> _sensors = [];
    private TimeSpan _bin = TimeSpan.FromSeconds(1);
    private Timestamp? _start;

    /// <summary>Takes the next step of the recording. What came before the session began is not in it.</summary>
    public void Add(CompleteStep step)
    {
        if (step.Record is SensorRecord.Marked { Marker: Core.Sessions.Marker.SessionBegan, At: var began })
            _start = began;
        if (step.Record is SensorRecord.Described described && SensorDescriptorCodec.Decode(described.Bytes.Span, out var descriptor) == DecodeStatus.Ok)
            (Of(described.Sensor).TickRate, Of(described.Sensor).Sampled) = (descriptor!.TickRate, [.. from stream in descriptor.Streams where stream.Kind is StreamKind.Imu or StreamKind.Load select stream.Id]);
        if (_start is null)
            return;
        foreach (var stamped in step.Stamped)
        {
            if (stamped is Stamped.Imu { Packet: var imu })
                Change(imu.Sensor, imu.Samples[0].Time, bin => bin with { Received = bin.Received + imu.Samples.Count });
            else if (stamped is Stamped.Load { Packet: var load })
                Change(load.Sensor, load.Samples[0].Time, bin => bin with { Received = bin.Received + load.Samples.Count });
        }
        if (step.Record is SensorRecord.Frame frame && FrameCodec.Decode(frame.Bytes.Span, out var decoded) == DecodeStatus.Ok && decoded.Header.Flags.HasFlag(FrameFlags.Saturated))
            Change(frame.Sensor, frame.At, bin => bin with { SaturatedFrames = bin.SaturatedFrames + 1 });
        if (step.Record is SensorRecord.TimeExchanged exchanged && Of(exchanged.Sensor).Clock is { } clock && clock.BootId == exchanged.Received.BootId)
        {
            var middle = exchanged.RequestedAt + (exchanged.At - exchanged.RequestedAt) / 2;
            var ticks = unchecked(exchanged.Received.Ticks + (exchanged.Sent - exchanged.Received.Ticks) / 2);
            Change(exchanged.Sensor, exchanged.At, bin => bin with { ResidualMs = (middle - clock.At(ticks)).TotalMilliseconds });
        }
        foreach (var feature in step.Features)
            if (feature is SensorHealth health)
                Told(health);
            else if (feature is Gap gap && Of(gap.Sensor).Sampled.Contains(gap.Stream))
                Of(gap.Sensor).Gaps[(gap.Stream, gap.Time)] = gap;
    }

    /// <summary>Of each sensor that was heard, so far.</summary>
    public IReadOnlyDictionary<Slug, QualitySeries> Series
    {
        get
        {
            foreach (var (sensor, state) in _sensors)
            {
                foreach (var gap in state.Gaps.Values.Where(gap => gap.State != GapState.Recovered))
                    Spread(sensor, gap);
                state.Gaps.Clear();
            }
            return _sensors.Where(s => s.Value.Bins.Count > 0).ToDictionary(s => s.Key, s => new QualitySeries(_start!.Value, _bin, s.Value.Bins));
        }
    }

    private void Told(SensorHealth health)
    {
        var state = Of(health.Sensor);
        if (health.Clock is { } clock)
        {
            if (state.First?.BootId != clock.BootId)
                state.First = clock;
            state.Clock = clock;
        }
        var streaming = health.Link == LinkState.Streaming;
        var offset = streaming && state is { Clock: { } now, First: { } first, TickRate: > 0 }
            ? unchecked((long)(now.Ticks - first.Ticks)) * 1e3 / state.TickRate - (now.Time - first.Time).TotalMilliseconds
            : (double?)null;
        Change(health.Sensor, health.Time, bin => bin with
        {
            Rate = health.Rate,
            OffsetMs = offset ?? bin.OffsetMs,
            DriftPpm = health.ClockDriftPpm ?? bin.DriftPpm,
            UncertaintyMs = streaming && health.ClockUncertainty is { } u ? Math.Max(bin.UncertaintyMs ?? 0, u.TotalMilliseconds) : bin.UncertaintyMs,
            Battery = health.Battery ?? bin.Battery,
        });
    }

    private void Spread(Slug sensor, Gap gap)
    {
        var (from, to) = ((gap.Time - _start!.Value).TotalSeconds, (gap.End - _start.Value).TotalSeconds);
        if (gap.SamplesLost is not (> 0 and var lost) || to <= from)
            return;
        var bins = Of(sensor).Bins;
        for (var i = Math.Max(0, (int)(from / _bin.TotalSeconds)); i < bins.Count && i * _bin.TotalSeconds < to; i++)
        {
            var share = (Math.Min(to, (i + 1) * _bin.TotalSeconds) - Math.Max(from, i * _bin.TotalSeconds)) / (to - from);
            bins[i] = bins[i] with { Missing = bins[i].Missing + share * lost };
        }
    }

    private void Change(Slug sensor, Timestamp at, Func<QualityBin, QualityBin> change)
    {
        if (at < _start!.Value)
            return;
        while ((int)((at - _start.Value) / _bin) >= most)
            Halve();
        var index = (int)((at - _start.Value) / _bin);
        var bins = Of(sensor).Bins;
        while (bins.Count <= index)
            bins.Add(new QualityBin());
        bins[index] = change(bins[index]);
    }

    private void Halve()
    {
        _bin *= 2;
        foreach (var state in _sensors.Values)
            state.Bins = [.. state.Bins.Chunk(2).Select(pair => pair is [var first, var second] ? Together(first, second) : pair[0])];
    }

    private static QualityBin Together(QualityBin first, QualityBin second) => new()
    {
        Received = first.Received + second.Received,
        Missing = first.Missing + second.Missing,
        SaturatedFrames = first.SaturatedFrames + second.SaturatedFrames,
        Rate = first.Rate is { } a && second.Rate is { } b ? (a + b) / 2 : second.Rate ?? first.Rate,
        OffsetMs = second.OffsetMs ?? first.OffsetMs,
        DriftPpm = second.DriftPpm ?? first.DriftPpm,
        UncertaintyMs = first.UncertaintyMs is { } u && second.UncertaintyMs is { } v ? Math.Max(u, v) : second.UncertaintyMs ?? first.UncertaintyMs,
        ResidualMs = second.ResidualMs ?? first.ResidualMs,
        Battery = second.Battery ?? first.Battery,
    };

    private SensorState Of(Slug sensor)
    {
        if (!_sensors.TryGetValue(sensor, out var state))
            _sensors.Add(sensor, state = new SensorState());
        return state;
    }

    private sealed class SensorState
    {
        public List<QualityBin> Bins { get; set; } = [];

        public Dictionary<(byte Stream, Timestamp Time), Gap> Gaps { get; } = [];

        public uint TickRate { get; set; }

        /// <summary>Streams that are sampled evenly.</summary>
        public IReadOnlyList<byte> Sampled { get; set; } = [];

        /// <summary>Of the present boot.</summary>
        public ClockMapping? First { get; set; }

        public ClockMapping? Clock { get; set; }
    }
}

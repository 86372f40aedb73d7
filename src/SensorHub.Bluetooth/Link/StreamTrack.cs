using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>One stream of a sensor: what is wanted of it, whether it comes, how fast, and what is missing.</summary>
internal sealed class StreamTrack(StreamDescriptor descriptor, uint tickRate)
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(5);

    /// <summary>Streams with slower frames are taken to come once they are started: nobody waits a minute for a reading of the battery.</summary>
    private static readonly TimeSpan SoonEnough = TimeSpan.FromSeconds(1);

    private readonly Queue<(Timestamp At, int Samples)> _recent = new();
    private (Timestamp At, uint Sequence)? _rateFrom;
    private int _samplesPerFrame;
    private Timestamp _startedAt;
    private Timestamp _heardAt;

    public StreamDescriptor Descriptor { get; set; } = descriptor;

    public StreamLedger Ledger { get; } = new();

    /// <summary>Null when it is not on over this link.</summary>
    public uint? Period { get; private set; }

    /// <summary>Why it would not start; null when it did.</summary>
    public ControlStatus? Refusal { get; set; }

    /// <summary>Samples came over this link.</summary>
    public bool HasCome { get; private set; }

    /// <summary>Of the last frame, when it is not what was asked for; ticks.</summary>
    public uint? OtherPeriod { get; private set; }

    public double? NominalRate => Period is > 0 and { } period ? (double)tickRate / period : null;

    public TimeSpan FrameInterval => TimeSpan.FromSeconds((double)_samplesPerFrame * (Period ?? 0) / tickRate);

    public void Started(uint period, int samplesPerFrame, Timestamp at)
    {
        (Period, _samplesPerFrame, _startedAt, _heardAt) = (period, samplesPerFrame, at, at);
        (Refusal, HasCome, _rateFrom, OtherPeriod) = (null, false, null, null);
    }

    public void Stopped() => (Period, Refusal, HasCome) = (null, null, false);

    /// <summary>The watch begins anew: something was done about its silence.</summary>
    public void Expect(Timestamp at)
    {
        if (Period is not null)
            (_heardAt, HasCome) = (at, false);
    }

    /// <summary>A live frame came.</summary>
    public void Heard(in FrameHeader header, Timestamp at)
    {
        (HasCome, _heardAt) = (true, at);
        _recent.Enqueue((at, header.Count));
        Forget(at);
        _rateFrom ??= (at, header.NextSequence);
        OtherPeriod = Period is > 0 and { } period && Math.Abs((double)header.Period / period - 1) > 0.2 ? header.Period : null;
    }

    /// <summary>Whether its samples arrive: a stream of events is only started.</summary>
    public bool Comes => Refusal is null && (HasCome || Period == 0 || Period is not null && FrameInterval > SoonEnough);

    /// <summary>When it counts as silent; null when it cannot be. A battery that is not read is no reason to disturb the others.</summary>
    public Timestamp? SilentAt(LinkOptions options) => Descriptor.Kind == StreamKind.Battery ? null : Due(options);

    /// <summary>Whether readings of the battery are due and did not come.</summary>
    public bool IsBatterySilent(Timestamp now, LinkOptions options) => Descriptor.Kind == StreamKind.Battery && Due(options) <= now;

    /// <summary>Samples per second over the last five seconds.</summary>
    public double Rate(Timestamp now)
    {
        Forget(now);
        var since = now - _startedAt;
        var window = since < RateWindow ? since : RateWindow;
        return window > TimeSpan.Zero ? _recent.Sum(r => r.Samples) / window.TotalSeconds : 0;
    }

    /// <summary>
    /// Samples per second that the sensor numbered since it was last asked, when that is known and not what its own periods say
    /// by more than a tenth. What was lost on the way has its numbers, and does not count.
    /// </summary>
    public double? FalseRate(Timestamp now, uint next)
    {
        if (NominalRate is not { } nominal || _rateFrom is not var (at, sequence) || now - at < 2 * RateWindow)
            return null;
        _rateFrom = (now, next);
        var rate = unchecked(next - sequence) / (now - at).TotalSeconds;
        return Math.Abs(rate / nominal - 1) > 0.1 && Math.Abs(rate - nominal) * (now - at).TotalSeconds > 3 * _samplesPerFrame ? rate : null;
    }

    private Timestamp? Due(LinkOptions options)
    {
        if (Period is null or 0)
            return null;
        var several = options.SilentFrames * FrameInterval;
        return _heardAt + (several > options.Silence ? several : options.Silence);
    }

    private void Forget(Timestamp now)
    {
        while (_recent.TryPeek(out var oldest) && now - oldest.At > RateWindow)
            _recent.Dequeue();
    }
}

using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Quality;

/// <summary>Measures how the stamps of one boot lie to its ticks, and the exchanges to the stamps.</summary>
internal sealed class ClockMeter(uint bootId, uint tickRate)
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    private readonly long[] _latencies = new long[1000]; // by ms
    private readonly List<(ulong Ticks, Timestamp Middle)> _early = []; // exchanges before the first sample
    private (ulong Ticks, Timestamp Time)? _first;
    private (ulong Ticks, Timestamp Time) _last;
    private int _exchanges;
    private TimeSpan? _shortest;
    private double _squares;
    private int _residuals;

    public uint BootId => bootId;

    public bool HasSamples => _first is not null;

    public void Stamped(ulong ticks, Timestamp time, TimeSpan latency)
    {
        _last = (ticks, time);
        _latencies[(int)Math.Clamp(latency.TotalMilliseconds, 0, _latencies.Length - 1)]++;
        if (_first is not null)
            return;
        _first = _last;
        foreach (var (middle, at) in _early)
            Hold(middle, at);
        _early.Clear();
    }

    public void Exchanged(SensorRecord.TimeExchanged exchanged)
    {
        var turnaround = Seconds(exchanged.Sent, exchanged.Received.Ticks);
        var trip = exchanged.At - exchanged.RequestedAt - TimeSpan.FromSeconds(turnaround);
        if (turnaround < 0 || trip < TimeSpan.Zero)
            return;
        _exchanges++;
        if (!(trip >= _shortest))
            _shortest = trip;
        var (middle, at) = (exchanged.Received.Ticks + unchecked(exchanged.Sent - exchanged.Received.Ticks) / 2, exchanged.RequestedAt + (exchanged.At - exchanged.RequestedAt) / 2);
        if (HasSamples)
            Hold(middle, at);
        else if (_early.Count < 1000)
            _early.Add((middle, at));
    }

    public ClockFit Fit
    {
        get
        {
            var (ticks, time) = _first!.Value;
            var (device, hub) = (Seconds(_last.Ticks, ticks), (_last.Time - time).TotalSeconds);
            return new ClockFit(
                bootId, ticks, time, hub >= LongEnough.TotalSeconds ? (device / hub - 1) * 1e6 : null,
                _exchanges, _shortest, _residuals > 0 ? TimeSpan.FromSeconds(Math.Sqrt(_squares / _residuals)) : null, MedianLatency);
        }
    }

    private TimeSpan? MedianLatency
    {
        get
        {
            var half = (_latencies.Sum() + 1) / 2;
            var seen = 0L;
            for (var ms = 0; ms < _latencies.Length; ms++)
                if ((seen += _latencies[ms]) >= half && half > 0)
                    return TimeSpan.FromMilliseconds(ms + 0.5);
            return null;
        }
    }

    /// <summary>Against the stamp nearest before.</summary>
    private void Hold(ulong ticks, Timestamp at)
    {
        var off = (at - _last.Time).TotalSeconds - Seconds(ticks, _last.Ticks);
        _squares += off * off;
        _residuals++;
    }

    private double Seconds(ulong later, ulong earlier) => unchecked((long)(later - earlier)) / (double)tickRate;
}

using SensorHub.Core.Units;

namespace SensorHub.Core.Timing;

/// <summary>
/// Relates one sensor's <see cref="DeviceTime"/> to the hub's <see cref="Timestamp"/>. A pure function of the exchanges
/// and arrivals so far: it reads no clock.
/// </summary>
/// <remarks>
/// <para>
/// <b>Estimate.</b> Nothing is received before it was sent. So an exchange (RFC 5905 §8: T1 … T4) proves that device
/// time T2 was not before hub time T1 and T3 not after T4, and a frame proves that its last sample was not taken after
/// the frame arrived. Each is a bound on the line hub = offset + rate · device; the lines that keep all bounds are what
/// the clock may be (Duda et al., ICDCS 1987). With one exchange the estimate is their middle, RFC 5905's offset; with many,
/// the shortest trips decide, as in its clock filter (§10), but each direction by itself, which suits Bluetooth: a
/// response always waits for the next connection event. Requests are many before the first frames arrive, so at first the
/// estimate is where the best of them are expected, nearer to the lower bound; after as many frames, it is the middle.
/// Before the first exchange there is no lower bound, and the quickest arrival is taken to have travelled at most
/// <see cref="SampleClockOptions.AssumedLatency"/>.
/// </para>
/// <para>
/// <b>Uncertainty.</b> Each bound falls short of the truth by the shortest wait for a connection event that was met.
/// Requests are spread over the connection interval, and samples keep no step with it, so that is an even distribution up
/// to the distance of two neighbouring waits. Of two such shortfalls a and b of one width, |a − b| / (a + b) is at most x
/// with probability 2x / (1 + x): the truth lies within 0.905 of the half width between the bounds with 95 %. As bounds age
/// they are widened by the worst of the possible rates, so u grows while the link is down, and 95 % need less:
/// <see cref="SampleClockOptions.Spread"/>. u is half of that, a standard uncertainty for k = 2 (JCGM 100:2008 §6.3). What
/// stamps still lag behind the estimate is added in square. Before the first exchange nothing is known within the bounds:
/// a rectangular distribution, u = half width / √3 (§4.3.7). It is conservative where a sensor's clock runs exactly
/// at the rate of the hub's, or at no known rate yet; docs/accuracy/clock.md shows how well it holds.
/// </para>
/// <para>
/// The error of the difference of two sensors' stamps has the root of the sum of their squares. A delay of the host, which no
/// exchange can show, shifts all sensors of a hub alike.
/// </para>
/// <para>
/// <b>Stamps.</b> Hub time over device time is a line of straight pieces, and what was stamped stays: a new estimate
/// bends the line only beyond the newest stamp, by at most <see cref="SampleClockOptions.MaxSlew"/>. So stamps follow
/// each other as the samples did, streams of one sensor share one line, and differences of stamps (the dt of a filter)
/// are true to 0.1 %: device ticks times rate, never arrival times. Only where nothing was sampled for
/// <see cref="SampleClockOptions.Silence"/> may the line step.
/// </para>
/// <para>
/// A reboot begins a new line, behind everything stamped before. Bounds that contradict each other (a clock that is
/// worse than the options say) are dropped for the newest.
/// </para>
/// </remarks>
public sealed class SampleClock
{
    private readonly SampleClockOptions _options;
    private readonly double _nominal; // ns per tick

    private readonly List<Bound> _lower = [];
    private readonly List<Bound> _upper = [];
    private readonly List<(double X, double Y, double Rate)> _line = []; // pieces, from X on
    private uint _boot;
    private ulong _originTicks;
    private Timestamp _origin;
    private double _newestX; // device time of the newest observation
    private double _minRate, _maxRate;
    private long _exchanges;
    private long _trips = 1; // all answers count as one
    private (double X, double Y, double Rate) _estimate;
    private double _stampedX = double.NegativeInfinity;
    private Timestamp? _stamped;

    /// <param name="tickRate">Device ticks per second, nominal.</param>
    /// <param name="options">Null = defaults.</param>
    public SampleClock(uint tickRate, SampleClockOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tickRate);
        _nominal = 1e9 / tickRate;
        _options = options ?? new SampleClockOptions();
        TickRate = tickRate;
    }

    public uint TickRate { get; }

    /// <summary>
    /// How much faster the device's clock runs than the hub's, parts per million. Null until the observations say more
    /// than <see cref="SampleClockOptions.MaxDrift"/> does.
    /// </summary>
    public Measured? DriftPpm =>
        _boot != 0 && _maxRate - _minRate < _options.MaxDrift * 1e-6 // half of the interval it began with
            ? new Measured((1 / _estimate.Rate - 1) * 1e6, (_maxRate - _minRate) / 2 / Math.Sqrt(3) * 1e6)
            : null;

    /// <summary>Takes an exchange of times. One whose times contradict each other is ignored.</summary>
    /// <param name="requested">T1: hub time when the request was written.</param>
    /// <param name="received">T2: device time when it was taken from the link.</param>
    /// <param name="sent">T3: device ticks when the response was handed to the link.</param>
    /// <param name="responded">T4: hub time when it was received.</param>
    public void Exchange(Timestamp requested, DeviceTime received, ulong sent, Timestamp responded)
    {
        var turnaround = unchecked((long)(sent - received.Ticks));
        var roundTrip = responded.UnixNanoseconds - requested.UnixNanoseconds;
        if (received.BootId == 0 || turnaround < 0 || roundTrip < 0 || (turnaround - 1) * _nominal * (1 - _options.MaxDrift * 1e-6) > roundTrip)
            return;
        Follow(received, requested);
        _exchanges++;
        // A tick counter shows the last whole tick: the request came before the next one.
        Observe(new Bound(X(received.Ticks) + _nominal, Y(requested)), new Bound(X(sent), Y(responded)));
    }

    /// <summary>Takes the arrival of a live frame: its last sample was not taken later.</summary>
    /// <returns>False when that cannot be: the sample would have been taken after it arrived. Nothing changes then.</returns>
    public bool Arrive(DeviceTime lastSample, Timestamp at)
    {
        if (lastSample.BootId == 0)
            return false;
        if (lastSample.BootId == _boot && !IsPossible(X(lastSample.Ticks), Y(at)))
            return false;
        Follow(lastSample, at);
        _trips++;
        var upper = new Bound(X(lastSample.Ticks), Y(at));
        var isNews = _upper.Count == 0 || upper.X - _estimate.X >= _options.Interval.TotalNanoseconds || upper.Y < Range(upper.X).Upper;
        if (isNews)
            Observe(null, upper);
        return true;
    }

    /// <summary>Whether a sample of that boot can have been taken by then. It observes nothing: so for frames that were kept back, whose arrival says little.</summary>
    public bool Allows(DeviceTime lastSample, Timestamp at) => lastSample.BootId == _boot && _boot != 0 && IsPossible(X(lastSample.Ticks), Y(at));

    /// <summary>When a sample was taken. The same device time always gets the same stamp; a later one a later stamp.</summary>
    /// <exception cref="InvalidOperationException">Nothing was observed of that boot.</exception>
    public Timestamp Stamp(DeviceTime time)
    {
        if (time.BootId != _boot || _boot == 0)
            throw new InvalidOperationException($"No exchange and no arrival of boot {time.BootId:x8} was observed.");
        var x = X(time.Ticks);
        if (_line.Count == 0)
            _line.Add((x, Math.Max(Estimate(x), _stamped is { } before ? Y(before) + 1 : double.NegativeInfinity), _estimate.Rate));
        else if (x - _stampedX > _options.Silence.TotalNanoseconds)
            Step(x);
        var stamp = new Timestamp(_origin.UnixNanoseconds + (long)Math.Round(Line(x)));
        _stampedX = Math.Max(_stampedX, x);
        if (!(stamp <= _stamped))
            _stamped = stamp;
        return stamp;
    }

    /// <summary>Standard uncertainty of a stamp given at hub time <paramref name="at"/>; null before the first observation.</summary>
    public TimeSpan? Uncertainty(Timestamp at)
    {
        if (_boot == 0)
            return null;
        var x = Math.Max(_newestX, _estimate.X + (Y(at) - _estimate.Y) / _estimate.Rate);
        var (lower, upper) = Range(x);
        var half = (upper - lower) / 2;
        var spread = _exchanges == 0 ? half / Math.Sqrt(3) : _options.Spread * half / 2;
        var lag = _line.Count == 0 ? 0 : Line(x) - Between(lower, upper);
        return TimeSpan.FromMicroseconds(Math.Sqrt(spread * spread + lag * lag) / 1000);
    }

    /// <summary>What stamps are read from now; null before the first stamp of the boot.</summary>
    public ClockMapping? Mapping
    {
        get
        {
            if (_line.Count == 0)
                return null;
            var piece = _line.FindLast(p => p.X <= _stampedX);
            return new ClockMapping(
                _boot, unchecked(_originTicks + (ulong)(long)Math.Round(_stampedX / _nominal)), new Timestamp(_origin.UnixNanoseconds + (long)Math.Round(Line(_stampedX))), TickRate / piece.Rate);
        }
    }

    private void Follow(DeviceTime time, Timestamp at)
    {
        if (time.BootId == _boot)
            return;
        (_boot, _originTicks, _origin) = (time.BootId, time.Ticks, at);
        _newestX = 0;
        (_exchanges, _trips) = (0, 1);
        _estimate = default;
        _stampedX = double.NegativeInfinity;
        _line.Clear();
        _lower.Clear();
        _upper.Clear();
    }

    private void Observe(Bound? lower, Bound? upper)
    {
        Add();
        if (!TryEstimate())
        {
            _lower.Clear();
            _upper.Clear();
            Add();
            TryEstimate();
        }
        Bend();

        void Add()
        {
            if (lower is { } l)
                Keep(_lower, l, tighter: +1);
            if (upper is { } u)
                Keep(_upper, u, tighter: -1);
        }
    }

    /// <summary>Keeps one bound of each <see cref="SampleClockOptions.Bucket"/> of device time, the tightest.</summary>
    private void Keep(List<Bound> bounds, Bound bound, int tighter)
    {
        _newestX = Math.Max(_newestX, bound.X);
        var bucket = Math.Floor(bound.X / _options.Bucket.TotalNanoseconds);
        var same = bounds.FindIndex(b => Math.Floor(b.X / _options.Bucket.TotalNanoseconds) == bucket);
        if (same < 0)
        {
            bounds.Add(bound);
            if (bounds.Count > _options.Buckets)
                bounds.RemoveAt(0);
        }
        else if (tighter * (bound.Y - bounds[same].Y - (bound.X - bounds[same].X)) > 0)
        {
            bounds[same] = bound;
        }
    }

    /// <summary>Finds the rates that some line within all bounds has, and the middle of those lines; false when there is none.</summary>
    private bool TryEstimate()
    {
        (_minRate, _maxRate) = (1 - _options.MaxDrift * 1e-6, 1 + _options.MaxDrift * 1e-6);
        foreach (var l in _lower)
        {
            foreach (var u in _upper)
            {
                var rise = u.Y + Aged(u, _newestX) - (l.Y - Aged(l, _newestX));
                var run = u.X - l.X;
                if (run > 0)
                    _maxRate = Math.Min(_maxRate, rise / run);
                else if (run < 0)
                    _minRate = Math.Max(_minRate, rise / run);
                else if (rise < 0)
                    return false;
            }
        }
        if (_minRate > _maxRate)
            return false;
        var (lower, upper) = Range(_newestX);
        _estimate = (_newestX, Between(lower, upper), (_minRate + _maxRate) / 2);
        return lower <= upper;
    }

    /// <summary>Hub times that device time <paramref name="x"/>, not before the newest observation, can have.</summary>
    private (double Lower, double Upper) Range(double x)
    {
        var upper = double.PositiveInfinity;
        foreach (var u in _upper)
            upper = Math.Min(upper, u.Y + _maxRate * (x - u.X) + Aged(u, x));
        var lower = double.NegativeInfinity;
        foreach (var l in _lower)
            lower = Math.Max(lower, l.Y + _minRate * (x - l.X) - Aged(l, x));
        return (_lower.Count == 0 ? upper - _options.AssumedLatency.TotalNanoseconds : lower, upper);
    }

    /// <summary>
    /// The mean of Beta(r, q): where the truth is expected between the best of q requests, which meet all parts of a connection
    /// interval, and the best of r trips to the hub; r is no more than q, because many frames meet few parts. Answers count as
    /// one trip, for all of them wait for the same part.
    /// </summary>
    private double Between(double lower, double upper)
    {
        var trips = Math.Min(_trips, Math.Max(1, _exchanges));
        return lower + (upper - lower) * trips / (trips + Math.Max(1, _exchanges));
    }

    /// <summary>What the rate may have wandered since the bound, in ns.</summary>
    private double Aged(Bound bound, double x) => Math.Abs(x - bound.X) * _options.Wander * 1e-6;

    /// <summary>Whether device time <paramref name="x"/> can lie before hub time <paramref name="y"/>.</summary>
    private bool IsPossible(double x, double y)
    {
        if (_upper.Count == 0)
            return true;
        var earliest = _lower.Count > 0 ? Range(Math.Max(x, _newestX)).Lower : _estimate.Y + (x - _estimate.X);
        return earliest - y <= _options.Tolerance.TotalNanoseconds || x <= _newestX;
    }

    private double Estimate(double x) => _estimate.Y + _estimate.Rate * (x - _estimate.X);

    /// <summary>The line that stamps are read from.</summary>
    private double Line(double x)
    {
        var i = _line.Count - 1;
        while (i > 0 && _line[i].X > x)
            i--;
        return _line[i].Y + _line[i].Rate * (x - _line[i].X);
    }

    /// <summary>Bends the line behind the newest stamp towards the estimate.</summary>
    private void Bend()
    {
        if (_line.Count == 0)
            return;
        var y = Freeze();
        var lag = Estimate(_stampedX) - y;
        var end = _stampedX + Math.Max(Math.Abs(lag) / (_options.MaxSlew * 1e-6), _options.Interval.TotalNanoseconds);
        Connect((_stampedX, y), (end, Estimate(end)));
    }

    /// <summary>Takes the line to the estimate at <paramref name="x"/> at once; nothing was sampled since the newest stamp.</summary>
    private void Step(double x)
    {
        var y = Freeze();
        Connect((_stampedX, y), (x, Math.Max(Estimate(x), y + (x - _stampedX) / 2)));
        _stampedX = x;
        Bend();
    }

    /// <summary>Takes back what lies behind the newest stamp; gives the newest stamp.</summary>
    private double Freeze()
    {
        var y = Line(_stampedX);
        while (_line[^1].X > _stampedX)
            _line.RemoveAt(_line.Count - 1);
        return y;
    }

    private void Connect((double X, double Y) from, (double X, double Y) to)
    {
        _line.Add((from.X, from.Y, (to.Y - from.Y) / (to.X - from.X)));
        _line.Add((to.X, to.Y, _estimate.Rate));
    }

    private double X(ulong ticks) => unchecked((long)(ticks - _originTicks)) * _nominal;

    private double Y(Timestamp time) => time.UnixNanoseconds - _origin.UnixNanoseconds;

    /// <param name="X">Nominal device time since the first observation, ns.</param>
    /// <param name="Y">Hub time since then, ns.</param>
    private readonly record struct Bound(double X, double Y);
}

using SensorHub.Core;

namespace SensorHub.Mqtt.Outbox;

/// <summary>
/// Knows of each message in the outbox where it stands (waiting, held back, sent, confirmed by whom), and decides which one may be sent, which is
/// lost and when it is time to ask. Numbers and times only: it neither reads the file nor a clock, and its memory does not grow with the backlog.
/// </summary>
/// <remarks>One thread at a time. Times are since some beginning and do not go back.</remarks>
internal sealed class SendPlan(OutboxOptions options)
{
    private readonly Output[] _outputs = [.. options.Outputs.Select(name => new Output(name, options.FirstProbe))];
    private readonly RangeSet _present = [];
    private readonly RangeSet _waiting = [];
    private readonly RangeSet _held = [];
    private readonly RangeSet _sent = [];

    /// <summary>Of the sent ones: those whose place in the order is known only as "not behind <see cref="_oldOrder"/>".</summary>
    private readonly RangeSet _old = [];
    private readonly Dictionary<long, long> _orders = [];
    private readonly List<(long Order, long Number)> _sends = []; // by order; an entry that is not in _orders any more is void
    private readonly HashSet<long> _asked = []; // sent again only to ask
    private readonly RangeSet _lost = [];
    private readonly RangeSet _gone = [];
    private int _firstSend;
    private long _oldOrder;
    private long _order;

    /// <summary>Messages in the outbox.</summary>
    public long Count => _present.Count;

    public long First => _present.Count == 0 ? 0 : _present.First().First;

    /// <summary>Messages sent, and not confirmed by every output.</summary>
    public long Unconfirmed => _sent.Count;

    public long Confirmed { get; private set; }

    public bool AnyHeld => _held.Count > 0;

    /// <summary>Messages whose place in the order of sending is remembered.</summary>
    public int Remembered => _orders.Count;

    /// <summary>Left the outbox and are to be deleted; whoever has done it clears it.</summary>
    public RangeSet Gone => _gone;

    public bool Has(long number) => _present.Contains(number);

    public bool IsWaiting(long number) => _waiting.Contains(number);

    /// <summary>Whether it was sent, and found lost.</summary>
    public bool WasLost(long number) => _lost.Contains(number);

    /// <summary>Messages that a former run left. Those that are not there turn out when they are read: <see cref="Missing"/>.</summary>
    public void Found(long first, long last)
    {
        _present.Add(first, last);
        _waiting.Add(first, last);
    }

    /// <summary>A new message. It is the caller's to send until he says <see cref="Wait"/>.</summary>
    public void Add(long number) => _present.Add(number);

    /// <summary>A message that takes its turn in the backlog.</summary>
    public void Wait(long number)
    {
        if (_present.Contains(number) && !_sent.Contains(number) && !_held.Contains(number))
            _waiting.Add(number);
    }

    /// <summary>A message that may not overtake an earlier one.</summary>
    public void Hold(long number)
    {
        if (_waiting.Remove(number))
            _held.Add(number);
    }

    /// <summary>What it waited for has left; whether there is more of that is looked at when its turn comes.</summary>
    public void Release(long number)
    {
        if (_held.Remove(number))
            _waiting.Add(number);
    }

    /// <summary>Numbers of a former run that have no message.</summary>
    public void Missing(long first, long last)
    {
        foreach (var (a, b) in _waiting.Within(first, last))
        {
            _waiting.Remove(a, b);
            _present.Remove(a, b);
            foreach (var output in _outputs)
                output.Confirmed.Remove(a, b);
        }
    }

    /// <summary>The first number of the backlog, from this one on, that an output with room in its window still needs.</summary>
    public long? NextWaiting(long from)
    {
        long? next = null;
        foreach (var output in _outputs)
            if (output.Open < options.Window && _waiting.FirstNotIn(output.Confirmed, from) is { } number && !(next < number))
                next = number;
        return next;
    }

    /// <summary>Whether it waits in the backlog, and an output that needs it has room in its window.</summary>
    public bool MaySend(long number) =>
        _waiting.Contains(number) && _outputs.Any(o => o.Open < options.Window && !o.Confirmed.Contains(number));

    public void Sent(long number, TimeSpan now)
    {
        if (!_present.Contains(number))
            return;
        _waiting.Remove(number);
        _held.Remove(number);
        if (_sent.Add(number) == 1)
            foreach (var output in _outputs)
                if (!output.Confirmed.Contains(number) && output.Open++ == 0)
                    output.Since = now;
        _old.Remove(number);
        _orders[number] = ++_order;
        _sends.Add((_order, number));
        while (_orders.Count > options.Remembered)
            RememberLess();
        Tidy();
    }

    /// <summary>It was sent, but not arrived for certain, or was not taken: it is the caller's again.</summary>
    public void Unsent(long number)
    {
        if (!_sent.Remove(number))
            return;
        foreach (var output in _outputs)
            if (!output.Confirmed.Contains(number))
                output.Open--;
        _old.Remove(number);
        _orders.Remove(number);
        _asked.Remove(number);
    }

    /// <summary>An output says that it has these messages.</summary>
    /// <returns>False: it is none of the outputs that are waited for.</returns>
    public bool Confirm(Slug name, long first, long last, TimeSpan now)
    {
        if (Array.Find(_outputs, o => o.Name == name) is not { } output)
            return false;
        foreach (var (a, b) in _present.Within(first, last))
            foreach (var (from, to) in output.Confirmed.Missing(a, b))
                Confirm(output, from, to, now);
        return true;
    }

    /// <summary>The messages are given up.</summary>
    /// <returns>How many there were.</returns>
    public long Drop(long first, long last) => Remove(first, last);

    /// <summary>There is a connection: what an output has not said yet, it is asked after the first wait from now on.</summary>
    public void Connected(TimeSpan now)
    {
        foreach (var output in _outputs)
            (output.Since, output.Probe) = (now, options.FirstProbe);
    }

    /// <summary>Finds what is lost: it waits again.</summary>
    /// <param name="connected">Whether the outputs could be asked.</param>
    /// <returns>Messages to send again before any other of the backlog, to ask whether the output is there.</returns>
    public IReadOnlyList<long> Tick(bool connected, TimeSpan now)
    {
        List<long> ask = [];
        foreach (var output in _outputs)
        {
            if (output.Name == OutboxOptions.Broker)
                continue; // it answers on the connection, or the connection is lost
            Settle(output, now);
            if (!connected || output.Open == 0 || now - output.Since < output.Probe)
                continue;
            (output.Since, output.Probe) = (now, output.Probe * 2 < options.LongestProbe ? output.Probe * 2 : options.LongestProbe);
            if (OldestOpen(output) is { } oldest && !ask.Contains(oldest))
            {
                _asked.Add(oldest);
                ask.Add(oldest);
            }
        }
        return ask;
    }

    private void Confirm(Output output, long first, long last, TimeSpan now)
    {
        foreach (var (a, b) in _sent.Within(first, last))
            output.Open -= b - a + 1;
        var newest = 0L;
        foreach (var number in Known(first, last))
        {
            // The answer to a question may be about the copy that was sent long ago: it tells the order of sending only if nothing follows it.
            if (_asked.Contains(number))
                output.Answered = Math.Max(output.Answered, _orders[number]);
            else
                newest = Math.Max(newest, _orders[number]);
        }
        if (newest > output.Heard)
        {
            (output.Heard, output.HeardAt) = (newest, now);
            if (output.Recent.Count == 0 || now - output.Recent.Last().At >= TimeSpan.FromSeconds(1))
                output.Recent.Enqueue((now, newest));
        }
        output.Confirmed.Add(first, last);
        (output.Since, output.Probe) = (now, options.FirstProbe);
        var all = new List<(long First, long Last)> { (first, last) };
        foreach (var other in _outputs)
            if (other != output)
                all = [.. all.SelectMany(run => other.Confirmed.Within(run.First, run.Last))];
        foreach (var (a, b) in all)
            Confirmed += Remove(a, b);
    }

    private long Remove(long first, long last)
    {
        var removed = 0L;
        foreach (var (from, to) in _present.Within(first, last))
        {
            foreach (var output in _outputs)
            {
                foreach (var (a, b) in _sent.Within(from, to))
                    output.Open -= b - a + 1 - output.Confirmed.CountWithin(a, b);
                output.Confirmed.Remove(from, to);
            }
            foreach (var number in Known(from, to))
            {
                _orders.Remove(number);
                _asked.Remove(number);
            }
            removed += _present.Remove(from, to);
            _waiting.Remove(from, to);
            _held.Remove(from, to);
            _sent.Remove(from, to);
            _old.Remove(from, to);
            _lost.Remove(from, to);
            _gone.Add(from, to);
        }
        Tidy();
        return removed;
    }

    /// <summary>Numbers of the run whose place in the order is known.</summary>
    private List<long> Known(long first, long last)
    {
        if (last - first >= _orders.Count)
            return [.. _orders.Keys.Where(n => n >= first && n <= last)];
        var known = new List<long>();
        for (var number = first; number <= last; number++)
            if (_orders.ContainsKey(number))
                known.Add(number);
        return known;
    }

    private void Settle(Output output, TimeSpan now)
    {
        while (output.Recent.TryPeek(out var recent) && now - recent.At >= options.Grace)
            output.Settled = Math.Max(output.Settled, output.Recent.Dequeue().Order);
        if (now - output.HeardAt >= options.Grace)
            output.Settled = Math.Max(output.Settled, output.Heard);
        if (output.Answered > 0 && now - output.Since >= options.Grace)
            (output.Settled, output.Answered) = (Math.Max(output.Settled, output.Answered), 0);
        if (output.Settled <= output.Seen)
            return;
        if (_old.Count > 0 && _oldOrder < output.Settled)
            foreach (var (first, last) in _old.ToList())
                foreach (var (a, b) in output.Confirmed.Missing(first, last))
                    for (var number = a; number <= b; number++)
                        Lost(number);
        for (var i = IndexOf(output.Seen); i < _sends.Count && _sends[i].Order < output.Settled; i++)
            if (_orders.GetValueOrDefault(_sends[i].Number) == _sends[i].Order && !output.Confirmed.Contains(_sends[i].Number))
                Lost(_sends[i].Number);
        output.Seen = output.Settled;
    }

    private void Lost(long number)
    {
        Unsent(number);
        _waiting.Add(number);
        _lost.Add(number);
    }

    private long? OldestOpen(Output output)
    {
        if (_old.FirstNotIn(output.Confirmed, 0) is { } old)
            return old;
        for (var i = _firstSend; i < _sends.Count; i++)
            if (_orders.GetValueOrDefault(_sends[i].Number) == _sends[i].Order && !output.Confirmed.Contains(_sends[i].Number))
                return _sends[i].Number;
        return null;
    }

    /// <summary>Index of the first send in this place of the order, or behind it.</summary>
    private int IndexOf(long order)
    {
        var (low, high) = (_firstSend, _sends.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_sends[middle].Order < order)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private void RememberLess()
    {
        var (order, number) = _sends[_firstSend++];
        if (_orders.GetValueOrDefault(number) != order)
            return;
        _orders.Remove(number);
        _old.Add(number);
        _oldOrder = order;
    }

    /// <summary>Forgets void entries before they are more than the others.</summary>
    private void Tidy()
    {
        if (_sends.Count <= 2 * _orders.Count + 1000)
            return;
        _sends.RemoveAll(send => _orders.GetValueOrDefault(send.Number) != send.Order);
        _firstSend = 0;
    }

    private sealed class Output(Slug name, TimeSpan probe)
    {
        public Slug Name => name;

        /// <summary>In the outbox still, because another output has not confirmed them.</summary>
        public RangeSet Confirmed { get; } = [];

        /// <summary>Sent, and not confirmed by this output.</summary>
        public long Open { get; set; }

        /// <summary>When it last said something, was asked, or got something after it had all.</summary>
        public TimeSpan Since { get; set; }

        /// <summary>How long it may be silent from then on.</summary>
        public TimeSpan Probe { get; set; } = probe;

        /// <summary>The latest in the order of sending that it confirmed, and when; one a second within the time of grace; the latest before that.</summary>
        public long Heard { get; set; }

        public TimeSpan HeardAt { get; set; }

        public Queue<(TimeSpan At, long Order)> Recent { get; } = new();

        public long Settled { get; set; }

        /// <summary>The latest that it confirmed after being asked.</summary>
        public long Answered { get; set; }

        /// <summary>Everything sent before this has been looked at.</summary>
        public long Seen { get; set; }
    }
}

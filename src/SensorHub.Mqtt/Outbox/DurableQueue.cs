using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using MQTTnet;
using SensorHub.Core;

namespace SensorHub.Mqtt.Outbox;

/// <summary>
/// The outbox without its connection: puts messages on the disk, hands them out in the order in which they are to be sent, and forgets them when they are
/// confirmed. Two lanes: what is live now, and behind it the backlog in the order of its numbers.
/// </summary>
/// <remarks>One thread at a time. Never throws for what the disk does: it goes on from memory, says so, and writes again when it can.</remarks>
internal sealed class DurableQueue : IDisposable
{
    private const int PageSize = 256;

    /// <summary>Live messages that wait in memory for their turn; more of them wait in the file.</summary>
    private const int LiveRoom = 1000;

    private const int ManyPostponed = 100;

    private static readonly TimeSpan RetryDisk = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DeleteEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CheckBoundsEvery = TimeSpan.FromSeconds(10);

    /// <summary>A computer without a battery for its clock begins in 1970: such a time says nothing about age.</summary>
    private static readonly DateTimeOffset FirstPlausible = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly OutboxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly bool _durable;
    private readonly Queue<(OutboxRow Row, TimeSpan At)> _live = new();
    private readonly Queue<OutboxRow> _again = new();
    private readonly Queue<long> _ask = new();
    private readonly Queue<OutboxRow> _page = new();
    private readonly RangeSet _postponed = [];
    private readonly Dictionary<string, long> _retained; // by topic: the last message that is to be retained
    private readonly SortedDictionary<long, OutboxRow> _unwritten = []; // while the disk does not take them
    private OutboxFile _file;
    private SendPlan _plan;
    private bool _connected;
    private TimeSpan _nextTry;
    private TimeSpan _nextDelete;
    private TimeSpan _nextCheck;
    private TimeSpan _nextTurn; // of what was postponed
    private long _confirmedBefore; // by plans of files that are no more

    /// <exception cref="UserException">The file cannot be used; the message says what to do.</exception>
    public DurableQueue(OutboxOptions options, TimeProvider time, ILogger logger, bool durable = true)
    {
        options.Check();
        (_options, _time, _logger, _durable) = (options, time, logger, durable);
        _start = time.GetTimestamp();
        _file = OutboxFile.Open(options.Path, time, line => _logger.LogWarning("{Line}", line), durable);
        _plan = new SendPlan(options);
        _retained = [];
        try
        {
            if (_file.Numbers is var (first, last))
                _plan.Found(first, last);
            _retained = _file.Retained();
        }
        catch (SqliteException e)
        {
            Trouble(e);
        }
    }

    public Slug Name => _file.Name;

    public long Count => _plan.Count;

    /// <summary>Number of the oldest message in it; 0 for none.</summary>
    public long First => _plan.First;

    /// <summary>The last number that was given.</summary>
    public long LastNumber => _file.LastNumber;

    public long Unconfirmed => _plan.Unconfirmed;

    public long Confirmed => _confirmedBefore + _plan.Confirmed;

    public long Sent { get; private set; }

    public long Resent { get; private set; }

    public long Dropped { get; private set; }

    public long Bytes { get; private set; }

    public DateTimeOffset? Oldest { get; private set; }

    public int Unwritten => _unwritten.Count;

    /// <summary>What is wrong with the file, in one line; null when nothing is.</summary>
    public string? Fault { get; private set; }

    internal OutboxFile File => _file;

    internal SendPlan Plan => _plan;

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Takes messages. When this returns they are on the disk, or the disk's fault has been said.</summary>
    /// <param name="messages">With their key, and whether they are live; in their order.</param>
    public void Add(IReadOnlyList<(MqttApplicationMessage Message, ulong Key, bool Live)> messages)
    {
        var now = Now;
        var at = _time.GetUtcNow();
        var rows = messages.Select(m => new OutboxRow(_file.NextNumber(), at, m.Key, m.Live, m.Message)).ToList();
        foreach (var row in rows)
            Take(row);
        Write(rows, now);
        foreach (var row in rows)
        {
            if (row.Live && _plan.Has(row.Number))
                _live.Enqueue((row, now));
            else
                _plan.Wait(row.Number);
        }
        while (_live.Count > LiveRoom)
            _plan.Wait(_live.Dequeue().Row.Number);
    }

    /// <summary>The next message to send now, counted as sent; null when there is none, or it has to wait for confirmations.</summary>
    /// <param name="row">What to give back by <see cref="Disconnected"/> if it was not acknowledged.</param>
    public MqttApplicationMessage? Next(out OutboxRow? row)
    {
        var now = Now;
        row = null;
        while (row is null && _again.TryDequeue(out var again))
            row = _plan.Has(again.Number) ? again : null;
        var resent = row is not null;
        var late = row is not null && _time.GetUtcNow() - row.At > _options.LiveFor;
        while (row is null && _live.TryDequeue(out var live))
        {
            if (!_plan.Has(live.Row.Number))
                continue;
            if (now - live.At <= _options.LiveFor)
                row = live.Row;
            else
                _plan.Wait(live.Row.Number);
        }
        if (row is null)
        {
            (row, resent) = FromBacklog();
            late = true;
        }
        if (row is null)
            return null;
        _plan.Sent(row.Number, now);
        Sent++;
        if (resent)
            Resent++;
        return row.ToMessage(Name.ToString(), late, holds: _retained.GetValueOrDefault(row.Message.Topic) == row.Number);
    }

    /// <summary>The broker acknowledged it.</summary>
    public void Acknowledged(OutboxRow row) => _plan.Confirm(OutboxOptions.Broker, row.Number, row.Number, Now);

    /// <summary>The broker does not take it: it is tried again in a while. When there are many such, the backlog waits until then.</summary>
    public void Postpone(OutboxRow row)
    {
        _plan.Unsent(row.Number);
        if (_postponed.Count == 0)
            _nextTurn = Now + _options.FirstProbe;
        _postponed.Add(row.Number);
    }

    /// <summary>The message will never be taken.</summary>
    public void GiveUp(OutboxRow row) => _plan.Drop(row.Number, row.Number);

    public void Confirm(Slug outbox, Slug output, IReadOnlyList<(long First, long Last)> ranges)
    {
        if (outbox != Name || output == OutboxOptions.Broker)
            return; // about a file that is no more, or nobody's to say
        foreach (var (first, last) in ranges)
            _plan.Confirm(output, first, last, Now);
    }

    public void Connected()
    {
        _connected = true;
        _plan.Connected(Now);
    }

    /// <param name="unacknowledged">In the order in which they were sent: they are the first to be sent again.</param>
    public void Disconnected(IReadOnlyList<OutboxRow> unacknowledged)
    {
        _connected = false;
        var rest = _again.ToArray();
        _again.Clear();
        foreach (var row in unacknowledged)
        {
            _plan.Unsent(row.Number);
            _again.Enqueue(row);
        }
        foreach (var row in rest)
            _again.Enqueue(row);
        _ask.Clear();
    }

    /// <summary>What is due: deletes, bounds, what is lost, whom to ask. Once a second, and after confirmations.</summary>
    public void Tick()
    {
        var now = Now;
        foreach (var number in _plan.Tick(_connected, now))
            _ask.Enqueue(number);
        while (_live.TryPeek(out var live) && now - live.At > _options.LiveFor)
            _plan.Wait(_live.Dequeue().Row.Number);
        if (_postponed.Count > 0 && now >= _nextTurn)
        {
            foreach (var (first, last) in _postponed.ToList())
                for (var number = first; number <= last; number++)
                    _plan.Wait(number);
            _postponed.Clear();
        }
        if (now >= _nextCheck)
        {
            _nextCheck = now + CheckBoundsEvery;
            KeepBounds(now);
        }
        if ((_plan.Gone.Count > 0 && (now >= _nextDelete || _plan.Gone.Count >= PageSize || _plan.AnyHeld)) || _unwritten.Count > 0)
            Write([], now);
    }

    /// <summary>Writes what there is to write, and leaves the file in order.</summary>
    public void Dispose()
    {
        _nextTry = TimeSpan.Zero;
        if (_plan.Gone.Count > 0 || _unwritten.Count > 0)
            Write([], Now);
        if (_unwritten.Count > 0)
            _logger.LogError("{Count} messages could not be written to the outbox {Path} and are lost on the way to {Destination}; the recordings have them: 'sensorhub replay' sends them.", _unwritten.Count, _options.Path, _options.Destination);
        _file.Dispose();
    }

    private void Take(OutboxRow row)
    {
        _plan.Add(row.Number);
        if (row.Message.Retain)
            _retained[row.Message.Topic] = row.Number;
    }

    /// <summary>One transaction: what is new, what an earlier one could not write, and what has gone.</summary>
    private void Write(IReadOnlyList<OutboxRow> rows, TimeSpan now)
    {
        if (Fault is not null && now < _nextTry)
        {
            KeepUnwritten(rows);
            return;
        }
        var gone = _plan.Gone.ToList();
        try
        {
            if (_plan.AnyHeld)
                ReleaseHeld(gone);
            _file.Change(_unwritten.Values.Where(r => _plan.Has(r.Number)).Concat(rows), gone);
        }
        catch (SqliteException e) when (OutboxErrors.IsDamage(e))
        {
            BeginAnew(rows);
            return;
        }
        catch (SqliteException e)
        {
            Trouble(e);
            KeepUnwritten(rows);
            return;
        }
        _plan.Gone.Clear();
        _nextDelete = now + DeleteEvery;
        _unwritten.Clear();
        if (Fault is not null)
            _logger.LogInformation("The outbox {Path} takes messages again.", _options.Path);
        Fault = null;
    }

    private void ReleaseHeld(List<(long First, long Last)> gone)
    {
        foreach (var (first, last) in gone)
            foreach (var number in _file.Later(first, last))
                _plan.Release(number);
        foreach (var number in _unwritten.Keys)
            _plan.Release(number);
    }

    private void KeepUnwritten(IReadOnlyList<OutboxRow> rows)
    {
        foreach (var row in rows)
            _unwritten.Add(row.Number, row);
        foreach (var number in _unwritten.Keys.Where(n => !_plan.Has(n)).ToList())
            _unwritten.Remove(number);
        var tooMany = _unwritten.Keys.Take(Math.Max(0, _unwritten.Count - _options.Unwritten)).ToList();
        foreach (var number in tooMany)
        {
            _unwritten.Remove(number);
            Dropped += _plan.Drop(number, number);
        }
        SayDropped(tooMany.Count, "the disk does not take them and memory has no room for more");
    }

    private (OutboxRow? Row, bool Resent) FromBacklog()
    {
        try
        {
            while (_ask.TryDequeue(out var number))
                if (_plan.Has(number) && Read(number, 1).FirstOrDefault(r => r.Number == number) is { } asked)
                    return (asked, true);
            if (_postponed.Count >= ManyPostponed)
                return (null, false);
            while (true)
            {
                while (_page.TryDequeue(out var row))
                    if (_plan.MaySend(row.Number))
                        return (row, _plan.WasLost(row.Number));
                if (!FillPage())
                    return (null, false);
            }
        }
        catch (SqliteException e) when (OutboxErrors.IsDamage(e))
        {
            BeginAnew([]);
        }
        catch (SqliteException e)
        {
            Trouble(e);
        }
        return (null, false);
    }

    /// <returns>False: nothing may be sent now.</returns>
    private bool FillPage()
    {
        var from = 0L;
        while (_page.Count == 0 && _plan.NextWaiting(from) is { } next)
        {
            var rows = Read(next, PageSize);
            var last = rows.Count == PageSize ? rows[^1].Number : long.MaxValue;
            var expected = next;
            foreach (var row in rows)
            {
                if (row.Number > expected)
                    _plan.Missing(expected, row.Number - 1);
                expected = row.Number + 1;
                if (!_plan.MaySend(row.Number))
                    continue;
                if (!row.Live && MustWait(row))
                    _plan.Hold(row.Number);
                else
                    _page.Enqueue(row);
            }
            if (last == long.MaxValue)
            {
                _plan.Missing(expected, long.MaxValue - 1);
                return _page.Count > 0;
            }
            from = last + 1;
        }
        return _page.Count > 0;
    }

    /// <summary>Whether an earlier message of its key is on the disk: one that has left, and is not deleted yet, would be sent again after a crash.</summary>
    private bool MustWait(OutboxRow row) =>
        _file.Earlier(row.Key, row.Number) || _unwritten.Values.Any(r => r.Key == row.Key && r.Number < row.Number && _plan.Has(r.Number));

    /// <summary>Messages from the file and from memory, in order.</summary>
    private List<OutboxRow> Read(long first, int count)
    {
        var rows = _file.Page(first, count);
        return _unwritten.Count == 0 ? rows : [.. rows.Concat(_unwritten.Values.Where(r => r.Number >= first)).OrderBy(r => r.Number).Take(count)];
    }

    private void KeepBounds(TimeSpan now)
    {
        try
        {
            var oldestAllowed = _time.GetUtcNow() - _options.MaxAge;
            while (DropOldest(row => row.At < oldestAllowed && row.At >= FirstPlausible, $"they are older than {_options.MaxAge.TotalDays:0.#} days", now))
            {
            }
            while (_file.Bytes > _options.MaxBytes && DropOldest(_ => true, $"the outbox has reached its limit of {_options.MaxBytes >> 20} MiB", now))
            {
            }
            _file.Shrink(1000);
            (Bytes, Oldest) = (_file.Bytes, _file.Oldest);
        }
        catch (SqliteException e) when (OutboxErrors.IsDamage(e))
        {
            BeginAnew([]);
        }
        catch (SqliteException e)
        {
            Trouble(e);
        }
    }

    /// <returns>False: there was nothing to drop.</returns>
    private bool DropOldest(Func<OutboxRow, bool> which, string why, TimeSpan now)
    {
        if (!_file.Page(0, 1).Any(which))
            return false;
        var gone = _file.Page(0, PageSize).TakeWhile(which).ToList();
        var dropped = 0L;
        foreach (var row in gone)
            dropped += _plan.Drop(row.Number, row.Number);
        if (_plan.AnyHeld)
            ReleaseHeld(_plan.Gone.ToList());
        _file.Change([], _plan.Gone.ToList());
        _plan.Gone.Clear();
        _nextDelete = now + DeleteEvery;
        Dropped += dropped;
        SayDropped(dropped, why);
        return true;
    }

    private void SayDropped(long dropped, string why)
    {
        // At 1, 2, 4, 8 …: heard, and not a flood.
        if (dropped > 0 && (dropped == Dropped || long.Log2(Dropped) > long.Log2(Dropped - dropped)))
            _logger.LogWarning(
                "The outbox for {Destination} dropped its oldest messages, {Dropped} so far: {Why}. The recordings have them: 'sensorhub replay' sends them when broker and stores are back.",
                _options.Destination, Dropped, why);
    }

    private void Trouble(SqliteException e)
    {
        _nextTry = Now + RetryDisk;
        var fault = OutboxErrors.Explain(_options.Path, e);
        if (Fault != fault)
            _logger.LogError("{Fault} Messages are sent from memory until then, and a crash would lose them.", fault);
        Fault = fault;
    }

    /// <summary>The file is damaged: it is moved aside, and what is in memory goes into a new one.</summary>
    private void BeginAnew(IReadOnlyList<OutboxRow> rows)
    {
        var kept = rows.Concat(_unwritten.Values).Concat(_again).Concat(_live.Select(l => l.Row)).Concat(_page)
            .Where(r => _plan.Has(r.Number)).DistinctBy(r => r.Number).OrderBy(r => r.Number).ToList();
        var last = _file.LastNumber;
        _file.Abandon();
        _unwritten.Clear();
        _again.Clear();
        _live.Clear();
        _page.Clear();
        _ask.Clear();
        _confirmedBefore += _plan.Confirmed;
        _plan = new SendPlan(_options);
        try
        {
            _file = OutboxFile.Open(_options.Path, _time, line => _logger.LogError("{Line}", line), _durable, moveAside: true);
        }
        catch (UserException e)
        {
            _logger.LogError("{Fault} Messages are kept in memory until the next start, and a crash would lose them.", e.Message);
            _file = OutboxFile.InMemory();
        }
        _file.GiveAfter(last);
        var again = kept.Select(r => r with { Number = _file.NextNumber() }).ToList();
        foreach (var row in again)
        {
            Take(row);
            _plan.Wait(row.Number);
        }
        Write(again, Now);
    }
}

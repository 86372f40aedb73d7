using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// Keeps account of one stream: which samples of the sensor's present boot came, and which are missing and may be in its
/// ring buffer still. Numbers are unwrapped: after 2³² − 1 follows 2³².
/// </summary>
internal sealed class StreamLedger
{
    private readonly List<MissingRange> _missing = [];
    private SequenceTracker _plausible = new();
    private bool _begun;
    private long _next;
    private ulong _dueTicks;
    private uint _period;

    /// <summary>The boot that numbers the samples; 0 before the first.</summary>
    public uint BootId { get; private set; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<MissingRange> Missing => _missing;

    /// <summary>Number behind the newest sample that is known of.</summary>
    public uint Next => unchecked((uint)_next);

    public long MissingSamples => _missing.Sum(m => m.End - m.Start);

    /// <summary>The sensor's present boot. After another one, what was missing cannot come any more.</summary>
    /// <returns>What was missing of the boot before.</returns>
    public IReadOnlyList<SampleRange> Boot(uint bootId)
    {
        if (bootId == BootId)
            return [];
        List<SampleRange> gone = [.. _missing.Select(m => m.Range)];
        _missing.Clear();
        _plausible = new SequenceTracker();
        (BootId, _begun, _dueTicks) = (bootId, false, 0);
        return gone;
    }

    /// <summary>The sensor sends from this number on: what lies between the last that came and it is missing.</summary>
    public void Begin(uint sequence)
    {
        if (!_begun)
            (_next, _begun) = (sequence, true);
        else if (Ahead(sequence) is > 0 and var ahead)
            Open(_next + ahead);
    }

    /// <summary>Takes a frame in.</summary>
    /// <returns>Samples of it that had not come before; null for a frame that cannot be of this boot.</returns>
    public int? Take(in FrameHeader header)
    {
        if (header.BootId != BootId)
            return null;
        if (header.Count == 0)
            return 0;
        var isBacklog = (header.Flags & FrameFlags.Backlog) != 0;
        if (!_begun && !isBacklog)
            Begin(header.Sequence);
        var start = _next + Ahead(header.Sequence);
        var end = start + header.Count;
        if (isBacklog)
            return Fill(start, end);
        if (_plausible.Observe(new DeviceTime(header.BootId, header.Ticks), header.Sequence, header.Count, header.Period).Continuity == Continuity.Implausible)
            return null;
        if (end <= _next)
            return Fill(start, end);
        if (start > _next)
            Open(start);
        var samples = (int)(end - _next) + (start < _next ? Fill(start, _next) : 0);
        (_next, _period) = (end, header.Period);
        _dueTicks = header.Ticks + (ulong)header.Count * header.Period;
        return samples;
    }

    /// <summary>The number that the sensor's short one stands for, nearest to a known one.</summary>
    public static long Unwrap(uint sequence, long near) => near + unchecked((int)(sequence - (uint)near));

    /// <summary>Makes the oldest missing range end after so many samples; what lies behind becomes a range of its own.</summary>
    public MissingRange Cut(int samples)
    {
        var oldest = _missing[0];
        if (oldest.End - oldest.Start > samples)
        {
            _missing.Insert(1, oldest.From(oldest.Start + samples, _period));
            oldest.End = oldest.Start + samples;
        }
        return oldest;
    }

    /// <summary>What of [start, end) is missing was asked for and did not come.</summary>
    /// <returns>What has been asked for <paramref name="tries"/> times now, and is missing no more: it is given up.</returns>
    public IReadOnlyList<SampleRange> Retry(long start, long end, int tries)
    {
        var given = new List<SampleRange>();
        foreach (var range in _missing.Where(m => m.Start >= start && m.End <= end).ToList())
            if (++range.Tries >= tries)
            {
                given.Add(range.Range);
                _missing.Remove(range);
            }
        return given;
    }

    /// <summary>The sensor does not have [start, end) any more.</summary>
    /// <returns>What of it was missing.</returns>
    public IReadOnlyList<SampleRange> GiveUp(long start, long end)
    {
        var given = new List<SampleRange>();
        Remove(start, end, (from, to) => given.Insert(0, new SampleRange(unchecked((uint)from), (uint)(to - from))));
        return given;
    }

    private int Ahead(uint sequence) => unchecked((int)(sequence - (uint)_next));

    private void Open(long end)
    {
        _missing.Add(new MissingRange { Start = _next, End = end, Ticks = _dueTicks });
        _dueTicks += (ulong)(end - _next) * _period;
        _next = end;
    }

    private int Fill(long start, long end)
    {
        var filled = 0L;
        Remove(start, end, (from, to) => filled += to - from);
        return (int)filled;
    }

    /// <summary>Takes [start, end) out of what is missing, newest part first.</summary>
    private void Remove(long start, long end, Action<long, long> removed)
    {
        for (var i = _missing.Count - 1; i >= 0 && _missing[i].End > start; i--)
        {
            var range = _missing[i];
            if (range.Start >= end)
                continue;
            removed(Math.Max(range.Start, start), Math.Min(range.End, end));
            _missing.RemoveAt(i);
            if (range.End > end)
                _missing.Insert(i, range.From(end, _period));
            if (range.Start < start)
            {
                range.End = start;
                _missing.Insert(i, range);
            }
        }
    }
}

/// <summary>The samples [Start, End) are missing.</summary>
internal sealed class MissingRange
{
    public required long Start { get; init; }

    public required long End { get; set; }

    /// <summary>About when the first was due, in ticks of the sensor: orders the ranges of several streams.</summary>
    public required ulong Ticks { get; init; }

    /// <summary>How often they were asked for.</summary>
    public int Tries { get; set; }

    public SampleRange Range => new(unchecked((uint)Start), (uint)(End - Start));

    /// <summary>The part from a number on.</summary>
    public MissingRange From(long start, uint period) =>
        new() { Start = start, End = End, Ticks = Ticks + (ulong)(start - Start) * period, Tries = Tries };
}

namespace SensorHub.Core.Timing;

/// <summary>How a frame continues its stream.</summary>
public enum Continuity : byte
{
    /// <summary>The first frame that was ever seen of the stream.</summary>
    First = 1,

    /// <summary>It begins where the one before ended, or overlaps its end.</summary>
    InOrder = 2,

    /// <summary>Samples are missing before it.</summary>
    Gap = 3,

    /// <summary>It lies behind the newest sample and brings some that were missing.</summary>
    Late = 4,

    /// <summary>Every sample of it was seen before, or given up long ago.</summary>
    Duplicate = 5,

    /// <summary>The sensor booted since the frame before: the count began anew.</summary>
    Reboot = 6,

    /// <summary>Garbage: by its ticks there was no time for the samples that its sequence number claims. Nothing changes.</summary>
    Implausible = 7,
}

/// <summary>What <see cref="SequenceTracker.Observe"/> found.</summary>
/// <param name="Skip">Leading samples of the frame that do not continue the stream; all of them for a late one or a duplicate.</param>
/// <param name="Missing">Samples missing before the frame; 0 unless there is a gap.</param>
/// <param name="Filled">Samples of the frame that were missing until now.</param>
public readonly record struct SequenceStep(Continuity Continuity, int Skip, long Missing, int Filled);

/// <summary>Samples that follow each other.</summary>
/// <param name="Sequence">Number of the first.</param>
/// <param name="Count">How many, at least 1.</param>
public readonly record struct SampleRange(uint Sequence, uint Count)
{
    /// <summary>Number that follows the last.</summary>
    public uint Next => unchecked(Sequence + Count);

    /// <summary>Whether the number lies within, less than 2³² samples from the first.</summary>
    public bool Contains(uint sequence) => unchecked(sequence - Sequence) < Count;
}

/// <summary>
/// Follows the sequence numbers of one stream. A number counts samples from boot, modulo 2³²; a frame less than 2³¹
/// samples ahead is ahead, any other is behind. Ticks must have gone on with the numbers: samples cannot be closer than
/// their period, but for 10 % of sampling jitter.
/// </summary>
public sealed class SequenceTracker
{
    /// <summary>Gaps that late frames can still fill. Older ones stay lost.</summary>
    public const int OpenGaps = 256;

    private readonly List<(long Start, long End)> _gaps = [];
    private uint _boot;
    private long _next;
    private ulong _lastTicks;
    private uint _lastPeriod;

    /// <summary>Different samples that came, late ones included.</summary>
    public long Received { get; private set; }

    /// <summary>Samples that are missing now. What a reboot took is not known and not counted.</summary>
    public long Lost { get; private set; }

    /// <summary>The boot that numbers the samples; 0 before the first.</summary>
    public uint BootId => _boot;

    /// <summary>What is missing of the present boot, oldest first.</summary>
    public IEnumerable<SampleRange> Missing => _gaps.Select(Range);

    /// <summary>The samples that the last frame brought and that were missing until then, oldest first.</summary>
    public IReadOnlyList<SampleRange> Filled { get; private set; } = [];

    /// <summary>What the last frame made it give up, because too many gaps were open; count 0 for nothing.</summary>
    public SampleRange Forgotten { get; private set; }

    /// <summary>Takes the frame in.</summary>
    /// <param name="first">When its first sample was taken.</param>
    /// <param name="sequence">Number of its first sample.</param>
    /// <param name="count">Samples in it.</param>
    /// <param name="period">Ticks from sample to sample; 0 for events.</param>
    public SequenceStep Observe(DeviceTime first, uint sequence, int count, uint period)
    {
        (Filled, Forgotten) = ([], default);
        if (first.BootId != _boot)
        {
            var reboot = _boot != 0;
            _boot = first.BootId;
            _gaps.Clear();
            _next = sequence + (long)count;
            Received += count;
            SetLast();
            return new SequenceStep(reboot ? Continuity.Reboot : Continuity.First, 0, 0, 0);
        }

        var ahead = unchecked((int)(sequence - (uint)_next));
        var start = _next + ahead;
        var end = start + count;
        if (end <= _next)
        {
            var late = Fill(start, end);
            return new SequenceStep(late > 0 ? Continuity.Late : Continuity.Duplicate, count, 0, late);
        }

        var missing = Math.Max(0, start - _next);
        var skip = (int)Math.Max(0, _next - start);
        var elapsed = unchecked((long)(first.Ticks + (ulong)skip * period - _lastTicks));
        if (elapsed < 0 || period > 0 && elapsed < 0.9 * Math.Min(period, _lastPeriod) * (missing + 1))
            return new SequenceStep(Continuity.Implausible, count, 0, 0);

        if (missing > 0)
            Open(_next, start);
        var filled = skip > 0 ? Fill(start, _next) : 0;
        _next = end;
        Received += count - skip;
        SetLast();
        return new SequenceStep(missing > 0 ? Continuity.Gap : Continuity.InOrder, skip, missing, filled);

        void SetLast() => (_lastTicks, _lastPeriod) = (unchecked(first.Ticks + (ulong)(count - 1) * period), period);
    }

    /// <summary>Waits no longer for these samples; they stay lost, and are duplicates when they come.</summary>
    /// <returns>Those that were missing, oldest first.</returns>
    public IReadOnlyList<SampleRange> GiveUp(uint sequence, uint count)
    {
        var start = _next + unchecked((int)(sequence - (uint)_next));
        return TakeOut(start, start + count);
    }

    private void Open(long start, long end)
    {
        if (_gaps.Count >= OpenGaps)
        {
            Forgotten = Range(_gaps[0]);
            _gaps.RemoveAt(0);
        }
        _gaps.Add((start, end));
        Lost += end - start;
    }

    private int Fill(long start, long end)
    {
        Filled = TakeOut(start, end);
        var filled = Filled.Sum(range => (int)range.Count);
        Received += filled;
        Lost -= filled;
        return filled;
    }

    /// <summary>Takes the samples [start, end) out of the gaps; gives those that were missing.</summary>
    private List<SampleRange> TakeOut(long start, long end)
    {
        var taken = new List<SampleRange>();
        for (var i = _gaps.Count - 1; i >= 0 && _gaps[i].End > start; i--)
        {
            var gap = _gaps[i];
            if (gap.Start >= end)
                continue;
            taken.Insert(0, Range((Math.Max(gap.Start, start), Math.Min(gap.End, end))));
            _gaps.RemoveAt(i);
            if (gap.End > end)
                _gaps.Insert(i, (end, gap.End));
            if (gap.Start < start)
                _gaps.Insert(i, (gap.Start, start));
        }
        return taken;
    }

    private static SampleRange Range((long Start, long End) gap) => new(unchecked((uint)gap.Start), (uint)(gap.End - gap.Start));
}

using System.Collections;

namespace SensorHub.Mqtt.Outbox;

/// <summary>A set of numbers kept as runs, first to last: a million in a row cost as much as one.</summary>
internal sealed class RangeSet : IEnumerable<(long First, long Last)>
{
    private readonly List<(long First, long Last)> _runs = [];

    public long Count { get; private set; }

    public int Runs => _runs.Count;

    public bool Contains(long number) => IndexFrom(number) is var i && i < _runs.Count && _runs[i].First <= number;

    /// <returns>How many of them were not in it.</returns>
    public long Add(long first, long last)
    {
        var from = IndexFrom(first - 1); // a run that ends just before grows
        var to = from;
        var (merged, had) = ((First: first, Last: last), 0L);
        while (to < _runs.Count && _runs[to].First <= last + 1)
        {
            merged = (Math.Min(merged.First, _runs[to].First), Math.Max(merged.Last, _runs[to].Last));
            had += _runs[to].Last - _runs[to].First + 1;
            to++;
        }
        Replace(from, to, merged);
        var added = merged.Last - merged.First + 1 - had;
        Count += added;
        return added;
    }

    public long Add(long number) => Add(number, number);

    /// <returns>How many of them were in it.</returns>
    public long Remove(long first, long last)
    {
        var from = IndexFrom(first);
        var to = from;
        (long First, long Last)? before = null, after = null;
        var removed = 0L;
        while (to < _runs.Count && _runs[to].First <= last)
        {
            var run = _runs[to++];
            removed += Math.Min(run.Last, last) - Math.Max(run.First, first) + 1;
            if (run.First < first)
                before = (run.First, first - 1);
            if (run.Last > last)
                after = (last + 1, run.Last);
        }
        Replace(from, to, before, after);
        Count -= removed;
        return removed;
    }

    public bool Remove(long number) => Remove(number, number) == 1;

    public void Clear()
    {
        _runs.Clear();
        Count = 0;
    }

    /// <summary>What of the run is in it. The set may be changed afterwards: the answer is a copy.</summary>
    public List<(long First, long Last)> Within(long first, long last)
    {
        var parts = new List<(long, long)>();
        for (var i = IndexFrom(first); i < _runs.Count && _runs[i].First <= last; i++)
            parts.Add((Math.Max(_runs[i].First, first), Math.Min(_runs[i].Last, last)));
        return parts;
    }

    /// <summary>What of the run is not in it.</summary>
    public List<(long First, long Last)> Missing(long first, long last)
    {
        var parts = new List<(long, long)>();
        for (var i = IndexFrom(first); first <= last && i < _runs.Count && _runs[i].First <= last; i++)
        {
            if (_runs[i].First > first)
                parts.Add((first, _runs[i].First - 1));
            first = _runs[i].Last + 1;
        }
        if (first <= last)
            parts.Add((first, last));
        return parts;
    }

    public long CountWithin(long first, long last)
    {
        var count = 0L;
        for (var i = IndexFrom(first); i < _runs.Count && _runs[i].First <= last; i++)
            count += Math.Min(_runs[i].Last, last) - Math.Max(_runs[i].First, first) + 1;
        return count;
    }

    /// <summary>The smallest that is not in <paramref name="other"/>, from <paramref name="from"/> on.</summary>
    public long? FirstNotIn(RangeSet other, long from)
    {
        for (var i = IndexFrom(from); i < _runs.Count; i++)
        {
            var candidate = Math.Max(_runs[i].First, from);
            while (candidate <= _runs[i].Last)
            {
                var covering = other.IndexFrom(candidate);
                if (covering == other._runs.Count || other._runs[covering].First > candidate)
                    return candidate;
                candidate = other._runs[covering].Last + 1;
            }
        }
        return null;
    }

    public IEnumerator<(long First, long Last)> GetEnumerator() => _runs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Index of the first run that ends at the number or behind it.</summary>
    private int IndexFrom(long number)
    {
        var (low, high) = (0, _runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].Last < number)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private void Replace(int from, int to, (long, long)? first, (long, long)? second = null)
    {
        if (first is { } a && to - from == 1 && second is null)
        {
            _runs[from] = a;
            return;
        }
        _runs.RemoveRange(from, to - from);
        if (second is { } b)
            _runs.Insert(from, b);
        if (first is { } c)
            _runs.Insert(from, c);
    }
}

namespace SensorHub.Faults;

/// <summary>A set of sample numbers, kept as runs.</summary>
internal sealed class Ranges
{
    private readonly List<(long From, long To)> _runs = []; // To is behind the last
    private bool _tidy = true;

    public void Add(long from, long count)
    {
        if (count <= 0)
            return;
        if (_runs.Count > 0 && _tidy && _runs[^1].To == from)
            _runs[^1] = (_runs[^1].From, from + count);
        else
        {
            _tidy &= _runs.Count == 0 || _runs[^1].To < from;
            _runs.Add((from, from + count));
        }
    }

    public void Add(Ranges other)
    {
        foreach (var (from, to) in other._runs)
            Add(from, to - from);
    }

    /// <summary>How many different ones.</summary>
    public long Count => Runs.Sum(r => r.To - r.From);

    /// <summary>In order, apart.</summary>
    public IReadOnlyList<(long From, long To)> Runs
    {
        get
        {
            if (_tidy)
                return _runs;
            _runs.Sort();
            var kept = 0;
            for (var i = 1; i < _runs.Count; i++)
                if (_runs[i].From <= _runs[kept].To)
                    _runs[kept] = (_runs[kept].From, Math.Max(_runs[kept].To, _runs[i].To));
                else
                    _runs[++kept] = _runs[i];
            _runs.RemoveRange(kept + 1, _runs.Count - kept - 1);
            _tidy = true;
            return _runs;
        }
    }

    /// <summary>Those of this that are not in the other.</summary>
    public Ranges Without(Ranges other)
    {
        var rest = new Ranges();
        var theirs = other.Runs;
        var i = 0;
        foreach (var (from, to) in Runs)
        {
            var at = from;
            while (i < theirs.Count && theirs[i].To <= at)
                i++;
            for (var j = i; j < theirs.Count && theirs[j].From < to; j++)
            {
                rest.Add(at, theirs[j].From - at);
                at = Math.Max(at, theirs[j].To);
            }
            rest.Add(at, to - at);
        }
        return rest;
    }

    /// <summary>Those of this that are in the other.</summary>
    public Ranges And(Ranges other) => Without(Without(other));
}

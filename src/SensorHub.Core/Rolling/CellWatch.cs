namespace SensorHub.Core.Rolling;

/// <summary>
/// Notices a load cell that does not take part: it hardly moves while the others bear load (dead), or stays at exactly
/// one value while they change (saturated, or stuck). Of a single cell neither can be told.
/// </summary>
internal sealed class CellWatch(RollingOptions options)
{
    private (double Least, double Most)[] _range = [];
    private (double Value, double Others, double Seconds)[] _run = [];
    private double _loadedSeconds;

    public bool Dead { get; private set; }

    public bool Saturated { get; private set; }

    /// <param name="cells">N.</param>
    /// <param name="dt">Seconds since the sample before.</param>
    /// <param name="inContact">Somebody is on the roller.</param>
    public void Update(double[] cells, double dt, bool inContact)
    {
        if (cells.Length < 2)
            return;
        if (_range.Length != cells.Length)
        {
            _range = [.. cells.Select(cell => (cell, cell))];
            _run = new (double, double, double)[cells.Length];
            _loadedSeconds = 0;
        }
        var sum = cells.Sum();
        var saturated = false;
        for (var i = 0; i < cells.Length; i++)
        {
            _range[i] = (Math.Min(_range[i].Least, cells[i]), Math.Max(_range[i].Most, cells[i]));
            var others = sum - cells[i];
            if (Math.Abs(cells[i] - _run[i].Value) > options.CellResolution)
                _run[i] = (cells[i], others, 0);
            else
                _run[i].Seconds += dt;
            // Unloaded cells may all stand still: it counts only beside others that change.
            saturated |= _run[i].Seconds >= options.CellStuckDuration.TotalSeconds && Math.Abs(others - _run[i].Others) > options.CellStuckForce
                && Math.Abs(cells[i]) > options.ContactOff / cells.Length;
        }
        Saturated = saturated;

        _loadedSeconds += inContact ? dt : 0;
        var even = _range.Sum(r => r.Most - r.Least) / cells.Length;
        if (_loadedSeconds < options.CellWatchDuration.TotalSeconds || even < options.DeadCellForce)
            return;
        Dead = _range.Any(r => r.Most - r.Least < options.DeadCellShare * even);
        // From here anew, so that a cell which dies later is noticed too.
        _range = [.. cells.Select(cell => (cell, cell))];
        _loadedSeconds = 0;
    }
}

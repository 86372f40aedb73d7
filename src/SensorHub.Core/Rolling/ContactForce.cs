using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>From the load cells to the force between body and roller, with the drift of their zeros and what is wrong with them.</summary>
internal sealed class ContactForce(LoadArrangement arrangement, RollingOptions options)
{
    private readonly ZeroTracker _zero = new(options);
    private readonly CellWatch _watch = new(options);
    private Timestamp? _last;
    private bool _pulled;

    /// <summary>N, by which the zero has been corrected.</summary>
    public double ZeroShift => _zero.Shift;

    public RollingDoubts Doubts =>
        (_watch.Dead ? RollingDoubts.CellDead : 0)
        | (_watch.Saturated ? RollingDoubts.CellSaturated : 0)
        | (_pulled || _zero.AtBound ? RollingDoubts.ZeroOff : 0);

    /// <param name="sample">The next sample.</param>
    /// <param name="inContact">Until now.</param>
    /// <param name="moving">The roller turns, or nobody knows.</param>
    /// <returns>N, not negative: nobody pulls on a roller.</returns>
    public Measured Update(in LoadSample sample, bool inContact, bool moving)
    {
        var dt = Math.Min((sample.Time - (_last ?? sample.Time)).TotalSeconds, options.LongestBridgedGap.TotalSeconds);
        _last = sample.Time;
        var cells = _zero.Correct(sample.Cells);
        var force = Sum(cells);
        _watch.Update(cells, dt, inContact);
        if (!inContact)
            _zero.Follow(sample.Time, sample.Cells, force, moving);
        _pulled = force < -options.ContactOff;

        var share = arrangement switch
        {
            LoadArrangement.Ring => options.RingUncertainty,
            LoadArrangement.StrainPairs => options.StrainPairsUncertainty,
            LoadArrangement.Bladder => options.BladderUncertainty,
            _ => options.DirectUncertainty,
        };
        if (_watch.Dead)
            share = double.Hypot(share, 1.0 / cells.Length); // what the dead cell bore: about an even share
        return new Measured(Math.Max(0, force), double.Hypot(share * force, options.ForceFloor));
    }

    /// <summary>The force that the cells together bear, N (firmware-protocol/README.md §3.7).</summary>
    public double Sum(ReadOnlySpan<double> cells)
    {
        var sum = 0.0;
        if (arrangement == LoadArrangement.StrainPairs)
        {
            for (var i = 0; i < cells.Length; i += 2)
                sum += double.Hypot(cells[i], i + 1 < cells.Length ? cells[i + 1] : 0);
            return sum;
        }
        foreach (var cell in cells)
            sum += cell;
        return arrangement == LoadArrangement.Ring ? 0.5 * sum : sum;
    }
}

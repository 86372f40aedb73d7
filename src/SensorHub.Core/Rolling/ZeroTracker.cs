using SensorHub.Core.Timing;

namespace SensorHub.Core.Rolling;

/// <summary>
/// The zero of each load cell, followed as it drifts with warmth and creep: only while the roller is clearly without load, steady
/// and still for a while, and only so far. A zero further off is not mended behind the person's back.
/// </summary>
internal sealed class ZeroTracker(RollingOptions options)
{
    private double[] _zeros = [];
    private double _mean;
    private double _steadyAt;
    private Timestamp? _since;
    private Timestamp? _last;

    /// <summary>N, by which the sum of the cells is corrected.</summary>
    public double Shift => _zeros.Sum();

    /// <summary>Whether a zero has reached its bound.</summary>
    public bool AtBound => _zeros.Any(zero => Math.Abs(zero) >= options.ZeroBound);

    /// <returns>The cells with their zeros taken off, N.</returns>
    public double[] Correct(IReadOnlyList<double> cells)
    {
        if (_zeros.Length != cells.Count)
            (_zeros, _since) = (new double[cells.Count], null);
        var corrected = new double[cells.Count];
        for (var i = 0; i < corrected.Length; i++)
            corrected[i] = cells[i] - _zeros[i];
        return corrected;
    }

    /// <summary>Follows the zeros when there is certainly no load.</summary>
    /// <param name="time">Of the sample.</param>
    /// <param name="cells">N, as measured.</param>
    /// <param name="force">N, from the corrected cells, negative where they pull.</param>
    /// <param name="moving">The roller turns, or nobody knows.</param>
    public void Follow(Timestamp time, IReadOnlyList<double> cells, double force, bool moving)
    {
        var dt = time - (_last ?? time);
        var weight = _last is null || dt > options.LongestBridgedGap ? 1 : 1 - Math.Exp(-dt.TotalSeconds / options.ZeroSmoothing.TotalSeconds);
        _mean += weight * (force - _mean); // noise is no unsteadiness
        _last = time;
        var unsteady = Math.Abs(_mean - _steadyAt) > options.ZeroSteadiness || Math.Abs(force - _steadyAt) > 2 * options.ZeroSteadiness;
        if (moving || unsteady || weight == 1 || _mean > options.ZeroForce)
            (_since, _steadyAt) = (null, _mean);
        _since ??= time;
        if (time - _since < options.ZeroDuration)
            return;
        weight = 1 - Math.Exp(-dt / options.ZeroTimeConstant);
        for (var i = 0; i < _zeros.Length; i++)
            _zeros[i] = Math.Clamp(_zeros[i] + weight * (cells[i] - _zeros[i]), -options.ZeroBound, options.ZeroBound);
        _steadyAt += weight * (_mean - _steadyAt);
    }
}

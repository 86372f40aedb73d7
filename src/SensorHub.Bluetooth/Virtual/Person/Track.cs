namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>
/// A scalar of time that rests, and moves from rest to rest along minimum-jerk curves: x = x₀ + (x₁ − x₀)·(10τ³ − 15τ⁴ + 6τ⁵)
/// (Flash and Hogan 1985, J Neurosci 5:1688). Moves are added in the order of time.
/// </summary>
internal sealed class Track(double initial)
{
    private readonly List<Move> _moves = [];

    /// <summary>Where it rests after the last move.</summary>
    public double End => _moves.Count == 0 ? initial : _moves[^1].To;

    /// <summary>When the last move ends, s.</summary>
    public double EndSeconds => _moves.Count == 0 ? double.NegativeInfinity : _moves[^1].Start + _moves[^1].Duration;

    /// <param name="start">s; not before the end of the move before.</param>
    /// <param name="duration">s, above 0.</param>
    /// <param name="target">Where it will rest.</param>
    public void MoveTo(double start, double duration, double target)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(duration);
        if (start < EndSeconds - 1e-9)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"The move before it ends at {EndSeconds} s.");
        _moves.Add(new Move(start, duration, End, target));
    }

    public Jet At(double seconds)
    {
        var move = LastStartedBy(seconds);
        if (move < 0)
            return Jet.Constant(initial);
        var (start, duration, from, to) = _moves[move];
        var tau = (seconds - start) / duration;
        if (tau >= 1)
            return Jet.Constant(to);
        var (d, d2) = (tau * tau, duration * duration);
        var distance = to - from;
        return new Jet(
            from + distance * d * tau * (10 - 15 * tau + 6 * d),
            distance * 30 * d * (1 - 2 * tau + d) / duration,
            distance * 60 * tau * (1 - 3 * tau + 2 * d) / d2);
    }

    private int LastStartedBy(double seconds)
    {
        int low = 0, high = _moves.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_moves[middle].Start <= seconds)
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }

    private readonly record struct Move(double Start, double Duration, double From, double To);
}

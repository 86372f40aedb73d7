using SensorHub.Core.Posture;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Sessions.Guided;

/// <summary>
/// Finds where an angle leaves its rest, goes far enough and comes back: a bend, a raised leg. Each is given when it has come back.
/// </summary>
/// <param name="rest">Below it the angle is at rest, °.</param>
/// <param name="shallowest">Smallest maximum that counts, °.</param>
/// <param name="longest">What lasts longer is given up.</param>
/// <param name="holdShare">The hold is within this share of the maximum.</param>
internal sealed class ExcursionFinder(double rest, double shallowest, TimeSpan longest, double holdShare)
{
    private readonly List<(PostureEstimate Estimate, double Angle)> _excursion = [];
    private bool _givenUp;

    /// <param name="estimate">Not earlier than the one before.</param>
    /// <param name="angle">°, positive on the way.</param>
    /// <returns>The excursion that has just ended, or null.</returns>
    public Excursion? Update(PostureEstimate estimate, double angle)
    {
        if (angle > rest)
        {
            if (_excursion.Count > 0 && estimate.Time - _excursion[0].Estimate.Time > longest)
                (_givenUp, _) = (true, Clear());
            if (!_givenUp)
                _excursion.Add((estimate, angle));
            return null;
        }
        _givenUp = false;
        var ended = _excursion.Count > 0 && _excursion.Max(e => e.Angle) >= shallowest ? Describe() : null;
        Clear();
        return ended;
    }

    /// <summary>Forgets an excursion under way.</summary>
    public bool Clear()
    {
        _excursion.Clear();
        return true;
    }

    private Excursion Describe()
    {
        var limit = (1 - holdShare) * _excursion.Max(e => e.Angle);
        var (from, to) = (_excursion.FindIndex(e => e.Angle >= limit), _excursion.FindLastIndex(e => e.Angle >= limit));
        // Around the middle of the hold the angle stands; at its ends it still goes or goes already.
        var quarter = (to - from) / 4;
        return new Excursion(
            _excursion[0].Estimate.Time, _excursion[^1].Estimate.Time, _excursion[(from + quarter)..(to - quarter + 1)].ConvertAll(e => e.Estimate),
            _excursion.ConvertAll(e => e.Estimate));
    }
}

/// <param name="Hold">The estimates around the middle of the hold; at least one.</param>
/// <param name="Whole">All estimates of it.</param>
internal sealed record Excursion(Timestamp Start, Timestamp End, IReadOnlyList<PostureEstimate> Hold, IReadOnlyList<PostureEstimate> Whole);

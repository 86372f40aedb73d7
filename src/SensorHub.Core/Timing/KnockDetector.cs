using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Units;

namespace SensorHub.Core.Timing;

/// <summary>
/// Finds sharp knocks out of rest in one element's specific force. A knock's time is the centre of its energy, which lies between
/// the samples: the same for two sensors that sample it at different instants.
/// </summary>
internal sealed class KnockDetector(ElementRole element, SyncCheckOptions options)
{
    /// <summary>What is looked at: rest before, then the knock itself.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(150), Before = TimeSpan.FromMilliseconds(50), After = TimeSpan.FromMilliseconds(120);

    /// <summary>Samples missing: what is on both sides of the hole does not make a knock.</summary>
    private static readonly TimeSpan Hole = TimeSpan.FromMilliseconds(60);

    private readonly List<ImuSample> _recent = [];
    private readonly List<Timestamp> _knocks = [];
    private Timestamp? _struck;

    public ElementRole Element => element;

    public IReadOnlyList<Timestamp> Knocks => _knocks;

    public Timestamp Newest { get; private set; }

    /// <summary>From sample to sample, s.</summary>
    public double Period { get; private set; }

    public void Update(ImuSample sample)
    {
        if (_recent.Count > 0)
        {
            if (sample.Time - Newest > Hole)
            {
                _recent.Clear();
                _struck = null;
            }
            else
            {
                Period = (sample.Time - Newest).TotalSeconds;
            }
        }
        Newest = sample.Time;
        _recent.Add(sample);
        if (_struck is { } struck)
        {
            if (sample.Time - struck < After)
                return;
            _knocks.Add(Centre(struck));
            _struck = null;
        }
        else if (!(_knocks.Count > 0 && sample.Time - _knocks[^1] < options.Pause) && IsStruck(sample))
        {
            _struck = sample.Time;
            return;
        }
        _recent.RemoveAll(s => sample.Time - s.Time > Rest + Before);
    }

    private bool IsStruck(ImuSample sample)
    {
        var rest = RestBefore(sample.Time);
        if (rest.Length < 3)
            return false;
        var mean = Mean(rest);
        return (sample.SpecificForce - mean).Norm > options.Threshold &&
            Math.Sqrt(rest.Average(s => Squared(s.SpecificForce - mean))) <= options.Rest;
    }

    /// <summary>Of the squared deviation from the rest, over the knock.</summary>
    private Timestamp Centre(Timestamp struck)
    {
        var rest = Mean(RestBefore(struck));
        var (weights, moment) = (0.0, 0.0);
        foreach (var sample in _recent)
        {
            if (sample.Time < struck - Before || sample.Time > struck + After)
                continue;
            var weight = Squared(sample.SpecificForce - rest);
            weights += weight;
            moment += weight * (sample.Time - struck).TotalSeconds;
        }
        return struck + TimeSpan.FromSeconds(moment / weights);
    }

    private ImuSample[] RestBefore(Timestamp struck) => [.. _recent.Where(s => s.Time < struck - Before && s.Time >= struck - Before - Rest)];

    private static Vector3D Mean(ImuSample[] samples) =>
        1.0 / samples.Length * samples.Aggregate(Vector3D.Zero, (sum, s) => sum + s.SpecificForce);

    private static double Squared(Vector3D v) => Vector3D.Dot(v, v);
}

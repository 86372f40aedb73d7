using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>Gathers one set between two rests: contact, force, strokes, dwells, doubts.</summary>
internal sealed class SetTracker(RollingOptions options)
{
    private readonly List<Stroke> _strokes = [];
    private Timestamp? _start;
    private Timestamp _end;
    private Timestamp _from = new(long.MinValue);
    private TimeSpan _before;
    private TimeSpan _inBand;
    private double _impulse;
    private double _impulseUncertainty;
    private double _forceSeconds;
    private Measured? _peak;
    private int _dwells;
    private TimeSpan _longestDwell;
    private RollingDoubts _doubts;

    public bool Open => _start is not null;

    /// <summary>Time in contact.</summary>
    public TimeSpan Contact { get; private set; }

    /// <summary>N·s; null without a force.</summary>
    public double? Impulse => _forceSeconds > 0 ? _impulse : null;

    /// <summary>Slip in this set.</summary>
    public SlipMonitor Slip { get; private set; } = new(options);

    /// <summary>Follows the contact; the first one begins the set.</summary>
    public void Follow(Timestamp time, ContactDetector contact)
    {
        var total = contact.Total(time);
        if (!Open && contact.Since is { } since)
        {
            var start = since < _from ? _from : since;
            (_start, _before) = (start, contact.Total(start)); // seen, not gone by: contact may have outlived its samples
        }
        if (!Open)
            return;
        Contact = total - _before;
        _end = contact.InContact ? time : contact.Ended ?? time;
    }

    /// <param name="force">N, in contact.</param>
    /// <param name="duration">For how long it holds.</param>
    /// <param name="inBand">Whether it lies in its band.</param>
    public void Press(Measured force, TimeSpan duration, bool inBand)
    {
        var seconds = duration.TotalSeconds;
        _impulse += seconds * force.Value;
        _impulseUncertainty += seconds * force.StandardUncertainty; // one calibration: errors add up
        _forceSeconds += seconds;
        if (!(force.Value <= _peak?.Value))
            _peak = force;
        if (inBand)
            _inBand += duration;
    }

    public void Add(Stroke stroke) => _strokes.Add(stroke);

    public void Add(Dwell dwell)
    {
        _dwells++;
        if (dwell.Duration > _longestDwell)
            _longestDwell = dwell.Duration;
    }

    public void Doubt(RollingDoubts doubts) => _doubts |= doubts;

    /// <summary>Whether the set has ended by a rest.</summary>
    public bool HasRested(Timestamp now, bool inContact) => Open && !inContact && now - _end > options.SetRest;

    /// <summary>Ends the set and begins the next.</summary>
    /// <param name="now">The next begins no earlier.</param>
    /// <param name="describe">The set without what this gathers.</param>
    /// <returns>Null when it was no set: a touch without a stroke.</returns>
    public RollingSet? Take(Timestamp now, Func<Timestamp, RollingSet> describe)
    {
        RollingSet? set = null;
        if (_start is { } start && (_strokes.Count > 0 || Contact >= options.ShortestSet))
        {
            var lengths = _strokes.Select(stroke => stroke.Length).ToArray();
            set = describe(_end) with
            {
                Start = start,
                ContactTime = Contact,
                TimeInBand = _inBand,
                Strokes = _strokes.Count,
                Tempo = Statistics.Median([.. _strokes.Select(stroke => stroke.Duration.TotalSeconds)]),
                StrokeLength = lengths.Length == 0 ? null : new Measured(lengths.Average(l => l.Value), lengths.Average(l => l.StandardUncertainty)),
                MeanForce = _forceSeconds > 0 ? new Measured(_impulse / _forceSeconds, _impulseUncertainty / _forceSeconds) : null,
                PeakForce = _peak,
                Impulse = _forceSeconds > 0 ? new Measured(_impulse, _impulseUncertainty) : null,
                Dwells = _dwells,
                LongestDwell = _longestDwell,
                SlipPercent = Slip.Percent,
                Quality = _doubts == RollingDoubts.None ? Quality.Good : Quality.Degraded,
                Doubts = _doubts,
            };
        }
        _strokes.Clear();
        (_start, _from, Contact, _inBand, _peak) = (null, now, TimeSpan.Zero, TimeSpan.Zero, null);
        (_impulse, _impulseUncertainty, _forceSeconds) = (0, 0, 0);
        (_dwells, _longestDwell, _doubts) = (0, TimeSpan.Zero, RollingDoubts.None);
        Slip = new SlipMonitor(options);
        return set;
    }
}

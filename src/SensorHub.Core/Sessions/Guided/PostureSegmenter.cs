using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Sessions.Guided;

/// <summary>What keeps a step from being done.</summary>
public enum StepTrouble : byte
{
    None = 0,

    /// <summary>No estimates come.</summary>
    NoData = 1,

    /// <summary>Not the posture that is asked for.</summary>
    WrongPosture = 2,

    /// <summary>Not still enough.</summary>
    Moving = 3,

    /// <summary>The bend was faster than what is asked for.</summary>
    TooFast = 4,

    /// <summary>No bend was deep enough.</summary>
    TooShallow = 5,

    /// <summary>Slumped is not different enough from upright.</summary>
    NotSlumped = 6,

    /// <summary>Too many estimates were missing or degraded.</summary>
    PoorData = 7,

    /// <summary>The posture is not calibrated.</summary>
    NotCalibrated = 8,
}

/// <summary>
/// Finds still stands, still sitting and bends in the estimates of one clip, in order and from what came so far: the same live and
/// from a recording. A stretch of stillness is as long as <see cref="ProtocolOptions.Still"/>; a longer one gives several.
/// </summary>
public sealed class PostureSegmenter
{
    private readonly ProtocolOptions _options;
    private readonly BendOptions _bendOptions;
    private readonly ExcursionFinder _bends;
    private readonly StillStretch _still = new();
    private Excursion? _bend;
    private Timestamp? _last;
    private Timestamp? _sat;

    /// <param name="options">Null = defaults.</param>
    /// <param name="bends">Null = defaults.</param>
    /// <exception cref="UserException">An option is out of its range.</exception>
    public PostureSegmenter(ProtocolOptions? options = null, BendOptions? bends = null)
    {
        _options = Constants.Check(options ?? new ProtocolOptions());
        _bendOptions = Constants.Check(bends ?? new BendOptions());
        _bends = new ExcursionFinder(_bendOptions.Upright, _bendOptions.Shallowest, _bendOptions.Longest, _bendOptions.HoldShare);
    }

    /// <summary>How long the person has been still, in the posture of the last estimate.</summary>
    public TimeSpan StillFor => _still.Duration;

    /// <summary>What is not yet still: the posture, the motion, or nothing.</summary>
    public StepTrouble Trouble { get; private set; }

    /// <summary>Takes the next estimate; gives what has just ended.</summary>
    public IReadOnlyList<PostureSegment> Update(PostureEstimate estimate)
    {
        var found = new List<PostureSegment>();
        if (_last is { } last && estimate.Time - last > _options.LongestGap)
            Forget();
        _last = estimate.Time;
        if (-estimate.PelvicRotation?.Value >= _bendOptions.SatDown)
            _sat = estimate.Time;

        if (FindStill(estimate) is { } still)
            found.Add(still);
        if (FindBend(estimate) is { } bend)
            found.Add(bend);
        return found;
    }

    /// <summary>Forgets what is under way: a new step begins.</summary>
    public void Forget()
    {
        _still.Clear();
        _bends.Clear();
        _bend = null;
        Trouble = StepTrouble.None;
    }

    private PostureSegment.Still? FindStill(PostureEstimate estimate)
    {
        var sitting = IsSitting(estimate);
        if (sitting is null)
        {
            _still.Clear();
            Trouble = StepTrouble.WrongPosture;
            return null;
        }
        if (_still.Estimates is [.., var before] && IsSitting(before) != sitting)
            _still.Clear();
        _still.Add(estimate);
        var steady = _still.Sway <= _options.Sway;
        Trouble = steady ? StepTrouble.None : StepTrouble.Moving;
        if (!steady)
            // What moved stays in: begin again behind it. Half a second at a time finds the beginning soon enough.
            _still.DropBefore(_still.Estimates[0].Time + TimeSpan.FromSeconds(0.5));
        if (!steady || StillFor < _options.Still)
            return null;
        var stretch = _still.Estimates;
        var segment = new PostureSegment.Still(
            sitting.Value, Pelvis(stretch), Upper(stretch),
            Mean(stretch, e => e.Lordosis, e => e.LordosisChange))
        {
            Start = stretch[0].Time,
            End = estimate.Time,
            Quality = Judge(stretch),
            Calibration = estimate.Calibration,
            Attachment = estimate.Attachment,
        };
        _still.Clear();
        return segment;
    }

    private PostureSegment.Bend? FindBend(PostureEstimate estimate)
    {
        if ((estimate.TrunkRotation ?? estimate.PelvicRotation) is not { } trunk)
            return null;
        if (_bends.Update(estimate, trunk.Value) is { } ended)
            _bend = ended;
        // Whoever leans forward to sit down, or gets up from a chair, does not bend.
        if (_bend is null || estimate.Time - _bend.End < _bendOptions.Settle)
            return null;
        var bend = _bend;
        _bend = null;
        return _sat is { } sat && sat >= bend.Start - _bendOptions.Settle
            ? null
            : new PostureSegment.Bend(Pelvis(bend.Hold), Upper(bend.Hold))
            {
                Start = bend.Start,
                End = bend.End,
                Quality = Judge(bend.Whole),
                Calibration = bend.Hold[^1].Calibration,
                Attachment = bend.Hold[^1].Attachment,
            };
    }

    /// <summary>
    /// Null for neither. Who is as in the calibrated stand, pelvis and lumbar spine alike, counts as standing, whatever the phase says:
    /// getting up from the floor may escape it, and sitting down changes both by more.
    /// </summary>
    internal bool? IsSitting(PostureEstimate estimate) => estimate.Phase switch
    {
        Phase.Standing => false,
        Phase.Sitting or Phase.Slouching => !(Math.Abs(estimate.PelvicRotation?.Value ?? double.NaN) <= _options.AsStanding
            && Math.Abs(estimate.LordosisChange?.Value ?? double.NaN) <= _options.AsStanding),
        _ => null,
    };

    /// <summary>Good when enough estimates are, and none is missing for long.</summary>
    private Quality Judge(IReadOnlyList<PostureEstimate> estimates)
    {
        var period = estimates.Zip(estimates.Skip(1), (a, b) => (b.Time - a.Time).TotalSeconds).DefaultIfEmpty(1).Min();
        var expected = 1 + (estimates[^1].Time - estimates[0].Time).TotalSeconds / period;
        return estimates.Count(e => e.Quality == Quality.Good) >= _options.GoodShare * expected ? Quality.Good : Quality.Degraded;
    }

    private static Within? Pelvis(IReadOnlyList<PostureEstimate> estimates) => Mean(estimates, e => e.PelvicInclination, e => e.PelvicRotation);

    private static Within? Upper(IReadOnlyList<PostureEstimate> estimates) => Mean(estimates, e => e.UpperInclination, e => e.TrunkRotation);

    /// <summary>Mean of what is there; its uncertainties are the mean ones, for they are the sensor's and do not average out.</summary>
    private static Within? Mean(IReadOnlyList<PostureEstimate> estimates, Func<PostureEstimate, Measured?> angle, Func<PostureEstimate, Measured?> change)
    {
        var (count, sum, absolute, toCompare) = (0, 0.0, 0.0, 0.0);
        foreach (var estimate in estimates)
        {
            if (angle(estimate) is not { } measured)
                continue;
            count++;
            sum += measured.Value;
            absolute += measured.StandardUncertainty;
            toCompare += (change(estimate) ?? measured).StandardUncertainty;
        }
        return count == 0 ? null : new Within(new Measured(sum / count, absolute / count), new Measured(sum / count, toCompare / count));
    }
}

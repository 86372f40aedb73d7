using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture.Bends;

/// <summary>
/// Forward bends in the estimates of a clip with two elements: <see cref="BendRepetition"/>s, and a <see cref="Cue"/> on each. With one
/// element it says nothing.
/// <para>
/// A repetition begins when T leaves upright while the person stands, and ends when T is upright again. Shallower than 30° it is nothing;
/// whoever sits, lies or walks before it has settled made no bend. What comes up in between without getting upright is one repetition of
/// several dips. It is given a moment after its end, when it is certain that nobody has sat down.
/// </para>
/// <para>
/// At most one cue is given of a repetition, from T ≥ 30° on. A lumbar bend is said as soon as it has been seen for
/// <see cref="BendOptions.CueDwell"/>: then there still is time to change it. Hip hinge and mixed are verdicts on the whole way down, and
/// said when it is over: a bend that began from the hips can still become a lumbar one. No cues in calibration bends.
/// </para>
/// What it gives is a function of the calls in their order.
/// </summary>
/// <param name="sensor">The clip.</param>
/// <param name="options">Null = defaults.</param>
/// <exception cref="UserException">An option is out of its range.</exception>
public sealed class BendDetector(Slug sensor, BendOptions? options = null)
{
    private readonly BendOptions _options = Constants.Check(options ?? new BendOptions());
    private readonly LumbarRange _range = new(options ?? new BendOptions());
    private readonly BendJudge _judge = new(options ?? new BendOptions());
    private readonly List<BendSample> _bend = [];
    private readonly Queue<Timestamp> _attached = new();

    private BendSample? _last;
    private PostureEstimate? _ended;
    private bool _degraded;
    private bool _said;
    private Timestamp? _lumbarSince;
    private (double T, Timestamp At) _deepest;
    private int _count;

    /// <summary>Takes the next estimate of the clip; gives the cue or the repetition that became certain by it.</summary>
    public IReadOnlyList<Feature> Update(PostureEstimate estimate)
    {
        while (_attached.TryPeek(out var at) && at <= estimate.Time)
        {
            _attached.Dequeue();
            Drop();
            _range.Forget();
            _judge.Last = null;
            _count = 0;
        }

        var features = new List<Feature>();
        var hole = _last is { } last ? estimate.Time - last.Time : TimeSpan.Zero;
        if (hole > _options.LongestGap)
            Add(features, Break());
        if (BendSample.Of(estimate) is not { } sample)
            return features;

        var before = _last;
        _last = sample;
        if (_ended is { } ended)
            Add(features, Settle(ended, estimate, sample));
        else if (_bend.Count > 0)
            Continue(estimate, sample, hole);
        if (_bend.Count == 0)
            Begin(before, estimate, sample);
        else if (_ended is null)
            Add(features, Tell(estimate, sample));
        return features;
    }

    /// <summary>Takes a marker, said at hub time <paramref name="at"/>.</summary>
    public IReadOnlyList<Feature> Mark(Timestamp at, Marker marker)
    {
        switch (marker)
        {
            case Marker.ClipAttached:
                _attached.Enqueue(at);
                break;
            case Marker.BendCalibration bends:
                _range.Expect(at, bends);
                break;
            case Marker.CalibrationGiven given when given.Calibration.Sensor == sensor:
                _range.Take(given.Calibration);
                break;
            case Marker.SessionEnded when _ended is { } ended:
                return [Finish(ended)];
            default:
                break;
        }
        return [];
    }

    private static void Add(List<Feature> features, Feature? feature)
    {
        if (feature is not null)
            features.Add(feature);
    }

    /// <summary>T leaves upright while the person stands. What was deeper when it was first seen is no beginning.</summary>
    private void Begin(BendSample? before, PostureEstimate estimate, in BendSample sample)
    {
        if (before is not { } b || b.T.Value >= _options.Upright || sample.T.Value < _options.Upright || !Stands(estimate.Phase))
            return;
        _bend.Add(BendSample.Between(b, sample, _options.Upright));
        _bend.Add(sample);
        (_degraded, _said, _lumbarSince, _deepest) = (estimate.Quality != Quality.Good, false, null, (sample.T.Value, sample.Time));
    }

    private void Continue(PostureEstimate estimate, in BendSample sample, TimeSpan hole)
    {
        if (!Stands(estimate.Phase) || sample.Time - _bend[0].Time > _options.Longest)
        {
            Drop();
            return;
        }
        _degraded |= hole > _options.ShortestGap || estimate.Quality != Quality.Good;
        if (sample.T.Value >= _options.Upright)
        {
            _bend.Add(sample);
            return;
        }
        _bend.Add(BendSample.Between(_bend[^1], sample, _options.Upright));
        if (_bend.Max(s => s.T.Value) >= _options.Shallowest)
            _ended = estimate;
        else
            Drop();
    }

    private static bool Stands(Phase phase) => phase is Phase.Standing or Phase.Bending or Phase.Unknown;

    /// <summary>The bend is over; now the person stands, has bent again, or has sat down.</summary>
    private BendRepetition? Settle(PostureEstimate ended, PostureEstimate estimate, in BendSample sample)
    {
        if (!Stands(estimate.Phase) || -sample.P.Value >= _options.SatDown)
        {
            Drop();
            return null;
        }
        return sample.T.Value >= _options.Upright || sample.Time - _bend[^1].Time >= _options.Settle ? Finish(ended) : null;
    }

    /// <summary>Too much is missing. A bend that was one before is told of, without numbers.</summary>
    private BendRepetition? Break()
    {
        _last = null;
        if (_ended is { } ended)
            return Finish(ended);
        if (_bend.Count == 0)
            return null;
        var (start, end, deep) = (_bend[0].Time, _bend[^1].Time, _bend.Max(s => s.T.Value) >= _options.Shallowest);
        Drop();
        return !deep ? null : new BendRepetition
        {
            Time = start,
            Sensor = sensor,
            Number = ++_count,
            End = end,
            Down = TimeSpan.Zero,
            Hold = TimeSpan.Zero,
            Up = TimeSpan.Zero,
            Dips = 1,
            Quality = Quality.NotObservable,
        };
    }

    private void Drop()
    {
        _bend.Clear();
        _ended = null;
    }

    private BendRepetition Finish(PostureEstimate ended)
    {
        var bend = new BendRhythm([.. _bend], _options);
        var (start, end) = (_bend[0].Time, _bend[^1].Time);
        Drop();

        var (down, hold, up) = bend.Durations();
        var atMaximum = bend.Deepest.Share;
        _range.Learn(start, bend);
        var percent = _range.Percent(bend.Lumbar);
        var pattern = _judge.Judge(atMaximum.Value, percent?.Value);
        _judge.Last = pattern ?? _judge.Last;
        return new BendRepetition
        {
            Time = start,
            Sensor = sensor,
            Number = ++_count,
            End = end,
            Down = down,
            Hold = hold,
            Up = up,
            Dips = bend.Dips(),
            Trunk = bend.Deepest.T,
            Pelvis = bend.Pelvis,
            Lumbar = bend.Lumbar,
            ShareAt30 = bend.ShareAt(30),
            ShareAt60 = bend.ShareAt(60),
            ShareAt90 = bend.ShareAt(90),
            ShareAtMaximum = atMaximum,
            DownShares = bend.DownShares(),
            UpShares = bend.UpShares(),
            LumbarFlexionPercent = percent,
            Pattern = pattern,
            Quality = _degraded ? Quality.Degraded : Quality.Good,
            Calibration = ended.Calibration,
        };
    }

    private Cue? Tell(PostureEstimate estimate, in BendSample sample)
    {
        if (sample.T.Value > _deepest.T + _options.Deeper)
            _deepest = (sample.T.Value, sample.Time);
        if (_said || sample.T.Value < _options.Shallowest || _range.IsCalibrating(sample.Time))
        {
            _lumbarSince = null;
            return null;
        }

        var (share, percent) = (sample.Share.Value, _range.Percent(sample.L)?.Value);
        _lumbarSince = _judge.IsLumbar(share, percent) ? _lumbarSince ?? sample.Time : null;
        if (sample.Time - _lumbarSince >= _options.CueDwell)
            return Say(sample, BendPattern.LumbarBend);
        var turned = sample.Time - _deepest.At >= _options.Turn;
        return turned && _lumbarSince is null && estimate.Phase == Phase.Bending && _judge.Judge(share, percent) is { } pattern ? Say(sample, pattern) : null;
    }

    private Cue Say(in BendSample sample, BendPattern pattern)
    {
        _said = true;
        _judge.Last = pattern;
        return new Cue
        {
            Time = sample.Time,
            Sensor = sensor,
            Code = pattern switch
            {
                BendPattern.HipHinge => CueCode.HipHinge,
                BendPattern.LumbarBend => CueCode.LumbarBend,
                _ => CueCode.MixedBend,
            },
            Level = pattern == BendPattern.LumbarBend ? CueLevel.Remind : CueLevel.Info,
            Value = sample.Share.Value,
            Limit = pattern == BendPattern.LumbarBend ? _options.LumbarShare : _options.HipHingeShare,
        };
    }
}

using SensorHub.Core.Posture;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Sessions.Guided;

/// <summary>
/// Leads a person through the protocol: before rolling, two and ten minutes after it. Driven by the estimates of the clip and by
/// markers, on sample time: what it says is a function of what it was given. A step ends when it was done well, and is asked for again,
/// with the reason, when it was not.
/// </summary>
public sealed class ProtocolGuide
{
    private readonly ProtocolOptions _options;
    private readonly PostureSegmenter _segmenter;
    private readonly IReadOnlyList<Planned> _plan;
    private readonly List<(ProtocolRun Run, PostureSegment Segment)> _done = [];
    private readonly SortedDictionary<ProtocolRun, (Timestamp At, double Level)> _pain = [];
    private LegRaiseFinder? _raises;
    private int _current;
    private Timestamp _began;
    private Timestamp? _now;
    private Timestamp? _rolled;
    private Timestamp? _upSince;
    private ProtocolState? _said;

    /// <param name="options">Null = defaults.</param>
    /// <param name="legTest"><see cref="ProtocolStep.StraightLegRaise"/> or <see cref="ProtocolStep.KneeExtension"/> to end with it, the clip on the shin; null for neither.</param>
    /// <exception cref="UserException">An option is out of its range.</exception>
    public ProtocolGuide(ProtocolOptions? options = null, ProtocolStep? legTest = null)
    {
        if (legTest is not (null or ProtocolStep.StraightLegRaise or ProtocolStep.KneeExtension))
            throw new ArgumentOutOfRangeException(nameof(legTest), legTest, "A leg test is a straight-leg raise or a knee extension.");
        _options = Constants.Check(options ?? new ProtocolOptions());
        _segmenter = new PostureSegmenter(_options);
        _plan = [.. Plan(_options, legTest)];
    }

    /// <summary>The step that is asked for now.</summary>
    public ProtocolStep Step => Current.Step;

    public ProtocolRun Run => Current.Run;

    private Planned Current => _plan[_current];

    /// <summary>What has been measured in a run so far, from the steps that were done well.</summary>
    public IReadOnlyList<MeasureValue> Measure(ProtocolRun run) => ProtocolMeasures.Of(
        [.. _done.Where(d => d.Run == run).Select(d => d.Segment)], _pain.TryGetValue(run, out var pain) ? pain : null, _options);

    /// <summary>Takes the next estimate; gives what is to be said now.</summary>
    public IReadOnlyList<ProtocolState> Update(PostureEstimate estimate)
    {
        var states = new List<ProtocolState>();
        if (_now is { } last && estimate.Time - last > _options.LongestGap && Current.Step is not (ProtocolStep.Attach or ProtocolStep.Rolling or ProtocolStep.Wait))
            Say(states, StepResult.Repeat, StepTrouble.NoData, last);
        if (_now is null)
            _began = estimate.Time;
        _now = estimate.Time;
        if (estimate.Phase == Phase.Rolling)
            _rolled = estimate.Time;

        var found = _segmenter.Update(estimate);
        switch (Current.Step)
        {
            case ProtocolStep.Settle when estimate.Time - _began >= _options.Settle:
                Finish(states);
                break;
            case ProtocolStep.Stand or ProtocolStep.SitUpright or ProtocolStep.SitSlumped:
                Judge(states, estimate, found.OfType<PostureSegment.Still>().FirstOrDefault());
                break;
            case ProtocolStep.Bend:
                Judge(states, found.OfType<PostureSegment.Bend>().FirstOrDefault());
                break;
            case ProtocolStep.StraightLegRaise or ProtocolStep.KneeExtension:
                _raises ??= new LegRaiseFinder(Current.Step, Current.Side, _options);
                if (_raises.Update(estimate) is { } raise)
                    Finish(states, raise);
                break;
            case ProtocolStep.Rolling:
                _upSince = _segmenter.IsSitting(estimate) == false ? _upSince ?? estimate.Time : null;
                if (_rolled is not null && estimate.Time - _upSince >= _options.UpAgain)
                    Finish(states);
                break;
            case ProtocolStep.Wait when estimate.Time - (_rolled ?? _began) >= Delay:
                Finish(states);
                break;
        }
        Say(states, StepResult.Running, TroubleNow(estimate), estimate.Time);
        return states;
    }

    /// <summary>Takes a marker, said at this time; gives what is to be said now.</summary>
    public IReadOnlyList<ProtocolState> Mark(Timestamp at, Marker marker)
    {
        var states = new List<ProtocolState>();
        _now ??= at;
        switch (marker)
        {
            case Marker.ClipAttached when Current.Step == ProtocolStep.Attach:
                Finish(states, at);
                break;
            case Marker.PainReported pain when Current.Step == ProtocolStep.Pain:
                _pain[Current.Run] = (at, pain.Level);
                Finish(states, at);
                break;
            case Marker.StepBegan asked when _plan.ToList().FindIndex(p => (p.Run, p.Step, p.Side) == (asked.Run, asked.Step, asked.Side)) is var index and >= 0:
                _current = index;
                Begin(at);
                Say(states, StepResult.Running, StepTrouble.None, at);
                break;
        }
        return states;
    }

    private TimeSpan Delay => Current.Run == ProtocolRun.AfterTwoMinutes ? _options.FirstAfter : _options.SecondAfter;

    private void Judge(List<ProtocolState> states, PostureEstimate estimate, PostureSegment.Still? still)
    {
        if (still is null)
        {
            if (estimate.Time - _began > _options.Patience * _options.Still)
                Repeat(states, estimate.Calibration is null ? StepTrouble.NotCalibrated : TroubleNow(estimate) is var trouble and not StepTrouble.None ? trouble : StepTrouble.Moving);
            return;
        }
        if (still.Sitting != (Current.Step != ProtocolStep.Stand))
            return;
        if (still.Quality != Quality.Good)
            Repeat(states, StepTrouble.PoorData);
        else if (Current.Step == ProtocolStep.SitSlumped && Upright() is { } upright && upright - still.Lordosis?.Absolute.Value < _options.Slump)
            Repeat(states, StepTrouble.NotSlumped);
        else
            Finish(states, still);
    }

    private void Judge(List<ProtocolState> states, PostureSegment.Bend? bend)
    {
        if (bend is null)
        {
            if (_now - _began > _options.Patience * (_options.Still + _options.ShortestBend))
                Repeat(states, StepTrouble.TooShallow);
        }
        else if (bend.Quality != Quality.Good)
            Repeat(states, StepTrouble.PoorData);
        else if (bend.End - bend.Start < _options.ShortestBend)
            Repeat(states, StepTrouble.TooFast);
        else
            Finish(states, bend);
    }

    /// <summary>Lordosis of this run's upright sitting.</summary>
    private double? Upright() =>
        _done.LastOrDefault(d => d.Run == Current.Run && d.Segment is PostureSegment.Still { Sitting: true }).Segment is PostureSegment.Still still ? still.Lordosis?.Absolute.Value : null;

    private StepTrouble TroubleNow(PostureEstimate estimate) => Current.Step switch
    {
        ProtocolStep.Stand => _segmenter.IsSitting(estimate) == false ? _segmenter.Trouble : StepTrouble.WrongPosture,
        ProtocolStep.SitUpright or ProtocolStep.SitSlumped => _segmenter.IsSitting(estimate) == true ? _segmenter.Trouble : StepTrouble.WrongPosture,
        _ => StepTrouble.None,
    };

    private TimeSpan? Left(Timestamp time) => Current.Step switch
    {
        ProtocolStep.Settle => _options.Settle - (time - _began),
        ProtocolStep.Stand or ProtocolStep.SitUpright or ProtocolStep.SitSlumped => _options.Still - _segmenter.StillFor,
        ProtocolStep.Wait => Delay - (time - (_rolled ?? _began)),
        _ => null,
    };

    private void Finish(List<ProtocolState> states, PostureSegment segment)
    {
        _done.Add((Current.Run, segment));
        Finish(states);
    }

    private void Finish(List<ProtocolState> states, Timestamp? at = null)
    {
        var time = at ?? _now!.Value;
        Say(states, StepResult.Done, StepTrouble.None, time);
        var before = Current;
        _current = Math.Min(_current + 1, _plan.Count - 1);
        Begin(time, goesOn: (before.Step, before.Side) == (Current.Step, Current.Side));
        if (at is not null)
            Say(states, StepResult.Running, StepTrouble.None, time);
    }

    private void Repeat(List<ProtocolState> states, StepTrouble trouble)
    {
        Say(states, StepResult.Repeat, trouble, _now!.Value);
        Begin(_now.Value);
    }

    /// <param name="goesOn">The same again: the next bend may have begun.</param>
    private void Begin(Timestamp at, bool goesOn = false)
    {
        _began = at;
        _upSince = null;
        if (goesOn)
            return;
        _segmenter.Forget();
        _raises = null;
    }

    /// <summary>Once a second, and when something is new.</summary>
    private void Say(List<ProtocolState> states, StepResult result, StepTrouble trouble, Timestamp time)
    {
        var left = Left(time);
        if (result == StepResult.Running && _said is { } said && time - said.Time < TimeSpan.FromSeconds(1)
            && (said.Run, said.Step, said.Number, said.Result, said.Trouble) == (Current.Run, Current.Step, Current.Number, result, trouble))
            return;
        _said = new ProtocolState
        {
            Time = time,
            Run = Current.Run,
            Step = Current.Step,
            Side = Current.Side,
            Number = Current.Number,
            Of = Current.Of,
            Left = left > TimeSpan.Zero ? left : left is null ? null : TimeSpan.Zero,
            Result = result,
            Trouble = trouble,
        };
        states.Add(_said);
    }

    private static IEnumerable<Planned> Plan(ProtocolOptions options, ProtocolStep? legTest)
    {
        yield return new(ProtocolRun.Before, ProtocolStep.Attach, 1, 1);
        yield return new(ProtocolRun.Before, ProtocolStep.Settle, 1, 1);
        foreach (var run in Enum.GetValues<ProtocolRun>())
        {
            if (run != ProtocolRun.Before)
                yield return new(run, ProtocolStep.Wait, 1, 1);
            for (var i = 1; i <= options.Stands; i++)
                yield return new(run, ProtocolStep.Stand, i, options.Stands);
            yield return new(run, ProtocolStep.SitUpright, 1, 1);
            yield return new(run, ProtocolStep.SitSlumped, 1, 1);
            for (var i = 1; i <= options.Bends; i++)
                yield return new(run, ProtocolStep.Bend, i, options.Bends);
            yield return new(run, ProtocolStep.Pain, 1, 1);
            if (run == ProtocolRun.Before)
                yield return new(run, ProtocolStep.Rolling, 1, 1);
        }
        foreach (var side in legTest is null ? [] : new[] { Side.Left, Side.Right })
            for (var i = 1; i <= options.Bends; i++)
                yield return new(ProtocolRun.AfterTenMinutes, legTest!.Value, i, options.Bends, side);
        yield return new(ProtocolRun.AfterTenMinutes, ProtocolStep.Finished, 1, 1);
    }

    private readonly record struct Planned(ProtocolRun Run, ProtocolStep Step, int Number, int Of, Side Side = Side.None);
}

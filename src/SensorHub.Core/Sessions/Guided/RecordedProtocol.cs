using SensorHub.Core.Posture;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Sessions.Guided;

/// <summary>
/// The runs of a protocol in a session, understood from what the person does: still stands and sitting, bends, and the rolling that
/// parts before from after. <see cref="Marker.StepBegan"/> says it where there are such markers. Takes features and markers in their
/// order, live or from a recording.
/// </summary>
public sealed class RecordedProtocol
{
    private readonly ProtocolOptions _options;
    private readonly PostureSegmenter _segmenter;
    private readonly List<(PostureSegment Segment, ProtocolRun? Run)> _segments = [];
    private readonly List<(Timestamp At, double Level, ProtocolRun? Run)> _pain = [];
    private readonly Queue<(Timestamp At, Marker.StepBegan Step)> _announced = new();
    private Marker.StepBegan? _step;
    private LegRaiseFinder? _raises;
    private Timestamp? _attached;
    private Timestamp? _rollingBegan;
    private Timestamp? _rollingEnded;

    /// <param name="options">Null = defaults.</param>
    /// <exception cref="UserException">An option is out of its range.</exception>
    public RecordedProtocol(ProtocolOptions? options = null)
    {
        _options = Constants.Check(options ?? new ProtocolOptions());
        _segmenter = new PostureSegmenter(_options);
    }

    /// <summary>Whether anything was rolled.</summary>
    public bool HasRolling => _rollingBegan is not null;

    /// <summary>Takes an estimate of the clip or of the roller; other features say nothing here.</summary>
    public void Update(Feature feature)
    {
        switch (feature)
        {
            case RollingEstimate { InContact: true }:
                Roll(feature.Time);
                break;
            case PostureEstimate estimate:
                Take(estimate);
                break;
        }
    }

    /// <summary>Takes a marker, said at this time.</summary>
    public void Mark(Timestamp at, Marker marker)
    {
        switch (marker)
        {
            case Marker.ClipAttached:
                _attached ??= at;
                break;
            case Marker.PainReported pain:
                var during = _announced.LastOrDefault().Step ?? _step;
                if (during?.Step is not (ProtocolStep.Rolling or ProtocolStep.Wait)) // said between sets, it is of no run
                    _pain.Add((at, pain.Level, during?.Run));
                break;
            case Marker.StepBegan step:
                _announced.Enqueue((at, step));
                break;
        }
    }

    /// <summary>The runs that something was measured in, in their order.</summary>
    public IReadOnlyDictionary<ProtocolRun, IReadOnlyList<MeasureValue>> Measure()
    {
        var runs = new SortedDictionary<ProtocolRun, IReadOnlyList<MeasureValue>>();
        foreach (var run in Enum.GetValues<ProtocolRun>())
        {
            (Timestamp At, double Level)? pain = null;
            foreach (var said in _pain)
                if ((said.Run ?? RunAt(said.At, said.At)) == run)
                    pain = (said.At, said.Level);
            var measures = ProtocolMeasures.Of([.. _segments.Where(s => (s.Run ?? RunAt(s.Segment.Start, s.Segment.End)) == run).Select(s => s.Segment)], pain, _options);
            if (measures.Count > 0)
                runs.Add(run, measures);
        }
        return runs;
    }

    private void Take(PostureEstimate estimate)
    {
        while (_announced.TryPeek(out var next) && next.At <= estimate.Time)
        {
            _step = _announced.Dequeue().Step;
            _segmenter.Forget();
            _raises = _step.Step is ProtocolStep.StraightLegRaise or ProtocolStep.KneeExtension ? new LegRaiseFinder(_step.Step, _step.Side, _options) : null;
        }
        if (_raises is not null)
        {
            if (_raises.Update(estimate) is { } raise)
                _segments.Add((raise, _step!.Run));
            return;
        }
        if (estimate.Phase == Phase.Rolling)
            Roll(estimate.Time);
        foreach (var segment in _segmenter.Update(estimate))
            if (Belongs(segment))
                _segments.Add((segment, _step?.Run));
    }

    private void Roll(Timestamp time)
    {
        _rollingBegan ??= time;
        if (!(time < _rollingEnded))
            _rollingEnded = time;
    }

    /// <summary>With markers only what was asked for counts: while the clip settles, or during rolling, nothing is.</summary>
    private bool Belongs(PostureSegment segment) => _step?.Step switch
    {
        null => !(segment.Start - _attached < _options.Settle),
        ProtocolStep.Stand => segment is PostureSegment.Still { Sitting: false },
        ProtocolStep.SitUpright or ProtocolStep.SitSlumped => segment is PostureSegment.Still { Sitting: true },
        ProtocolStep.Bend => segment is PostureSegment.Bend,
        _ => false,
    };

    /// <summary>By the time since rolling: what comes nearer to the second run after it belongs to that. Null while rolling.</summary>
    private ProtocolRun? RunAt(Timestamp start, Timestamp end)
    {
        if (_rollingBegan is not { } began || _rollingEnded is not { } ended || end <= began)
            return ProtocolRun.Before;
        if (start < ended)
            return null;
        return start - ended < (_options.FirstAfter + _options.SecondAfter) / 2 ? ProtocolRun.AfterTwoMinutes : ProtocolRun.AfterTenMinutes;
    }
}

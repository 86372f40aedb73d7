using System.Diagnostics.CodeAnalysis;
using System.Reactive.Linq;
using SensorHub.Core;
using SensorHub.Core.Orientation;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Posture.Reminders;
using SensorHub.Core.Posture.Wear;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Sessions;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines;

/// <summary>Options of everything between records and features. Each states its range, unit and source.</summary>
public sealed record FeatureOptions
{
    public SampleClockOptions Clock { get; init; } = new();

    public TroubleOptions Trouble { get; init; } = new();

    public OrientationOptions Orientation { get; init; } = OrientationOptions.OnBody;

    public PostureOptions Posture { get; init; } = new();

    public BendOptions Bends { get; init; } = new();

    public ReminderOptions Reminders { get; init; } = new();

    public WearOptions Wear { get; init; } = new();

    public RollingOptions Rolling { get; init; } = new();

    public ProtocolOptions Protocol { get; init; } = new();

    public SyncCheckOptions Sync { get; init; } = new();
}

/// <summary>
/// Records → features: stamping, the estimators, the session. What it gives is a function of the records so far, so a
/// replay gives what the live session gave. A session begins with fresh state and the <see cref="Preamble"/>, as its
/// recording does.
/// </summary>
public sealed class FeaturePipeline
{
    private readonly FeatureOptions _options;
    private readonly CompleteOrder? _order;
    private readonly Action<Stamped>? _taken;
    private readonly Preamble _preamble = new();
    private readonly SessionTracker _session = new();
    private Stamper _stamper;
    private Estimators _estimators;
    private SensorRecord? _last;

    /// <param name="options">Null = defaults.</param>
    /// <exception cref="UserException">An option is out of its range.</exception>
    public FeaturePipeline(FeatureOptions? options = null)
        : this(options, null)
    {
    }

    /// <param name="options">Null = defaults.</param>
    /// <param name="order">Puts late samples of the same records at their place; null = live, without them.</param>
    /// <param name="taken">Told of what the estimators take, before it.</param>
    internal FeaturePipeline(FeatureOptions? options, CompleteOrder? order, Action<Stamped>? taken = null)
    {
        _taken = taken;
        _options = options ?? new FeatureOptions();
        _order = order;
        Constants.Check(_options.Clock);
        Constants.Check(_options.Trouble);
        Constants.Check(_options.Orientation);
        Constants.Check(_options.Posture);
        Constants.Check(_options.Bends);
        Constants.Check(_options.Reminders);
        Constants.Check(_options.Wear);
        Constants.Check(_options.Rolling);
        Constants.Check(_options.Protocol);
        Constants.Check(_options.Sync);
        Restart();
    }

    /// <summary>Takes the next record; gives the features that became certain by it, in their order.</summary>
    public IReadOnlyList<Feature> Update(SensorRecord record)
    {
        if (record is SensorRecord.Marked { Marker: Marker.SessionBegan })
        {
            Restart();
            foreach (var known in _preamble.Records)
                Estimate(known); // its features were given before
        }
        _preamble.Add(record);
        _last = record;
        var features = new List<Feature>();
        foreach (var late in _order?.DueBefore(record.At) ?? [])
            features.AddRange(_session.Update(late.At, null, [.. Take(late)]));
        features.AddRange(_session.Update(record.At, (record as SensorRecord.Marked)?.Marker, Estimate(record)));
        return features;
    }

    /// <summary>Gives what was still held back for samples of other streams; no record will follow.</summary>
    public IReadOnlyList<Feature> Complete() =>
        _last is null ? [] : _session.Attach([.. _estimators.Complete(_last.At)]);

    [MemberNotNull(nameof(_stamper), nameof(_estimators))]
    private void Restart()
    {
        _stamper = new Stamper(_options.Clock, _options.Trouble);
        _estimators = new Estimators(_options);
    }

    private List<Feature> Estimate(SensorRecord record)
    {
        var features = new List<Feature>();
        foreach (var stamped in _stamper.Update(record))
            foreach (var item in _order?.Place(stamped) ?? [stamped])
                features.AddRange(Take(item));
        return features;
    }

    private IEnumerable<Feature> Take(Stamped item)
    {
        _taken?.Invoke(item);
        return _estimators.Update(item);
    }
}

public static class FeatureOperators
{
    /// <summary>
    /// Everything the hub can say of the records: estimates, strokes, gaps, health, the session. Each subscription has a
    /// <see cref="FeaturePipeline"/> of its own. Hot or cold as <paramref name="records"/> is; a record's features come
    /// before the next record is taken; ends with <paramref name="records"/>, after what was held back, and fails with
    /// it. Bad frames are counted in <see cref="SensorHealth"/> and never end it.
    /// </summary>
    public static IObservable<Feature> Features(this IObservable<SensorRecord> records, FeatureOptions? options = null) =>
        Observable.Defer(() =>
        {
            var pipeline = new FeaturePipeline(options);
            return records.SelectMany(pipeline.Update).Concat(Observable.Defer(() => pipeline.Complete().ToObservable()));
        });
}

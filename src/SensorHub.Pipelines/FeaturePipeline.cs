using System.Reactive.Linq;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Sessions;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines;

/// <summary>
/// Records → features: stamping, the estimators, the session. What it gives is a function of the records so far, so a
/// replay gives what the live session gave. A session begins with fresh state and the <see cref="Preamble"/>, as its
/// recording does.
/// </summary>
public sealed class FeaturePipeline(SampleClockOptions? clock = null)
{
    private readonly Preamble _preamble = new();
    private readonly SessionTracker _session = new();
    private Stamper _stamper = new(clock);
    private Estimators _estimators = new();

    /// <summary>Takes the next record; gives the features that became certain by it, in their order.</summary>
    public IReadOnlyList<Feature> Update(SensorRecord record)
    {
        if (record is SensorRecord.Marked { Marker: Marker.SessionBegan })
        {
            _stamper = new Stamper(clock);
            _estimators = new Estimators();
            foreach (var known in _preamble.Records)
                Estimate(known); // said before
        }
        _preamble.Add(record);
        return _session.Update(record, Estimate(record));
    }

    private List<Feature> Estimate(SensorRecord record)
    {
        var features = new List<Feature>();
        foreach (var stamped in _stamper.Update(record))
            features.AddRange(_estimators.Update(stamped));
        return features;
    }
}

public static class FeatureOperators
{
    /// <summary>
    /// Everything the hub can say of the records: estimates, strokes, gaps, health, the session. Each subscription has a
    /// <see cref="FeaturePipeline"/> of its own. Hot or cold as <paramref name="records"/> is; a record's features come
    /// before the next record is taken; ends and fails with <paramref name="records"/>. Bad frames are counted in
    /// <see cref="SensorHealth"/> and never end it.
    /// </summary>
    public static IObservable<Feature> Features(this IObservable<SensorRecord> records, SampleClockOptions? clock = null) =>
        Observable.Defer(() =>
        {
            var pipeline = new FeaturePipeline(clock);
            return records.SelectMany(pipeline.Update);
        });
}

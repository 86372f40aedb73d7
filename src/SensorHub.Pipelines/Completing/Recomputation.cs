using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Completing;

/// <summary>
/// Computes a session anew with the samples that came late, and finds what that changes. It knows what it has said of the session
/// before. What it gives is a function of the records.
/// </summary>
/// <param name="written">
/// A feature as it is published. What is written alike is the same: differences that rounding takes away are none.
/// </param>
public sealed class Recomputation(FeatureOptions options, Func<Feature, string> written)
{
    private readonly Dictionary<FeatureKey, Feature> _said = [];

    /// <summary>Whether anything came out otherwise than live.</summary>
    public bool HasSaid => _said.Count > 0;

    /// <summary>
    /// What has to be said so that live and this together say what a session without loss would have: features that came out otherwise or
    /// were absent, as <paramref name="finality"/>; those that are no more, as <see cref="Finality.Superseded"/>. By time.
    /// </summary>
    /// <param name="records">The recording, read twice.</param>
    /// <param name="finality">Historical or final.</param>
    /// <param name="before">Only of times before this; null = all.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<Feature> Run(IEnumerable<SensorRecord> records, Finality finality, Timestamp? before, CancellationToken cancellationToken)
    {
        var order = CompleteOrder.Of(records, options);
        if (order.IsEmpty && _said.Count == 0)
            return [];
        var live = new Dictionary<FeatureKey, Feature>();
        var complete = new Dictionary<FeatureKey, Feature>();
        var livePipeline = new FeaturePipeline(options);
        var completePipeline = new FeaturePipeline(options, order);
        foreach (var record in records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Compare(livePipeline.Update(record), live, complete);
            Compare(completePipeline.Update(record), complete, live);
        }
        if (before is null)
        {
            Compare(livePipeline.Complete(), live, complete);
            Compare(completePipeline.Complete(), complete, live);
        }
        return Say(live, complete, finality, before);
    }

    /// <summary>Of both, only what differs is kept, and what was said before.</summary>
    private void Compare(IReadOnlyList<Feature> features, Dictionary<FeatureKey, Feature> own, Dictionary<FeatureKey, Feature> other)
    {
        foreach (var feature in features)
        {
            if (!IsComputed(feature))
                continue;
            var key = FeatureKey.Of(feature);
            own[key] = feature;
            if (other.TryGetValue(key, out var counterpart) && !_said.ContainsKey(key) && IsSame(feature, counterpart))
            {
                own.Remove(key);
                other.Remove(key);
            }
        }
    }

    private List<Feature> Say(Dictionary<FeatureKey, Feature> live, Dictionary<FeatureKey, Feature> complete, Finality finality, Timestamp? before)
    {
        var changes = new List<Feature>();
        foreach (var (key, feature) in complete)
        {
            var said = _said.GetValueOrDefault(key);
            if (said is null || finality == Finality.Final || said.Finality == Finality.Superseded || !IsSame(said, feature))
                Change(feature, finality);
        }
        foreach (var (key, feature) in live)
            if (!complete.ContainsKey(key) && _said.GetValueOrDefault(key)?.Finality != Finality.Superseded)
                Change(feature, Finality.Superseded);
        foreach (var (key, feature) in _said)
            if (feature.Finality != Finality.Superseded && !complete.ContainsKey(key) && !live.ContainsKey(key))
                Change(feature, Finality.Superseded);
        foreach (var change in changes)
            _said[FeatureKey.Of(change)] = change;
        return [.. changes.OrderBy(f => f.Time)];

        void Change(Feature feature, Finality finality)
        {
            if (!(feature.Time >= before))
                changes.Add(feature with { Finality = finality });
        }
    }

    /// <summary>Cues were given to a person or were not, and gaps and health were seen: they are what happened, not what is estimated.</summary>
    public static bool IsComputed(Feature feature) => feature is not (Cue or Gap or SensorHealth);

    private bool IsSame(Feature a, Feature b)
    {
        var (first, second) = (a with { Finality = Finality.Live }, b with { Finality = Finality.Live });
        return first == second || written(first) == written(second);
    }
}

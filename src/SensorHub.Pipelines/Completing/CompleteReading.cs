using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines.Completing;

/// <summary>
/// A recording read as if nothing had come late: each sample at its place, and the estimates of that order. They are those that a hub says as
/// <see cref="Finality.Final"/>, or said live and left as they were. Memory does not grow with the recording, but with what came late.
/// </summary>
public static class CompleteReading
{
    /// <summary>What each record brings, read as it is asked for.</summary>
    /// <param name="records">The recording, which is read twice.</param>
    /// <param name="options">Null = defaults.</param>
    /// <exception cref="UserException">An option is out of its range; or a file cannot be read, while reading.</exception>
    public static IEnumerable<CompleteStep> Read(IEnumerable<SensorRecord> records, FeatureOptions? options = null)
    {
        options ??= new FeatureOptions();
        var taken = new List<Stamped>();
        var pipeline = new FeaturePipeline(options, CompleteOrder.Of(records, options), taken.Add);
        foreach (var record in records)
        {
            var features = pipeline.Update(record);
            yield return new CompleteStep(record, [.. taken], [.. features.Select(Finally)]);
            taken.Clear();
        }
        if (pipeline.Complete() is { Count: > 0 } rest)
            yield return new CompleteStep(null, [], [.. rest.Select(Finally)]);
    }

    private static Feature Finally(Feature feature) =>
        Recomputation.IsComputed(feature) ? feature with { Finality = Finality.Final } : feature;
}

/// <summary>What one record brings.</summary>
/// <param name="Record">Null behind the last one, for what had been held back.</param>
/// <param name="Stamped">Samples and what was noticed, in their order; late ones stand with the record before which they would have come.</param>
/// <param name="Features">What became certain by it.</param>
public sealed record CompleteStep(SensorRecord? Record, IReadOnlyList<Stamped> Stamped, IReadOnlyList<Feature> Features);

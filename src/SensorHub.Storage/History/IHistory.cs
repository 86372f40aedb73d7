using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.History;

/// <summary>Questions about stored points. The same question gets the same answer from the embedded store and from InfluxDB.</summary>
public interface IHistory
{
    /// <returns>A series for each combination of tags that has rows, sorted by its tags; in each, rows sorted by time. Rows without any of the asked fields are left out, and those that were taken back.</returns>
    /// <exception cref="ArgumentException">The query asks for what the schema does not have, or for what cannot be computed.</exception>
    /// <exception cref="OutputException">The store cannot be reached or read.</exception>
    Task<IReadOnlyList<HistorySeries>> QueryAsync(HistoryQuery query, CancellationToken cancellationToken);
}

/// <param name="Measurement">As in schema.json.</param>
/// <param name="Fields">At least one.</param>
/// <param name="From">First time of the range.</param>
/// <param name="To">First time after the range.</param>
public sealed record HistoryQuery(string Measurement, IReadOnlyList<string> Fields, Timestamp From, Timestamp To)
{
    /// <summary>The field that says how a point came to be. The bridge writes it into every one.</summary>
    internal const string Finality = "finality";

    /// <summary>Its value in points that were taken back: they stay in the database, and are no part of the answer.</summary>
    internal static readonly string Superseded = EnumNames.Of(Core.Finality.Superseded);

    /// <summary>Only points with these tags; an empty value asks for points without the tag.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Null: the points as they are.</summary>
    public Window? Window { get; init; }

    internal static bool HasFinality(MeasurementSchema measurement) => measurement.IndexOfField(Finality) >= 0;

    /// <exception cref="ArgumentException">The query asks for what the schema does not have, or for what cannot be computed.</exception>
    internal MeasurementSchema Validate()
    {
        var measurement = StorageSchema.Current.Find(Measurement) ?? throw new ArgumentException($"There is no measurement '{Measurement}'.");
        if (Fields.Count == 0 || Fields.Distinct(StringComparer.Ordinal).Count() != Fields.Count)
            throw new ArgumentException("A query asks for one field or more, each once.");
        foreach (var field in Fields)
        {
            var index = measurement.IndexOfField(field);
            if (index < 0)
                throw new ArgumentException($"The measurement '{Measurement}' has no field '{field}'.");
            if (Window is { Aggregate: not Aggregate.Last } window && measurement.Fields[index].Type is not (FieldType.Float or FieldType.Integer))
                throw new ArgumentException($"The field '{field}' is not a number: it has no {window.Aggregate.ToString().ToLowerInvariant()}.");
        }
        foreach (var tag in Tags.Keys)
            if (measurement.IndexOfTag(tag) < 0)
                throw new ArgumentException($"The measurement '{Measurement}' has no tag '{tag}'.");
        if (Window is { } w && w.Size <= TimeSpan.Zero)
            throw new ArgumentException($"A window is longer than zero, not {w.Size}.");
        return measurement;
    }
}

/// <summary>One row for each stretch of time that has points. Stretches begin at multiples of their size since 1970; a row has the time of its beginning.</summary>
public readonly record struct Window(TimeSpan Size, Aggregate Aggregate);

/// <summary>Fields that are absent in some points count in none of these.</summary>
public enum Aggregate : byte
{
    /// <summary>Arithmetic; a float, of integers too.</summary>
    Mean = 0,

    /// <summary>The latest value.</summary>
    Last = 1,

    Min = 2,

    Max = 3,
}

/// <param name="Tags">The tags that are there.</param>
public sealed record HistorySeries(IReadOnlyDictionary<string, string> Tags, IReadOnlyList<HistoryRow> Rows);

/// <param name="Values">In the order of <see cref="HistoryQuery.Fields"/>.</param>
public readonly record struct HistoryRow(Timestamp Time, IReadOnlyList<FieldValue> Values);

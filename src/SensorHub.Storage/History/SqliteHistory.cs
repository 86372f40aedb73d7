using Microsoft.Data.Sqlite;
using SensorHub.Core.Timing;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.History;

/// <summary>Reads the file of a <see cref="SqliteStore"/>. From any thread, while the store writes.</summary>
public sealed class SqliteHistory(string path) : IHistory
{
    private readonly string _connection = new SqliteConnectionStringBuilder
    {
        DataSource = Path.GetFullPath(path), Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 5,
    }.ToString();

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistorySeries>> QueryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var measurement = query.Validate();
        return Task.Run<IReadOnlyList<HistorySeries>>(() =>
        {
            try
            {
                return Read(query, measurement, cancellationToken);
            }
            catch (SqliteException e)
            {
                throw SqliteErrors.Explain(path, e);
            }
        }, cancellationToken);
    }

    private List<HistorySeries> Read(HistoryQuery query, MeasurementSchema measurement, CancellationToken cancellationToken)
    {
        using var connection = new SqliteConnection(_connection);
        connection.Open();
        // The latest value that is there, whatever the order of the rows: SQLite has no aggregate for it.
        connection.CreateAggregate<long, object?, (long Time, object? Value), object?>("last_value_at",
            (long.MinValue, null),
            (latest, time, value) => value is null or DBNull || time < latest.Time ? latest : (time, value),
            latest => latest.Value,
            isDeterministic: true);

        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // names come from the schema, values are parameters
        command.CommandText = Sql(query, measurement);
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$from", query.From.UnixNanoseconds);
        command.Parameters.AddWithValue("$to", query.To.UnixNanoseconds);
        foreach (var (tag, value) in query.Tags)
            command.Parameters.AddWithValue($"$tag_{tag}", value);
        if (query.Window is { } window)
            command.Parameters.AddWithValue("$window", window.Size.Ticks * 100);

        var tags = measurement.Tags;
        var fields = query.Fields.Select(f => measurement.Fields[measurement.IndexOfField(f)].Type).ToList();
        var series = new List<HistorySeries>();
        var key = new string[tags.Count];
        List<HistoryRow> rows = [];
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var isNew = series.Count == 0;
            for (var i = 0; i < tags.Count; i++)
            {
                var value = reader.GetString(1 + i);
                isNew |= key[i] != value;
                key[i] = value;
            }
            if (isNew)
            {
                rows = [];
                series.Add(new HistorySeries(tags.Zip(key).Where(t => t.Second.Length > 0).ToDictionary(t => t.First.Name, t => t.Second), rows));
            }
            var values = new FieldValue[fields.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = Value(reader, 1 + tags.Count + i, query.Window?.Aggregate == Aggregate.Mean ? FieldType.Float : fields[i]);
            rows.Add(new HistoryRow(new Timestamp(reader.GetInt64(0)), values));
        }
        return series;
    }

    private static string Sql(HistoryQuery query, MeasurementSchema measurement)
    {
        var tags = measurement.Tags.Select(t => TableSql.Quote(t.Name)).ToList();
        var fields = query.Fields.Select(TableSql.Quote).ToList();
        var conditions = new List<string> { $"{TableSql.Time} >= $from", $"{TableSql.Time} < $to", $"({string.Join(" OR ", fields.Select(f => $"{f} IS NOT NULL"))})" };
        if (HistoryQuery.HasFinality(measurement))
            conditions.Add($"{HistoryQuery.Finality} IS NOT '{HistoryQuery.Superseded}'");
        conditions.AddRange(query.Tags.Keys.Select(t => $"{TableSql.Quote(t)} = $tag_{t}"));
        var from = $"FROM {TableSql.Quote(measurement.Name)} WHERE {string.Join(" AND ", conditions)}";
        var by = string.Join(", ", tags.Append("1")); // 1 = the first column, time

        if (query.Window is not { } window)
            return $"SELECT {string.Join(", ", [TableSql.Time, .. tags, .. fields])} {from} ORDER BY {by}";

        var start = $"{TableSql.Time} - (({TableSql.Time} % $window) + $window) % $window";
        var values = fields.Select(f => window.Aggregate switch
        {
            Aggregate.Mean => $"avg({f})",
            Aggregate.Min => $"min({f})",
            Aggregate.Max => $"max({f})",
            _ => $"last_value_at({TableSql.Time}, {f})",
        });
        return $"SELECT {string.Join(", ", [start, .. tags, .. values])} {from} GROUP BY {by} ORDER BY {by}";
    }

    private static FieldValue Value(SqliteDataReader reader, int column, FieldType type) => reader.IsDBNull(column) ? FieldValue.None : type switch
    {
        FieldType.Float => reader.GetDouble(column),
        FieldType.Integer => reader.GetInt64(column),
        FieldType.Boolean => reader.GetInt64(column) != 0,
        _ => reader.GetString(column),
    };
}

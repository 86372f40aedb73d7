using System.Globalization;
using Microsoft.Data.Sqlite;
using SensorHub.Core.Timing;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.History;

/// <summary>Reads the file of a <see cref="SqliteStore"/>. From any thread, while the store writes.</summary>
/// <remarks>
/// Windows of whole seconds or minutes are made of the roll-ups: hours of points are not read, and what retention has left of old
/// times is enough. The answer is that of the points, means but for their last bits. Points asked for one by one are there as long as they are kept.
/// </remarks>
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
        LastValue.Register(connection);
        using var snapshot = connection.BeginTransaction(deferred: true);

        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // names come from the schema, values are parameters
        command.CommandText = Sql(query, measurement, Tiers(query, measurement, connection));
#pragma warning restore CA2100
        if (query.Window is null)
        {
            command.Parameters.AddWithValue("$from", query.From.UnixNanoseconds);
            command.Parameters.AddWithValue("$to", query.To.UnixNanoseconds);
        }
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

    /// <summary>The roll-ups that the windows are made of, the coarsest first; none for points.</summary>
    private static List<Tier> Tiers(HistoryQuery query, MeasurementSchema measurement, SqliteConnection connection)
    {
        if (!measurement.Rollups || query.Window is not { Size.Ticks: var ticks })
            return [];
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = $name"; // none in a store of an older program, until a newer one opens it
        command.Parameters.AddWithValue("$name", Tier.Second.Table(measurement));
        return (long)command.ExecuteScalar()! == 0 ? [] : [.. Tier.All.Where(t => ticks * 100 % t.StepNs == 0)];
    }

    private static string Sql(HistoryQuery query, MeasurementSchema measurement, List<Tier> tiers)
    {
        var tags = measurement.Tags.Select(t => TableSql.Quote(t.Name)).ToList();
        var by = string.Join(", ", tags.Append("1")); // 1 = the first column, time
        if (query.Window is not { } window)
            return $"SELECT {string.Join(", ", [TableSql.Time, .. tags, .. query.Fields.Select(TableSql.Quote)])} FROM {TableSql.Quote(measurement.Name)}"
                + $" WHERE {InRange("$from", "$to")}{OfPoints(query, measurement)} ORDER BY {by}";

        var start = $"{TableSql.Time} - (({TableSql.Time} % $window) + $window) % $window";
        var values = query.Fields.Select((_, i) => window.Aggregate switch
        {
            Aggregate.Mean => RollUpSql.Mean($"v{i}", $"n{i}"),
            Aggregate.Min => $"min(v{i})",
            Aggregate.Max => $"max(v{i})",
            _ => $"last_value_at({TableSql.Time}, v{i})",
        });
        var parts = Parts(query, measurement, tags, tiers, query.From.UnixNanoseconds, query.To.UnixNanoseconds);
        return $"SELECT {string.Join(", ", [start, .. tags, .. values])} FROM ({string.Join(" UNION ALL ", parts)}) GROUP BY {by} ORDER BY {by}";
    }

    /// <summary>
    /// Selections which together have the range once: whole windows of the coarsest roll-ups, of finer ones towards its ends, points at
    /// its ends and of minutes that wait to be rolled up. A row is a time, tags, and a value with how many it stands for, of each field.
    /// </summary>
    private static IEnumerable<string> Parts(HistoryQuery query, MeasurementSchema measurement, List<string> tags, List<Tier> tiers, long from, long to)
    {
        if (tiers.Count == 0)
            return [Points(Literal(from), Literal(to), "")];
        var fields = query.Fields.Select(f => measurement.Fields[measurement.IndexOfField(f)]).ToList();
        var (tier, finer) = (tiers[0], tiers.Skip(1).ToList());
        var (first, end) = (tier.Ceiling(from), tier.Floor(to));
        if (first >= end)
            return Parts(query, measurement, tags, finer, from, to);

        var pending = $"{RollUpSql.Pending} WHERE measurement = '{measurement.Name}'";
        var rolled = $"SELECT {string.Join(", ", [TableSql.Time, .. tags, .. fields.SelectMany(RolledUp)])} FROM {TableSql.Quote(tier.Table(measurement))}"
            + $" WHERE {InRange(Literal(first), Literal(end))} AND {RollUpSql.Start(TableSql.Time, Tier.Minute)} NOT IN (SELECT minute_ns FROM {pending}){OfTags(query)}"
            + $" AND ({string.Join(" OR ", fields.Select(f => $"{RollUpSql.Column(f, "last")} IS NOT NULL"))})";
        // CROSS JOIN: the few minutes first, then the points of each.
        var waiting = $"(SELECT max(minute_ns, {Literal(first)}) AS a, min(minute_ns + {Tier.Minute.StepNs}, {Literal(end)}) AS b FROM {pending}"
            + $" AND minute_ns > {Literal(first)} - {Tier.Minute.StepNs} AND minute_ns < {Literal(end)}) CROSS JOIN ";
        return
        [
            .. from < first ? Parts(query, measurement, tags, finer, from, first) : [],
            rolled,
            Points("a", "b", waiting),
            .. end < to ? Parts(query, measurement, tags, finer, end, to) : [],
        ];

        string Points(string a, string b, string minutes) =>
            $"SELECT {string.Join(", ", [TableSql.Time, .. tags, .. query.Fields.SelectMany((f, i) => new[] { $"{TableSql.Quote(f)} AS v{i}", $"{TableSql.Quote(f)} IS NOT NULL AS n{i}" })])}"
            + $" FROM {minutes}{TableSql.Quote(measurement.Name)} WHERE {InRange(a, b)}{OfPoints(query, measurement)}";

        IEnumerable<string> RolledUp(FieldSchema field, int i) => query.Window!.Value.Aggregate switch
        {
            Aggregate.Last => [$"{RollUpSql.Column(field, "last")} AS v{i}", $"1 AS n{i}"],
            var aggregate => [$"{RollUpSql.Column(field, aggregate.ToString().ToLowerInvariant())} AS v{i}", $"{RollUpSql.Column(field, "count")} AS n{i}"],
        };
    }

    private static string InRange(string from, string to) => $"{TableSql.Time} >= {from} AND {TableSql.Time} < {to}";

    private static string OfTags(HistoryQuery query) => string.Concat(query.Tags.Keys.Select(t => $" AND {TableSql.Quote(t)} = $tag_{t}"));

    private static string OfPoints(HistoryQuery query, MeasurementSchema measurement) =>
        $" AND ({string.Join(" OR ", query.Fields.Select(f => $"{TableSql.Quote(f)} IS NOT NULL"))}){OfTags(query)}"
        + (HistoryQuery.HasFinality(measurement) ? $" AND {HistoryQuery.Finality} IS NOT '{HistoryQuery.Superseded}'" : "");

    private static string Literal(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static FieldValue Value(SqliteDataReader reader, int column, FieldType type) => reader.IsDBNull(column) ? FieldValue.None : type switch
    {
        FieldType.Float => reader.GetDouble(column),
        FieldType.Integer => reader.GetInt64(column),
        FieldType.Boolean => reader.GetInt64(column) != 0,
        _ => reader.GetString(column),
    };
}

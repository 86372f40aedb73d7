using SensorHub.Storage.History;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Embedded;

/// <summary>
/// The statements for roll-ups. A row has the measurement's tags, the number of its points, and of each field the last
/// value; of a number also how many there were, their mean, least and largest.
/// </summary>
internal static class RollUpSql
{
    /// <summary>Minutes that have points which are in no roll-up yet: written with the points, taken out with the roll-ups.</summary>
    public const string Pending = "rollup_pending";

    /// <summary>From when on a measurement's points are there; before, retention took them.</summary>
    public const string Kept = "rollup_kept";

    /// <summary>Column: how many points are in the window.</summary>
    public const string Points = "points";

    public static IEnumerable<string> CreateBookkeeping() =>
    [
        $"CREATE TABLE IF NOT EXISTS {Pending} (measurement TEXT NOT NULL, minute_ns INTEGER NOT NULL, PRIMARY KEY (measurement, minute_ns)) STRICT, WITHOUT ROWID",
        $"CREATE TABLE IF NOT EXISTS {Kept} (measurement TEXT NOT NULL PRIMARY KEY, from_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ];

    public static string Create(MeasurementSchema measurement, Tier tier)
    {
        var columns = new List<string> { $"{TableSql.Time} INTEGER NOT NULL" };
        columns.AddRange(measurement.Tags.Select(t => $"{TableSql.Quote(t.Name)} TEXT NOT NULL DEFAULT ''"));
        columns.Add($"{Points} INTEGER NOT NULL DEFAULT 0");
        columns.AddRange(Columns(measurement).Select(c => $"{TableSql.Quote(c.Name)} {c.Type}"));
        columns.Add($"PRIMARY KEY ({TableSql.Key(measurement)})");
        return $"CREATE TABLE {TableSql.Quote(tier.Table(measurement))} ({string.Join(", ", columns)}) STRICT, WITHOUT ROWID";
    }

    /// <summary>The columns of the fields, in the order of the table.</summary>
    public static IEnumerable<(string Name, string Type)> Columns(MeasurementSchema measurement) =>
        from field in measurement.Fields
        from column in ColumnsOf(field)
        select (column.Name, column.Type);

    /// <summary>The column that answers for the field: <c>lordosis_deg_mean</c>.</summary>
    public static string Column(FieldSchema field, string of) => TableSql.Quote($"{field.Name}_{of}");

    /// <summary>Takes the minute's windows out. $from and $to bound it.</summary>
    public static string Clear(MeasurementSchema measurement, Tier tier) =>
        $"DELETE FROM {TableSql.Quote(tier.Table(measurement))} WHERE {TableSql.Time} >= $from AND {TableSql.Time} < $to";

    /// <summary>Windows of a second from the points of $from to $to.</summary>
    /// <remarks>
    /// SQLite has no aggregate for the last value that is there. The latest point has nearly all of them; what is absent in it is looked
    /// for, if the window has it at all.
    /// </remarks>
    public static string FromPoints(MeasurementSchema measurement)
    {
        var table = TableSql.Quote(measurement.Name);
        var tags = measurement.Tags.Select(t => TableSql.Quote(t.Name)).ToList();
        var group = string.Join(", ", tags.Prepend("start"));
        var fields = measurement.Fields.Select(f => TableSql.Quote(f.Name)).ToList();
        var values = measurement.Fields.SelectMany(field =>
        {
            var f = TableSql.Quote(field.Name);
            var seen = Column(field, "count");
            var searched = $"SELECT {f} FROM {table} p WHERE p.{TableSql.Time} >= w.start AND p.{TableSql.Time} < w.start + {Tier.Second.StepNs}"
                + $"{string.Concat(tags.Select(t => $" AND p.{t} = w.{t}"))} AND {f} IS NOT NULL{Valid(measurement)} ORDER BY p.{TableSql.Time} DESC LIMIT 1";
            var last = $"CASE WHEN w.{seen} > 0 THEN coalesce(l.{f}, ({searched})) END";
            return IsNumber(field)
                ? [$"w.{seen}", $"w.{Column(field, "mean")}", $"w.{Column(field, "min")}", $"w.{Column(field, "max")}", last]
                : new[] { last };
        });
        var aggregates = measurement.Fields.SelectMany(field =>
        {
            var f = TableSql.Quote(field.Name);
            var seen = $"count({f}) AS {Column(field, "count")}";
            return IsNumber(field)
                ? [seen, $"avg({f}) AS {Column(field, "mean")}", $"min({f}) AS {Column(field, "min")}", $"max({f}) AS {Column(field, "max")}"]
                : new[] { seen };
        });
        return $"WITH valid AS (SELECT {Start(TableSql.Time, Tier.Second)} AS start, {string.Join(", ", [TableSql.Time, .. tags, .. fields])} FROM {table}"
            + $" WHERE {TableSql.Time} >= $from AND {TableSql.Time} < $to{Valid(measurement)}),"
            + $" windows AS (SELECT {group}, count(*) AS {Points}, max({TableSql.Time}) AS latest, {string.Join(", ", aggregates)} FROM valid GROUP BY {group})"
            + $" {Insert(measurement, Tier.Second)}"
            + $" SELECT {string.Join(", ", [.. tags.Prepend("start").Append(Points).Select(c => $"w.{c}"), .. values])} FROM windows w JOIN {table} l ON l.{TableSql.Time} = w.latest{string.Concat(tags.Select(t => $" AND l.{t} = w.{t}"))} WHERE true {Replace(measurement)}";
    }

    /// <summary>The window of a minute from its windows of a second.</summary>
    public static string FromSeconds(MeasurementSchema measurement)
    {
        var tags = measurement.Tags.Select(t => TableSql.Quote(t.Name)).ToList();
        var values = measurement.Fields.SelectMany(field => ColumnsOf(field).Select(column => column.Of switch
        {
            "count" => $"sum({Column(field, "count")})",
            "mean" => Mean(Column(field, "mean"), Column(field, "count")),
            "min" => $"min({Column(field, "min")})",
            "max" => $"max({Column(field, "max")})",
            _ => $"last_value_at({TableSql.Time}, {Column(field, "last")})",
        }));
        return $"{Insert(measurement, Tier.Minute)} SELECT {string.Join(", ", [Start(TableSql.Time, Tier.Minute) + " AS start", .. tags, $"sum({Points})", .. values])}"
            + $" FROM {TableSql.Quote(Tier.Second.Table(measurement))} WHERE {TableSql.Time} >= $from AND {TableSql.Time} < $to GROUP BY {string.Join(", ", tags.Prepend("start"))} {Replace(measurement)}";
    }

    /// <summary>The mean of means; NULL of nothing.</summary>
    public static string Mean(string mean, string count) => $"total({mean} * {count}) / sum({count})";

    public static string Start(string time, Tier tier) => $"{time} - (({time} % {tier.StepNs}) + {tier.StepNs}) % {tier.StepNs}";

    private static IEnumerable<(string Name, string Type, string Of)> ColumnsOfNumber(FieldSchema field) =>
    [
        ($"{field.Name}_count", "INTEGER", "count"),
        ($"{field.Name}_mean", "REAL", "mean"),
        ($"{field.Name}_min", TableSql.Type(field), "min"),
        ($"{field.Name}_max", TableSql.Type(field), "max"),
    ];

    private static List<(string Name, string Type, string Of)> ColumnsOf(FieldSchema field) =>
        [.. IsNumber(field) ? ColumnsOfNumber(field) : [], ($"{field.Name}_last", TableSql.Type(field), "last")];

    private static bool IsNumber(FieldSchema field) => field.Type is FieldType.Float or FieldType.Integer;

    /// <summary>What was taken back is in no roll-up.</summary>
    private static string Valid(MeasurementSchema measurement) =>
        HistoryQuery.HasFinality(measurement) ? $" AND {HistoryQuery.Finality} IS NOT '{HistoryQuery.Superseded}'" : "";

    private static string Insert(MeasurementSchema measurement, Tier tier) =>
        $"INSERT INTO {TableSql.Quote(tier.Table(measurement))} ({string.Join(", ", [TableSql.Time, .. measurement.Tags.Select(t => TableSql.Quote(t.Name)), Points, .. Columns(measurement).Select(c => TableSql.Quote(c.Name))])})";

    /// <summary>
    /// Where retention took points, what comes late may be a part only: it takes the place of a window that is there when it has as
    /// many points at least. (Elsewhere the windows were cleared, and there is nothing to replace.)
    /// </summary>
    private static string Replace(MeasurementSchema measurement) =>
        $"ON CONFLICT ({TableSql.Key(measurement)}) DO UPDATE SET {string.Join(", ", Columns(measurement).Select(c => TableSql.Quote(c.Name)).Append(Points).Select(c => $"{c} = excluded.{c}"))} WHERE excluded.{Points} >= {Points}";
}

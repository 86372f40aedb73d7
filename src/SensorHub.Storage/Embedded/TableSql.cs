using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Embedded;

/// <summary>The statements for a measurement's table: a column a tag and a field, keyed as InfluxDB keys points.</summary>
internal static class TableSql
{
    /// <summary>Column of the event time, Unix nanoseconds.</summary>
    public const string Time = "time_ns";

    /// <summary>
    /// Time comes first in the key: points arrive in about its order, so the table grows at its end, and a time range is
    /// one piece of it. An absent tag is '' because NULLs are not equal to each other in a key.
    /// </summary>
    public static string Create(MeasurementSchema measurement)
    {
        var columns = new List<string> { $"{Time} INTEGER NOT NULL" };
        columns.AddRange(measurement.Tags.Select(t => $"{Quote(t.Name)} TEXT NOT NULL DEFAULT ''"));
        columns.AddRange(measurement.Fields.Select(Column));
        columns.Add($"PRIMARY KEY ({Key(measurement)})");
        return $"CREATE TABLE {Quote(measurement.Name)} ({string.Join(", ", columns)}) STRICT, WITHOUT ROWID";
    }

    /// <summary>Inserts, or merges fields into the point that is there. Parameters: $p0 = time, then tags, then fields.</summary>
    public static string Upsert(MeasurementSchema measurement)
    {
        var columns = new[] { Time }.Concat(measurement.Tags.Select(t => t.Name)).Concat(measurement.Fields.Select(f => f.Name)).Select(Quote).ToList();
        var merges = measurement.Fields.Select(f => Quote(f.Name)).Select(name => $"{name} = coalesce(excluded.{name}, {name})");
        return $"INSERT INTO {Quote(measurement.Name)} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"$p{i}"))}) "
            + $"ON CONFLICT ({Key(measurement)}) DO UPDATE SET {string.Join(", ", merges)}";
    }

    /// <summary>The tables that have rows of the measurement: its points and their roll-ups. Who deletes a person's rows deletes them in each.</summary>
    public static IEnumerable<string> Tables(MeasurementSchema measurement) =>
        measurement.Rollups ? [measurement.Name, .. Tier.All.Select(t => t.Table(measurement))] : [measurement.Name];

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Key(MeasurementSchema measurement) =>
        string.Join(", ", measurement.Tags.Select(t => Quote(t.Name)).Prepend(Time));

    /// <summary>SQLite's type for the field.</summary>
    public static string Type(FieldSchema field) => field.Type switch
    {
        FieldType.Float => "REAL",
        FieldType.String => "TEXT",
        _ => "INTEGER",
    };

    private static string Column(FieldSchema field) => $"{Quote(field.Name)} {Type(field)}";
}

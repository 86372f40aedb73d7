using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SensorHub.Storage.Schema;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>A row as it is in a database, read past our own clients.</summary>
/// <param name="Key">Measurement, tags and time: what makes two rows one.</param>
/// <param name="Values">The fields that are there, by name, but for finality, which says how the row came to be and not what it is.</param>
internal sealed record StoredRow(string Key, string Values, string Session, string Finality);

/// <summary>All that a database holds.</summary>
internal static class StoredRows
{
    public static List<StoredRow> InStore(string file)
    {
        var rows = new List<StoredRow>();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 30 }.ToString());
        connection.Open();
        foreach (var measurement in StorageSchema.Current.Measurements)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // names of the schema
            command.CommandText = $"SELECT * FROM \"{measurement.Name}\"";
#pragma warning restore CA2100
            using var reader = command.ExecuteReader();
            while (reader.Read())
                rows.Add(Row(
                    measurement, reader.GetInt64(reader.GetOrdinal("time_ns")),
                    tag => reader.GetString(reader.GetOrdinal(tag)),
                    field => reader.GetOrdinal(field.Name) is var column && reader.IsDBNull(column) ? null : field.Type switch
                    {
                        FieldType.Float => Text(reader.GetDouble(column)),
                        FieldType.Boolean => reader.GetInt64(column) != 0 ? "true" : "false",
                        FieldType.Integer => reader.GetInt64(column).ToString(CultureInfo.InvariantCulture),
                        _ => reader.GetString(column),
                    }));
        }
        return rows;
    }

    public static async Task<List<StoredRow>> InInfluxAsync(InfluxServer influx, string database = "sensorhub")
    {
        var rows = new List<StoredRow>();
        foreach (var measurement in StorageSchema.Current.Measurements)
        {
            using var json = JsonDocument.Parse(await influx.QueryAsync($"SELECT * FROM \"{measurement.Name}\" GROUP BY *", database));
            if (!json.RootElement.GetProperty("results")[0].TryGetProperty("series", out var all))
                continue;
            foreach (var series in all.EnumerateArray())
            {
                var tags = series.GetProperty("tags");
                var columns = series.GetProperty("columns").EnumerateArray().Select((c, i) => (Name: c.GetString()!, i)).ToDictionary(c => c.Name, c => c.i);
                foreach (var values in series.GetProperty("values").EnumerateArray())
                    rows.Add(Row(
                        measurement, values[0].GetInt64(),
                        tag => tags.TryGetProperty(tag, out var value) ? value.GetString() : null,
                        field => !columns.TryGetValue(field.Name, out var column) || values[column].ValueKind == JsonValueKind.Null ? null : field.Type switch
                        {
                            FieldType.Float => Text(values[column].GetDouble()),
                            FieldType.String => values[column].GetString(),
                            _ => values[column].GetRawText(),
                        }));
            }
        }
        return rows;
    }

    /// <summary>Fails with examples of the rows that are missing, not expected, or there twice.</summary>
    /// <remarks>A row that was taken back may be there or not: with all samples there is nothing to say of its time.</remarks>
    public static void AreTheSame(IEnumerable<StoredRow> expected, IEnumerable<StoredRow> found)
    {
        var (wanted, there) = (Lines(expected), Lines(found));
        Assert.NotEmpty(wanted);
        Assert.True(there.Count == there.Distinct().Count(), $"twice: {string.Join('\n', there.GroupBy(l => l).Where(g => g.Count() > 1).Take(3).Select(g => g.Key))}");
        var missing = wanted.Except(there).Order(StringComparer.Ordinal).ToList();
        var strange = there.Except(wanted).Order(StringComparer.Ordinal).ToList();
        Assert.True(
            missing.Count == 0 && strange.Count == 0,
            $"of {wanted.Count} rows {missing.Count} are missing:\n{string.Join('\n', missing.Take(5))}\nand {strange.Count} were not expected:\n{string.Join('\n', strange.Take(5))}");

        static List<string> Lines(IEnumerable<StoredRow> rows) => [.. rows.Where(r => r.Finality != "superseded").Select(r => $"{r.Key}: {r.Values}")];
    }

    private static StoredRow Row(MeasurementSchema measurement, long time, Func<string, string?> tag, Func<FieldSchema, string?> field)
    {
        var tags = measurement.Tags.Select(t => (t.Name, Value: tag(t.Name))).Where(t => !string.IsNullOrEmpty(t.Value)).Select(t => $",{t.Name}={t.Value}");
        var fields = measurement.Fields.Select(f => (f.Name, Value: field(f))).Where(f => f.Value is not null).ToList();
        return new StoredRow(
            $"{measurement.Name}{string.Concat(tags)} {time.ToString(CultureInfo.InvariantCulture)}",
            string.Join(' ', fields.Where(f => f.Name != "finality").Select(f => $"{f.Name}={f.Value}")),
            fields.Find(f => f.Name == "session").Value ?? "", fields.Find(f => f.Name == "finality").Value ?? "");
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

using Microsoft.Data.Sqlite;
using SensorHub.Core.Timing;
using SensorHub.Storage;
using SensorHub.Storage.Schema;

namespace SensorHub.Faults;

/// <summary>Reads the embedded store's file itself.</summary>
internal sealed class StoreRows(string file) : IDisposable
{
    private SqliteConnection? _watching;

    /// <summary>Another number after each change that others made.</summary>
    public long Changes()
    {
        _watching ??= Open(SqliteOpenMode.ReadWrite);
        using var command = _watching.CreateCommand();
        command.CommandText = "PRAGMA data_version";
        return (long)command.ExecuteScalar()!;
    }

    public void Dispose() => _watching?.Dispose();

    /// <summary>Sensors of which there is an estimate since.</summary>
    public IReadOnlyCollection<string> SensorsSince(Timestamp since)
    {
        using var connection = Open(SqliteOpenMode.ReadWrite);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sensor FROM posture WHERE time_ns > $since UNION SELECT sensor FROM rolling WHERE time_ns > $since";
        command.Parameters.AddWithValue("$since", since.UnixNanoseconds);
        using var reader = command.ExecuteReader();
        var sensors = new List<string>();
        while (reader.Read())
            sensors.Add(reader.GetString(0));
        return sensors;
    }

    public Found Read()
    {
        var found = new Found.Reader("embedded store");
        using var connection = Open(SqliteOpenMode.ReadWrite);
        foreach (var measurement in StorageSchema.Current.Measurements)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // names of the schema
            command.CommandText = $"SELECT * FROM \"{measurement.Name}\"";
#pragma warning restore CA2100
            using var reader = command.ExecuteReader();
            int[] tags = [.. measurement.Tags.Select(t => reader.GetOrdinal(t.Name))];
            int[] columns = [.. measurement.Fields.Select(f => reader.GetOrdinal(f.Name))];
            var time = reader.GetOrdinal("time_ns");
            while (reader.Read())
            {
                string?[] values = [.. tags.Select(reader.GetString)];
                FieldValue[] fields = [.. measurement.Fields.Select((f, i) => Value(reader, columns[i], f.Type))];
                found.Add(RowKey.Of(measurement, values, new Timestamp(reader.GetInt64(time))), fields);
            }
        }
        return found.Done();
    }

    public void Delete(RowKey key)
    {
        using var connection = Open(SqliteOpenMode.ReadWrite);
        using var command = connection.CreateCommand();
        var tags = key.Tags.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split('=')).ToArray();
#pragma warning disable CA2100 // names of the schema
        command.CommandText = $"DELETE FROM \"{key.Measurement}\" WHERE {string.Concat(tags.Select(t => $"\"{t[0]}\" = ${t[0]} AND "))}time_ns = $time";
#pragma warning restore CA2100
        foreach (var tag in tags)
            command.Parameters.AddWithValue($"${tag[0]}", tag[1]);
        command.Parameters.AddWithValue("$time", key.Time.UnixNanoseconds);
        if (command.ExecuteNonQuery() != 1)
            throw new IOException($"There is not one row {key} in the store.");
    }

    private static FieldValue Value(SqliteDataReader reader, int column, FieldType type) => reader.IsDBNull(column) ? FieldValue.None : type switch
    {
        FieldType.Float => reader.GetDouble(column),
        FieldType.Integer => reader.GetInt64(column),
        FieldType.Boolean => reader.GetInt64(column) != 0,
        _ => reader.GetString(column),
    };

    private SqliteConnection Open(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}

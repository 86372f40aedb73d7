using Microsoft.Data.Sqlite;

namespace SensorHub.Storage.Embedded;

/// <summary><c>last_value_at(time, value)</c>: the latest value that is there, whatever the order of the rows. SQLite has no aggregate for it.</summary>
internal static class LastValue
{
    public static void Register(SqliteConnection connection) =>
        connection.CreateAggregate<long, object?, (long Time, object? Value), object?>("last_value_at",
            (long.MinValue, null),
            (latest, time, value) => value is null or DBNull || time < latest.Time ? latest : (time, value),
            latest => latest.Value,
            isDeterministic: true);
}

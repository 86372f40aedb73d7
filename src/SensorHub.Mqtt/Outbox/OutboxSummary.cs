using Microsoft.Data.Sqlite;
using SensorHub.Core;

namespace SensorHub.Mqtt.Outbox;

/// <summary>What is in an outbox's file, for who only looks, beside the hub that has it open: nothing is written and nothing is kept waiting.</summary>
/// <param name="Waiting">Messages in it.</param>
/// <param name="Bytes">On the disk.</param>
/// <param name="Oldest">When the oldest was taken; null when it is empty.</param>
public sealed record OutboxSummary(long Waiting, long Bytes, DateTimeOffset? Oldest)
{
    /// <returns>Null: there is none yet.</returns>
    /// <exception cref="UserException">It cannot be read, or is no outbox; the message says what to do.</exception>
    public static OutboxSummary? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 5 }.ToString());
            connection.Open();
            if (Scalar("PRAGMA application_id") is not OutboxFile.ApplicationId)
                return Scalar("SELECT count(*) FROM sqlite_master") is 0L ? null : throw OutboxErrors.Foreign(path);
            using var transaction = connection.BeginTransaction(deferred: true); // all that follows is of one moment
            return new OutboxSummary(
                Scalar("SELECT count(*) FROM messages") is long waiting ? waiting : 0,
                new FileInfo(path).Length,
                Scalar("SELECT at FROM messages ORDER BY number LIMIT 1") is long at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);

            object? Scalar(string sql)
            {
                using var command = connection.CreateCommand();
                command.CommandText = sql;
                return command.ExecuteScalar();
            }
        }
        catch (SqliteException e)
        {
            throw new UserException(OutboxErrors.Explain(path, e), e);
        }
    }
}

using Microsoft.Data.Sqlite;
using SensorHub.Core;

namespace SensorHub.Mqtt.Outbox;

/// <summary>SQLite's result codes (https://www.sqlite.org/rescode.html) in words that say what to do.</summary>
internal static class OutboxErrors
{
    private const int Permission = 3;
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static bool IsDamage(SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase;

    public static UserException Foreign(string path) => new($"{path} is a database of another program: choose another file for the outbox.");

    public static string Explain(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        Full => $"No room for the outbox {path}: the disk is full. Free some space.",
        Busy or Locked => $"The outbox {path} is in use by another program: end that.",
        InputOutput => $"The outbox {path} cannot be read or written ({e.Message.TrimEnd('.')}): check the disk.",
        ReadOnly or Permission or CannotOpen => $"The outbox {path} cannot be written: check the permissions of the file and its folder, or choose another folder.",
        _ => $"The outbox {path} failed: {e.Message.TrimEnd('.')}. Move it away to begin a new one.",
    };
}

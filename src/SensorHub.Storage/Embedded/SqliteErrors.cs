using Microsoft.Data.Sqlite;
using SensorHub.Core;

namespace SensorHub.Storage.Embedded;

/// <summary>SQLite's result codes (https://www.sqlite.org/rescode.html) in words that say what to do.</summary>
internal static class SqliteErrors
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

    public static OutputException Explain(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        Full => new($"No room for the store {path}: the disk is full. Free some space.", OutputFault.Unavailable, e),
        Busy or Locked => new($"The store {path} is in use by another program: end that.", OutputFault.Unavailable, e),
        InputOutput => new($"The store {path} cannot be read or written ({e.Message.TrimEnd('.')}): check the disk.", OutputFault.Unavailable, e),
        ReadOnly or Permission or CannotOpen => new($"The store {path} cannot be written: check the permissions of the file and its folder, or choose another folder.", OutputFault.Misconfigured, e),
        Corrupt or NotADatabase => new($"The store {path} is damaged, or not a store of SensorHub: move it away to begin a new one; 'sqlite3 {path} .recover' may save its rows.", OutputFault.Misconfigured, e),
        _ => new($"The store {path} failed: {e.Message}", OutputFault.Misconfigured, e),
    };
}

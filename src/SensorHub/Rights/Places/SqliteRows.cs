using Microsoft.Data.Sqlite;
using SensorHub.Core;

namespace SensorHub.Rights.Places;

/// <summary>A file of SQLite, read as tables of rows and erased so that no freed page keeps what was in a row.</summary>
/// <remarks>
/// https://www.sqlite.org/pragma.html#pragma_secure_delete overwrites what is deleted, VACUUM leaves no page that is not in use, and the log is truncated. While nobody else has the
/// file open.
/// </remarks>
internal sealed class SqliteRows : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly string _path;

    private SqliteRows(string path, SqliteOpenMode mode)
    {
        _path = path;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 5 }.ToString());
    }

    public static bool IsSqlite(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> begin = stackalloc byte[16];
        return file.ReadAtLeast(begin, 16, throwOnEndOfStream: false) == 16 && begin.SequenceEqual("SQLite format 3\0"u8);
    }

    /// <summary>Runs the work on the file.</summary>
    /// <exception cref="UserException">The file cannot be used.</exception>
    public static T Use<T>(string path, bool write, Func<SqliteRows, T> work)
    {
        try
        {
            using var rows = new SqliteRows(path, write ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly);
            rows._connection.Open();
            if (write)
                rows.Execute("PRAGMA secure_delete = ON");
            return work(rows);
        }
        catch (SqliteException e)
        {
            throw new UserException($"{path} cannot be {(write ? "erased from" : "read")}: {e.Message.TrimEnd('.')}. End other programs that use it, and see whether the disk has room.", e);
        }
    }

    /// <summary>Tables that people's data is in, with their columns.</summary>
    public IReadOnlyList<(string Table, IReadOnlyList<string> Columns)> Tables()
    {
        var tables = new List<(string, IReadOnlyList<string>)>();
        foreach (var name in Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name").Select(r => (string)r[0]!))
            tables.Add((name, [.. Query("SELECT name FROM pragma_table_info($p0)", name).Select(r => (string)r[0]!)]));
        return tables;
    }

    /// <summary>One value array a row. Read as it is asked for.</summary>
    /// <param name="values">Of $p0, $p1 …</param>
    public IEnumerable<object?[]> Query(string sql, params object[] values)
    {
        using var command = Command(sql, values);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            yield return row;
        }
    }

    public int Execute(string sql, params object[] values)
    {
        using var command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    public T InTransaction<T>(Func<T> work)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            var done = work();
            Execute("COMMIT");
            return done;
        }
        catch
        {
            Execute("ROLLBACK");
            throw;
        }
    }

    /// <summary>Nothing of what was deleted is in the file any more, nor in its log.</summary>
    public void Purge()
    {
        Execute("VACUUM");
        _ = Query("PRAGMA wal_checkpoint(TRUNCATE)").ToList();
    }

    /// <summary>Looks at every cell of every table.</summary>
    /// <returns>How many rows there are, and for each table with a name in it how many.</returns>
    public (long Rows, IReadOnlyList<string> Left) Scan(Traces traces)
    {
        var (rows, left) = (0L, new List<string>());
        foreach (var (table, _) in Tables())
        {
            var found = 0;
            foreach (var row in Query($"SELECT * FROM {Quote(table)}"))
            {
                rows++;
                if (row.Any(cell => cell switch { string text => traces.In(text), byte[] bytes => traces.In(bytes), _ => false }))
                    found++;
            }
            if (found > 0)
                left.Add($"{_path}: {found} {(found == 1 ? "row" : "rows")} of table {table}");
        }
        return (rows, left);
    }

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public void Dispose() => _connection.Dispose();

    private SqliteCommand Command(string sql, object[] values)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // names of tables and columns are the file's own, quoted; values are parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue(FormattableString.Invariant($"$p{i}"), values[i]);
        return command;
    }
}

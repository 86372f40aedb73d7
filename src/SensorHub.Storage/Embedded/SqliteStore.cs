using Microsoft.Data.Sqlite;
using SensorHub.Core;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Embedded;

/// <summary>
/// Points in one SQLite file: a table a measurement, with the merging of InfluxDB. One writer; any number of readers
/// (<see cref="History.SqliteHistory"/>) see whole batches.
/// </summary>
/// <remarks>
/// Write-ahead log with synchronous=FULL: each batch is on the disk before its messages are acknowledged, because after
/// that the broker forgets them. NORMAL would survive kill −9 just as well, but not the pulled plug of a small computer;
/// FULL costs one fsync a batch, of which there are about four a second.
/// </remarks>
public sealed class SqliteStore : IPointOutput
{
    /// <summary>"SenH": tells our files from other programs'.</summary>
    private const int ApplicationId = 0x53656e48;

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _upserts = [];
    private readonly SemaphoreSlim _gate = new(1);
    private bool _disposed;

    private SqliteStore(string path, SqliteConnection connection)
    {
        _path = path;
        _connection = connection;
    }

    public string Name => $"embedded store {_path}";

    public int BatchSize => 5_000;

    /// <summary>Opens the store, or makes it if it is not there. Its folder must exist.</summary>
    /// <exception cref="UserException">It cannot be used; the message says what to do.</exception>
    public static SqliteStore Open(string path) => Open(path, StorageSchema.Current);

    internal static SqliteStore Open(string path, StorageSchema schema)
    {
        path = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(path);
        if (!Directory.Exists(folder))
            throw new UserException($"The store {path} cannot be made: there is no folder {folder}.");
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ToString());
        var store = new SqliteStore(path, connection);
        try
        {
            CreatePrivate(path);
            connection.Open();
            store.Prepare(schema);
            return store;
        }
        catch (Exception e)
        {
            connection.Dispose();
            throw e switch
            {
                SqliteException sqlite => SqliteErrors.Explain(path, sqlite),
                IOException or UnauthorizedAccessException => new UserException($"The store {path} cannot be made or opened: {e.Message.TrimEnd('.')}. Check the permissions, or choose another folder.", e),
                _ => e,
            };
        }
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken) => await UseAsync(() =>
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        transaction.Rollback();
        return true;
    }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<WriteReport> WriteAsync(IReadOnlyList<Point> points, CancellationToken cancellationToken) => UseAsync(() =>
    {
        var rejected = new List<RejectedPoint>();
        using var transaction = _connection.BeginTransaction(deferred: false);
        foreach (var point in points)
            if (!Write(point, transaction))
                rejected.Add(new RejectedPoint(point, "no-field", "no field has a finite value"));
        transaction.Commit();
        return new WriteReport(points.Count - rejected.Count, rejected);
    }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        if (!_disposed)
        {
            _disposed = true;
            foreach (var command in _upserts.Values)
                await command.DisposeAsync().ConfigureAwait(false);
            await _connection.DisposeAsync().ConfigureAwait(false); // the last connection empties the write-ahead log
        }
        _gate.Release();
    }

    /// <summary>For tests, which look at the connection's settings and limit its file.</summary>
    internal Task<object> PragmaAsync(string pragma) => UseAsync(() =>
    {
        using var command = Command($"PRAGMA {pragma}");
        return command.ExecuteScalar()!;
    }, CancellationToken.None);

    private bool Write(Point point, SqliteTransaction transaction)
    {
        var command = _upserts[point.Measurement.Name];
        command.Transaction = transaction;
        var parameter = 0;
        command.Parameters[parameter++].Value = point.Time.UnixNanoseconds;
        foreach (var tag in point.Tags)
            command.Parameters[parameter++].Value = tag ?? "";
        var any = false;
        foreach (ref readonly var field in point.Fields)
        {
            // What InfluxDB cannot store is not stored here either, so that both say the same.
            var stored = field.HasValue && (field.Type != FieldType.Float || double.IsFinite(field.AsDouble()));
            command.Parameters[parameter++].Value = stored ? ToSql(field) : DBNull.Value;
            any |= stored;
        }
        if (any)
            command.ExecuteNonQuery();
        return any;
    }

    private static object ToSql(in FieldValue value) => value.Type switch
    {
        FieldType.Float => value.AsDouble(),
        FieldType.Integer => value.AsInteger(),
        FieldType.Boolean => value.AsBoolean() ? 1L : 0L,
        _ => value.AsString(),
    };

    private async Task<T> UseAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return work();
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Explain(_path, e);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Makes an empty file that only its owner reads: it is about people's bodies. SQLite gives its logs the same mode.</summary>
    private static void CreatePrivate(string path)
    {
        if (File.Exists(path))
            return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
    }

    private void Prepare(StorageSchema schema)
    {
        if (Scalar("PRAGMA application_id") is var id && id != ApplicationId && (id != 0 || Scalar("SELECT count(*) FROM sqlite_master") > 0))
            throw new UserException($"{_path} is a database of another program: choose another file for the store.");
        if (Scalar("PRAGMA user_version") is var version && version > schema.Version)
            throw new UserException($"The store {_path} was written by a newer SensorHub (schema {version}, this one knows {schema.Version}): use that one, or choose another file.");

        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("PRAGMA journal_size_limit = 67108864"); // gives the space of a large log back
        using (var transaction = _connection.BeginTransaction(deferred: false))
        {
            foreach (var measurement in schema.Measurements)
                Migrate(measurement);
            Execute($"PRAGMA application_id = {ApplicationId}");
            Execute($"PRAGMA user_version = {schema.Version}");
            transaction.Commit();
        }
        foreach (var measurement in schema.Measurements)
            _upserts.Add(measurement.Name, PrepareUpsert(measurement));
    }

    /// <summary>Makes the table, or adds the columns that it does not have yet. Columns that we do not know stay as they are.</summary>
    private void Migrate(MeasurementSchema measurement)
    {
        var columns = new Dictionary<string, bool>(StringComparer.Ordinal);
        using (var command = Command($"SELECT name, pk FROM pragma_table_info({Literal(measurement.Name)})"))
        using (var reader = command.ExecuteReader())
            while (reader.Read())
                columns.Add(reader.GetString(0), reader.GetInt64(1) > 0);
        if (columns.Count == 0)
        {
            Execute(TableSql.Create(measurement));
            return;
        }
        if (!columns.Where(c => c.Value).Select(c => c.Key).ToHashSet().SetEquals(measurement.Tags.Select(t => t.Name).Append(TableSql.Time)))
            throw new UserException($"The table '{measurement.Name}' of the store {_path} has other tags than this SensorHub's: move the file away to begin a new one.");
        foreach (var field in measurement.Fields)
            if (!columns.ContainsKey(field.Name))
                Execute(TableSql.AddColumn(measurement, field));
    }

    private SqliteCommand PrepareUpsert(MeasurementSchema measurement)
    {
        var command = Command(TableSql.Upsert(measurement));
        for (var i = 0; i < 1 + measurement.Tags.Count + measurement.Fields.Count; i++)
            command.Parameters.Add(new SqliteParameter($"$p{i}", null));
        command.Prepare();
        return command;
    }

    private long Scalar(string sql)
    {
        using var command = Command(sql);
        return (long)command.ExecuteScalar()!;
    }

    private void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // every name in it comes from schema.json
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}

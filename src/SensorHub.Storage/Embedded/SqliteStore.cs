using Microsoft.Data.Sqlite;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Embedded;

/// <summary>
/// Points in one SQLite file: a table a measurement, with the merging of InfluxDB. One writer; any number of readers
/// (<see cref="History.SqliteHistory"/>) see whole batches. Beside the points of what comes many times a second there are roll-ups
/// of a second and of a minute, which a <see cref="StoreKeeper"/> makes.
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

    /// <summary>Of auto_vacuum: deleted rows' space is given back when asked to.</summary>
    private const int Incremental = 2;

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _upserts = [];
    private readonly SemaphoreSlim _gate = new(1);
    private readonly HashSet<(string Measurement, long Minute)> _touched = [];
    private StorageSchema _schema = StorageSchema.Current;
    private SqliteCommand? _touch;
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
        Touch(transaction);
        transaction.Commit();
        return new WriteReport(points.Count - rejected.Count, rejected);
    }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        if (!_disposed)
        {
            _disposed = true;
            foreach (var command in _upserts.Values.Append(_touch!))
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

    /// <summary>Measurements that are rolled up.</summary>
    internal IEnumerable<MeasurementSchema> RolledUp => _schema.Measurements.Where(m => m.Rollups);

    /// <summary>Rolls up the oldest minute that has points which are in no roll-up yet and ended before: some milliseconds.</summary>
    /// <returns>False: there is none.</returns>
    internal Task<bool> RollUpNextAsync(Timestamp endedBefore, CancellationToken cancellationToken) => UseAsync(() =>
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        MeasurementSchema? measurement;
        long minute;
        using (var command = Command($"SELECT measurement, minute_ns FROM {RollUpSql.Pending} WHERE minute_ns <= $p0 ORDER BY minute_ns LIMIT 1", endedBefore.UnixNanoseconds - Tier.Minute.StepNs))
        using (var reader = command.ExecuteReader())
        {
            if (!reader.Read())
                return false;
            (measurement, minute) = (_schema.Find(reader.GetString(0)), reader.GetInt64(1));
        }
        if (measurement is { Rollups: true })
            RollUp(measurement, minute);
        Execute($"DELETE FROM {RollUpSql.Pending} WHERE minute_ns = $p0 AND measurement = $p1", minute, measurement?.Name ?? "");
        transaction.Commit();
        return true;
    }, cancellationToken);

    /// <summary>Deletes some of the oldest rows from before a time: of the points (no tier) those that are rolled up.</summary>
    /// <returns>How many; less than asked for = there are no more.</returns>
    internal Task<int> DropOldestAsync(MeasurementSchema measurement, Tier? tier, Timestamp before, int most, CancellationToken cancellationToken) => UseAsync(() =>
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        var table = TableSql.Quote(tier?.Table(measurement) ?? measurement.Name);
        var pending = ScalarOrNull($"SELECT min(minute_ns) FROM {RollUpSql.Pending} WHERE measurement = $p0", measurement.Name);
        var end = Math.Min(before.UnixNanoseconds, pending ?? long.MaxValue);
        if (ScalarOrNull($"SELECT max({TableSql.Time}) FROM (SELECT {TableSql.Time} FROM {table} WHERE {TableSql.Time} < $p0 ORDER BY {TableSql.Time} LIMIT $p1)", end, (long)most) is not { } last)
            return 0;
        var dropped = Execute($"DELETE FROM {table} WHERE {TableSql.Time} <= $p0", last);
        if (tier is null)
            Execute($"INSERT INTO {RollUpSql.Kept} VALUES ($p0, $p1) ON CONFLICT DO UPDATE SET from_ns = max(from_ns, excluded.from_ns)", measurement.Name, last + 1);
        transaction.Commit();
        return dropped;
    }, cancellationToken);

    /// <summary>Gives the space of deleted rows back to the disk, a part at a time.</summary>
    /// <returns>False: there was none, or the store was made before it could do that; it writes into that space anew.</returns>
    internal Task<bool> ReclaimAsync(int pages, CancellationToken cancellationToken) => UseAsync(() =>
    {
        var free = Scalar("PRAGMA freelist_count");
        if (free == 0 || Scalar("PRAGMA auto_vacuum") != Incremental)
            return false;
        using var command = Command(FormattableString.Invariant($"PRAGMA incremental_vacuum({pages})"));
        using var reader = command.ExecuteReader();
        while (reader.Read()) // a page each
        {
        }
        return Scalar("PRAGMA freelist_count") is var left && left > 0 && left < free;
    }, cancellationToken);

    private void RollUp(MeasurementSchema measurement, long minute)
    {
        var end = minute + Tier.Minute.StepNs;
        var whole = ScalarOrNull($"SELECT from_ns FROM {RollUpSql.Kept} WHERE measurement = $p0", measurement.Name) is not { } from || from <= minute;
        foreach (var sql in whole ? Tier.All.Select(t => RollUpSql.Clear(measurement, t)) : [])
            Run(sql);
        Run(RollUpSql.FromPoints(measurement));
        Run(RollUpSql.FromSeconds(measurement));

        void Run(string sql)
        {
            using var command = Command(sql);
            command.Parameters.AddWithValue("$from", minute);
            command.Parameters.AddWithValue("$to", end);
            command.ExecuteNonQuery();
        }
    }

    /// <summary>The minutes of this batch are to be rolled up: on the disk together with its points.</summary>
    private void Touch(SqliteTransaction transaction)
    {
        _touch!.Transaction = transaction;
        foreach (var (measurement, minute) in _touched)
        {
            _touch.Parameters[0].Value = measurement;
            _touch.Parameters[1].Value = minute;
            _touch.ExecuteNonQuery();
        }
        _touched.Clear();
    }

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
        if (!any)
            return false;
        command.ExecuteNonQuery();
        if (point.Measurement.Rollups)
            _touched.Add((point.Measurement.Name, Tier.Minute.Floor(point.Time.UnixNanoseconds)));
        return true;
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

        _schema = schema;
        Execute($"PRAGMA auto_vacuum = {Incremental}"); // takes effect in a new file only
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("PRAGMA journal_size_limit = 67108864"); // gives the space of a large log back
        using (var transaction = _connection.BeginTransaction(deferred: false))
        {
            foreach (var sql in RollUpSql.CreateBookkeeping())
                Execute(sql);
            foreach (var measurement in schema.Measurements)
                Migrate(measurement);
            Execute($"PRAGMA application_id = {ApplicationId}");
            Execute($"PRAGMA user_version = {schema.Version}");
            transaction.Commit();
        }
        foreach (var measurement in schema.Measurements)
            _upserts.Add(measurement.Name, PrepareUpsert(measurement));
        LastValue.Register(_connection);
        _touch = Command($"INSERT OR IGNORE INTO {RollUpSql.Pending} VALUES ($p0, $p1)", "", 0L);
        _touch.Prepare();
    }

    /// <summary>Makes the tables, or adds the columns that they do not have yet. Columns that we do not know stay as they are.</summary>
    private void Migrate(MeasurementSchema measurement)
    {
        Migrate(measurement, measurement.Name, TableSql.Create(measurement), measurement.Fields.Select(f => (f.Name, TableSql.Type(f))));
        if (!measurement.Rollups)
            return;
        var made = false;
        foreach (var tier in Tier.All)
            made |= Migrate(measurement, tier.Table(measurement), RollUpSql.Create(measurement, tier), RollUpSql.Columns(measurement));
        if (made) // points of an older program
            Execute($"INSERT OR IGNORE INTO {RollUpSql.Pending} SELECT DISTINCT $p0, {RollUpSql.Start(TableSql.Time, Tier.Minute)} FROM {TableSql.Quote(measurement.Name)}", measurement.Name);
    }

    /// <returns>True: the table was made.</returns>
    private bool Migrate(MeasurementSchema measurement, string table, string create, IEnumerable<(string Name, string Type)> needed)
    {
        var columns = new Dictionary<string, bool>(StringComparer.Ordinal);
        using (var command = Command("SELECT name, pk FROM pragma_table_info($p0)", table))
        using (var reader = command.ExecuteReader())
            while (reader.Read())
                columns.Add(reader.GetString(0), reader.GetInt64(1) > 0);
        if (columns.Count == 0)
        {
            Execute(create);
            return true;
        }
        if (!columns.Where(c => c.Value).Select(c => c.Key).ToHashSet().SetEquals(measurement.Tags.Select(t => t.Name).Append(TableSql.Time)))
            throw new UserException($"The table '{table}' of the store {_path} has other tags than this SensorHub's: move the file away to begin a new one.");
        foreach (var (name, type) in needed)
            if (!columns.ContainsKey(name))
                Execute($"ALTER TABLE {TableSql.Quote(table)} ADD COLUMN {TableSql.Quote(name)} {type}");
        return false;
    }

    private SqliteCommand PrepareUpsert(MeasurementSchema measurement)
    {
        var command = Command(TableSql.Upsert(measurement));
        for (var i = 0; i < 1 + measurement.Tags.Count + measurement.Fields.Count; i++)
            command.Parameters.Add(new SqliteParameter($"$p{i}", null));
        command.Prepare();
        return command;
    }

    private long Scalar(string sql) => ScalarOrNull(sql) ?? throw new InvalidOperationException($"There is no answer to {sql}");

    private long? ScalarOrNull(string sql, params ReadOnlySpan<object> values)
    {
        using var command = Command(sql, values);
        return command.ExecuteScalar() as long?;
    }

    private int Execute(string sql, params ReadOnlySpan<object> values)
    {
        using var command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <param name="values">Of the parameters $p0, $p1 …</param>
    private SqliteCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // every name in it comes from schema.json
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue(FormattableString.Invariant($"$p{i}"), values[i]);
        return command;
    }
}

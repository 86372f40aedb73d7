using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using SensorHub.Core;

namespace SensorHub.Mqtt.Outbox;

/// <summary>
/// The outbox on the disk: one SQLite file. What <see cref="Change"/> has taken survives a kill and a pulled plug (write-ahead log,
/// synchronous=FULL: one fsync a group of messages).
/// </summary>
/// <remarks>One thread at a time. Any member throws <see cref="SqliteException"/> when the disk does not do its part.</remarks>
internal sealed class OutboxFile : IDisposable
{
    /// <summary>"SenO": tells our files from other programs'.</summary>
    internal const long ApplicationId = 0x53656e4f;
    private const int Version = 1;

    /// <summary>
    /// Numbers set aside for one run. While the disk is full, messages get numbers that never reach the file; the next run must not give them
    /// again, or a late confirmation would name the wrong message.
    /// </summary>
    private const long Reserve = 1_000_000_000;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _retain;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _page;
    private readonly SqliteCommand _earlier;
    private readonly SqliteCommand _later;
    private long _reserved;
    private long _given;

    private OutboxFile(string path, bool durable)
    {
        Path = path;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ToString());
        try
        {
            _connection.Open();
            Prepare(durable);
            _insert = Command("INSERT INTO messages VALUES ($number, $at, $key, $live, $topic, $retain, $expiry, $content, $format, $properties, $payload)",
                "$number", "$at", "$key", "$live", "$topic", "$retain", "$expiry", "$content", "$format", "$properties", "$payload");
            _retain = Command("INSERT INTO retained VALUES ($topic, $number) ON CONFLICT (topic) DO UPDATE SET number = max(number, excluded.number)", "$topic", "$number");
            _delete = Command("DELETE FROM messages WHERE number BETWEEN $first AND $last", "$first", "$last");
            _page = Command("SELECT * FROM messages WHERE number >= $first ORDER BY number LIMIT $count", "$first", "$count");
            _earlier = Command("SELECT number FROM messages WHERE key = $key AND number < $number LIMIT 1", "$key", "$number");
            _later = Command("SELECT DISTINCT later.number FROM messages gone JOIN messages later ON later.key = gone.key AND later.number > gone.number WHERE gone.number BETWEEN $first AND $last", "$first", "$last");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>Names the file in the numbers of its messages.</summary>
    public Slug Name { get; private set; }

    /// <summary>The last number that was given.</summary>
    public long LastNumber => _given;

    /// <summary>First and last message that it holds, with gaps between; null when it is empty.</summary>
    public (long First, long Last)? Numbers
    {
        get
        {
            using var command = Command("SELECT min(number), max(number) FROM messages");
            using var reader = command.ExecuteReader();
            reader.Read();
            return reader.IsDBNull(0) ? null : (reader.GetInt64(0), reader.GetInt64(1));
        }
    }

    /// <summary>How many messages it holds: reads the whole index.</summary>
    public long Count => Scalar("SELECT count(*) FROM messages");

    /// <summary>Bytes that hold something.</summary>
    public long Bytes => (Scalar("PRAGMA page_count") - Scalar("PRAGMA freelist_count")) * Scalar("PRAGMA page_size");

    /// <summary>When the oldest was taken.</summary>
    public DateTimeOffset? Oldest
    {
        get
        {
            using var command = Command("SELECT at FROM messages ORDER BY number LIMIT 1");
            return command.ExecuteScalar() is long at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
        }
    }

    /// <summary>Opens the file, or makes it. One that is damaged is moved aside, and a new one begun.</summary>
    /// <param name="say">Gets one line when that happened.</param>
    /// <param name="moveAside">It is known to be damaged.</param>
    /// <param name="durable">False does not wait for the disk: for tests that are not about it.</param>
    /// <exception cref="UserException">It cannot be used; the message says what to do.</exception>
    public static OutboxFile Open(string path, TimeProvider time, Action<string>? say = null, bool durable = true, bool moveAside = false)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            if (System.IO.Path.GetDirectoryName(path) is { } folder)
                Directory.CreateDirectory(folder);
            if (moveAside)
                say?.Invoke(MoveAside(path, time));
            CreatePrivate(path);
            try
            {
                return new OutboxFile(path, durable);
            }
            catch (SqliteException e) when (OutboxErrors.IsDamage(e))
            {
                say?.Invoke(MoveAside(path, time));
                CreatePrivate(path);
                return new OutboxFile(path, durable);
            }
        }
        catch (SqliteException e)
        {
            throw new UserException(OutboxErrors.Explain(path, e), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The outbox {path} cannot be made or opened: {e.Message.TrimEnd('.')}. Check the permissions of the folder, or choose another one.", e);
        }
    }

    /// <summary>When nothing else is left: 16 MiB of memory, gone with the process.</summary>
    public static OutboxFile InMemory()
    {
        var file = new OutboxFile(":memory:", durable: false);
        file.Pragma("max_page_count = 4096");
        return file;
    }

    /// <summary>The next number. It is given once, whether its message reaches the disk or not.</summary>
    public long NextNumber() => ++_given;

    /// <summary>Numbers up to this one have been given, by a file that is no more: what is on its way under them must not be taken for ours.</summary>
    public void GiveAfter(long last) => _given = Math.Max(_given, last);

    /// <summary>Adds and deletes in one transaction: when this returns, it is on the disk; when it throws, nothing has changed.</summary>
    public void Change(IEnumerable<OutboxRow> add, IEnumerable<(long First, long Last)> delete)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        foreach (var row in add)
            Insert(row, transaction);
        foreach (var (first, last) in delete)
            Run(_delete, transaction, first, last).ExecuteNonQuery();
        if (_given >= _reserved)
            SetReserved(_given + Reserve, transaction);
        transaction.Commit();
    }

    /// <summary>Messages from this number on, in order.</summary>
    public List<OutboxRow> Page(long first, int count)
    {
        var rows = new List<OutboxRow>();
        using var reader = Run(_page, null, first, count).ExecuteReader();
        while (reader.Read())
            rows.Add(Read(reader));
        return rows;
    }

    /// <summary>Whether there are messages of the same key that came before.</summary>
    public bool Earlier(ulong key, long number) => Run(_earlier, null, unchecked((long)key), number).ExecuteScalar() is not null;

    /// <summary>Messages that share a key with one of these, and came later.</summary>
    public List<long> Later(long first, long last)
    {
        var numbers = new List<long>();
        using var reader = Run(_later, null, first, last).ExecuteReader();
        while (reader.Read())
            numbers.Add(reader.GetInt64(0));
        return numbers;
    }

    /// <summary>By topic, the last message that was to be retained, whether it is here still or has left: what was meant to be retained before it no longer is.</summary>
    public Dictionary<string, long> Retained()
    {
        var retained = new Dictionary<string, long>();
        using var command = Command("SELECT topic, number FROM retained");
        using var reader = command.ExecuteReader();
        while (reader.Read())
            retained[reader.GetString(0)] = reader.GetInt64(1);
        return retained;
    }

    /// <summary>Gives unused space back to the disk, some of it.</summary>
    public void Shrink(int pages)
    {
        if (Scalar("PRAGMA freelist_count") < pages)
            return;
        using var command = Command(string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({pages})"));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            // A step frees a page.
        }
    }

    /// <summary>For tests, which look at settings and limit the file.</summary>
    internal object? Pragma(string pragma)
    {
        using var command = Command($"PRAGMA {pragma}");
        return command.ExecuteScalar();
    }

    public void Dispose()
    {
        try
        {
            SetReserved(_given, null);
        }
        catch (SqliteException)
        {
            // Then the next run begins a reserve further on.
        }
        Abandon();
    }

    /// <summary>Leaves the file as a crash would.</summary>
    internal void Abandon()
    {
        foreach (var command in (SqliteCommand[])[_insert, _retain, _delete, _page, _earlier, _later])
            command.Dispose();
        _connection.Dispose();
    }

    /// <returns>What was done, in a line.</returns>
    internal static string MoveAside(string path, TimeProvider time)
    {
        var aside = $"{path}.damaged-{time.GetUtcNow():yyyyMMdd-HHmmss}";
        for (var n = 2; File.Exists(aside); n++)
            aside = $"{path}.damaged-{time.GetUtcNow():yyyyMMdd-HHmmss}-{n}";
        foreach (var part in (string[])["", "-wal", "-shm"])
            if (File.Exists(path + part))
                File.Move(path + part, aside + part);
        return $"The outbox {path} is damaged: it was moved to {aside}, and a new one is begun. What had not been sent is in the recordings: 'sensorhub replay' sends it.";
    }

    private void Prepare(bool durable)
    {
        if (Scalar("PRAGMA application_id") is var id && id != ApplicationId && (id != 0 || Scalar("SELECT count(*) FROM sqlite_master") > 0))
            throw OutboxErrors.Foreign(Path);
        if (Scalar("PRAGMA user_version") is var version && version > Version)
            throw new UserException($"The outbox {Path} was written by a newer SensorHub (version {version}, this one knows {Version}): use that one, or choose another file.");
        Execute("PRAGMA auto_vacuum = INCREMENTAL"); // before there is anything in it
        Execute("PRAGMA journal_mode = WAL");
        Execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
        Execute("PRAGMA journal_size_limit = 16777216");
        using var transaction = _connection.BeginTransaction(deferred: false);
        Execute("CREATE TABLE IF NOT EXISTS outbox (name TEXT NOT NULL, reserved INTEGER NOT NULL)", transaction);
        Execute("""
            CREATE TABLE IF NOT EXISTS messages (
                number INTEGER PRIMARY KEY, at INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL, topic TEXT NOT NULL, retain INTEGER NOT NULL,
                expiry INTEGER NOT NULL, content TEXT, format INTEGER NOT NULL, properties TEXT NOT NULL, payload BLOB NOT NULL)
            """, transaction);
        Execute("CREATE INDEX IF NOT EXISTS messages_key ON messages (key, number)", transaction);
        Execute("CREATE TABLE IF NOT EXISTS retained (topic TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID", transaction);
        using (var read = Command("SELECT name, reserved FROM outbox"))
        {
            read.Transaction = transaction;
            using var reader = read.ExecuteReader();
            if (reader.Read())
                (Name, _reserved) = (Slug.Parse(reader.GetString(0)), reader.GetInt64(1));
        }
        if (Name.IsNone)
        {
            Name = Slug.Parse(RandomNumberGenerator.GetHexString(8, lowercase: true));
            using var name = Command("INSERT INTO outbox VALUES ($name, 0)", "$name");
            Run(name, transaction, Name.ToString()).ExecuteNonQuery();
        }
        _given = Math.Max(_reserved, Scalar("SELECT coalesce(max(number), 0) FROM messages", transaction));
        SetReserved(_given + Reserve, transaction);
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"), transaction);
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"), transaction);
        transaction.Commit();
    }

    private void SetReserved(long reserved, SqliteTransaction? transaction)
    {
        using var command = Command("UPDATE outbox SET reserved = $reserved", "$reserved");
        Run(command, transaction, reserved).ExecuteNonQuery();
        _reserved = reserved;
    }

    private void Insert(OutboxRow row, SqliteTransaction transaction)
    {
        var message = row.Message;
        Run(_insert, transaction,
            row.Number, row.At.ToUnixTimeMilliseconds(), unchecked((long)row.Key), row.Live ? 1 : 0, message.Topic, message.Retain ? 1 : 0,
            (long)message.MessageExpiryInterval, (object?)message.ContentType ?? DBNull.Value, (int)message.PayloadFormatIndicator,
            // MQTT's strings hold no U+0000.
            string.Join('\0', (message.UserProperties ?? []).SelectMany(p => (string[])[p.Name, Encoding.UTF8.GetString(p.ValueBuffer.Span)])),
            message.Payload.ToArray()).ExecuteNonQuery();
        if (message.Retain)
            Run(_retain, transaction, message.Topic, row.Number).ExecuteNonQuery();
    }

    private static OutboxRow Read(SqliteDataReader reader)
    {
        var properties = reader.GetString(9) is { Length: > 0 } text ? text.Split('\0') : [];
        return new OutboxRow(
            reader.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), unchecked((ulong)reader.GetInt64(2)), reader.GetInt64(3) != 0,
            new MqttApplicationMessage
            {
                Topic = reader.GetString(4),
                Retain = reader.GetInt64(5) != 0,
                MessageExpiryInterval = (uint)reader.GetInt64(6),
                ContentType = reader.IsDBNull(7) ? null : reader.GetString(7),
                PayloadFormatIndicator = (MqttPayloadFormatIndicator)reader.GetInt32(8),
                UserProperties = [.. properties.Chunk(2).Select(p => new MqttUserProperty(p[0], Encoding.UTF8.GetBytes(p[1])))],
                Payload = new ReadOnlySequence<byte>(reader.GetFieldValue<byte[]>(10)),
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            });
    }

    private static SqliteCommand Run(SqliteCommand command, SqliteTransaction? transaction, params ReadOnlySpan<object> values)
    {
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        return command;
    }

    private long Scalar(string sql, SqliteTransaction? transaction = null)
    {
        using var command = Command(sql);
        command.Transaction = transaction;
        return (long)command.ExecuteScalar()!;
    }

    private void Execute(string sql, SqliteTransaction? transaction = null)
    {
        using var command = Command(sql);
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // every word of it stands in this file
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var parameter in parameters)
            command.Parameters.Add(new SqliteParameter(parameter, null));
        return command;
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
}

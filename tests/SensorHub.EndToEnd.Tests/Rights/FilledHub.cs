using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Sensors;
using SensorHub.Studies;
using SensorHub.Storage.Bridging;
using SensorHub.Testing;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub.EndToEnd.Tests.Rights;

/// <summary>A data folder, a database and a broker with what real sessions of virtual people left there, and with what people wrote.</summary>
internal sealed class FilledHub : IAsyncDisposable
{
    /// <summary>To be erased; neither is a part of another word.</summary>
    public const string Leaver = "kestrel-41";
    public const string Stayer = "marten-77";

    public static readonly string[] SessionsOfLeaver = ["visit-kqx-1", "visit-kqx-2"];
    public const string SessionOfStayer = "visit-mzv-1";

    private readonly List<IAsyncDisposable> _servers = [];

    public string Data { get; } = HubProgram.NewFolder();

    public InfluxServer? Influx { get; private set; }

    public MosquittoServer? Mosquitto { get; private set; }

    public HubOptions Options { get; private set; } = null!;

    public string Recordings => Path.Combine(Data, "recordings");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="servers">With a real database and a real broker, not the embedded ones alone.</param>
    public static async Task<FilledHub> MakeAsync(bool servers)
    {
        var hub = new FilledHub();
        hub.Options = new HubOptions { Data = hub.Data, Mqtt = { Port = 0 } };
        if (servers)
        {
            hub.Influx = await InfluxServer.StartAsync();
            hub.Mosquitto = await MosquittoServer.StartAsync();
            hub._servers.AddRange([hub.Influx, hub.Mosquitto]);
            hub.Options.Influx.Url = hub.Influx.Url.ToString();
            (hub.Options.Mqtt.Host, hub.Options.Mqtt.Port, hub.Options.Mqtt.User, hub.Options.Mqtt.Password) = ("127.0.0.1", hub.Mosquitto.Port, MosquittoServer.User, MosquittoServer.Password);
        }
        await hub.PlayAsync(Leaver, SessionsOfLeaver[0], person: 1, day: 2);
        await hub.PlayAsync(Stayer, SessionOfStayer, person: 2, day: 3);
        await hub.PlayAsync(Leaver, SessionsOfLeaver[1], person: 1, day: 4);
        hub.WritePeople();
        hub.LeaveWaiting();
        return hub;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }

    /// <summary>The bytes of each file of the other person's recordings, as a hash, by its path.</summary>
    public SortedDictionary<string, string> HashesOfStayer() => new(
        Directory.EnumerateFiles(Path.Combine(Recordings, SessionOfStayer), "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(Data, f), f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))), StringComparer.Ordinal);

    /// <summary>Every row that is of the other person, as text, of every table of a file of SQLite.</summary>
    public List<string> RowsOfStayer(string file) => [.. Rows(Path.Combine(Data, file)).Where(r => r.Contains(Stayer, StringComparison.Ordinal) || r.Contains(SessionOfStayer, StringComparison.Ordinal))];

    public static List<string> Rows(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        var rows = new List<string>();
        foreach (var table in Read(connection, "SELECT name FROM sqlite_master WHERE type = 'table'"))
            rows.AddRange(Read(connection, $"SELECT * FROM \"{table}\"").Select(row => $"{table}|{row}"));
        return rows;
    }

    private static List<string> Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // names of the file's own tables
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : $"{reader.GetValue(i)}")));
        return rows;
    }

    /// <summary>A session as the hub has it: recorded, estimated, published, stored.</summary>
    private async Task PlayAsync(string subject, string session, int person, int day)
    {
        var simulated = new SimulatedSession(new SimulationOptions
        {
            Scenario = Scenario.Knock, Person = PersonTraits.Draw(person), Seed = person, Start = new DateTimeOffset(2026, 11, day, 9, 0, 0, TimeSpan.Zero),
            Session = Slug.Parse(session), Subject = Slug.Parse(subject),
        });
        await using var hub = await Hub.StartAsync(Options, live: false, web: false, desk: null, TimeProvider.System, NullLoggerFactory.Instance, Token);
        await hub.PlayAsync(
            (report, token) =>
            {
                simulated.Run(report, token);
                return Task.CompletedTask;
            }, mark: null, record: true, recording: null, Token);
    }

    private void WritePeople()
    {
        using var people = new PeopleContext(new DbContextOptionsBuilder<PeopleContext>().UseSqlite($"Data Source={Path.Combine(Data, "people.db")};Pooling=False").Options);
        people.Database.EnsureCreated();
        var now = new DateTimeOffset(2026, 11, 5, 0, 0, 0, TimeSpan.Zero);
        foreach (var (subject, account, name) in new[] { (Leaver, "account-1", "Ottilie Quast"), (Stayer, "account-2", "Bruno Marder") })
        {
            people.Users.Add(new Account { Id = account, UserName = name.Split(' ')[0], NormalizedUserName = name.Split(' ')[0].ToUpperInvariant(), DisplayName = name, PasswordHash = $"hash-of-{account}", Role = Role.Subject, CreatedAt = now });
            people.Subjects.Add(new Subject { Id = subject, Alias = $"alias of {name}", AccountId = account, BodyMassKg = 71, CreatedAt = now });
            people.Consents.Add(new Consent { SubjectId = subject, GrantedTo = "account-3", From = now, Until = now.AddDays(90) });
            people.Notes.Add(new Note { SubjectId = subject, Session = subject == Leaver ? SessionsOfLeaver[0] : SessionOfStayer, AuthorId = "account-3", At = now, Text = $"Stiff on the left. {name}" });
            people.Prescriptions.Add(new Prescription { SubjectId = subject, Json = "{\"schema\":\"plan/1\"}", AuthorId = "account-3", At = now });
            people.ExerciseTicks.Add(new ExerciseTick { SubjectId = subject, Day = new DateOnly(2026, 11, 5), Exercise = "bridge", At = now });
            people.AccessKeys.Add(new AccessKey { AccountId = account, Name = $"plots of {name}", Hash = $"key-of-{account}", CreatedAt = now, Until = now.AddDays(90) });
            people.CareTimes.Add(new CareTime { TherapistId = "account-3", SubjectId = subject, Day = new DateOnly(2026, 11, 5), Minutes = 12 });
            people.Audit.Add(new AuditEntry { At = now, SubjectId = subject, AccountId = "account-3", By = "Dr Berg", What = "WatchLive" });
        }
        people.Invitations.Add(new Invitation { TokenHash = "t", Name = "Ottilie Quast", InvitedBy = "account-3", CreatedAt = now, Until = now });
        people.Audit.Add(new AuditEntry { At = now, SubjectId = Stayer, AccountId = "account-1", By = "Ottilie Quast", What = "refused", Detail = $"asked by {Leaver}" });
        people.SaveChanges();
        KnownSensors.Open(Path.Combine(Data, KnownSensors.FileName), _ => { }).Put(new KnownSensor(Slug.Parse("roller-0001"), SensorKind.Roller, "Roller", "00:11", "Roller", Slug.Parse(Leaver)));
    }

    /// <summary>Messages of both that wait for a broker, and that no store took.</summary>
    private void LeaveWaiting()
    {
        Directory.CreateDirectory(Path.Combine(Data, "outbox"));
        using (var outbox = new SqliteConnection($"Data Source={Path.Combine(Data, "outbox", "hub.db")};Pooling=False"))
        {
            outbox.Open();
            using var make = outbox.CreateCommand();
            make.CommandText = """
                PRAGMA journal_mode = WAL;
                CREATE TABLE outbox (name TEXT NOT NULL, reserved INTEGER NOT NULL);
                CREATE TABLE messages (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL, topic TEXT NOT NULL, retain INTEGER NOT NULL,
                    expiry INTEGER NOT NULL, content TEXT, format INTEGER NOT NULL, properties TEXT NOT NULL, payload BLOB NOT NULL);
                CREATE TABLE retained (topic TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
                """;
            make.ExecuteNonQuery();
            foreach (var (subject, session) in new[] { (Leaver, SessionsOfLeaver[0]), (Stayer, SessionOfStayer) })
            {
                using var add = outbox.CreateCommand();
                add.CommandText = "INSERT INTO messages (at, key, live, topic, retain, expiry, format, properties, payload) VALUES (1, 1, 1, $topic, 0, 0, 0, $properties, $payload); INSERT INTO retained VALUES ($topic, 1)";
                add.Parameters.AddWithValue("$topic", Topics.Posture(Slug.Parse("home"), Slug.Parse(subject)));
                add.Parameters.AddWithValue("$properties", $"schema\0posture/1\0session\0{session}");
                add.Parameters.AddWithValue("$payload", Encoding.UTF8.GetBytes($$"""{"session":"{{session}}"}"""));
                add.ExecuteNonQuery();
            }
        }
        new StudyFolder(Path.Combine(Data, "studies")).Add(new Study
        {
            Id = Slug.Parse("flat-back"), Name = "Flat back", Protocol = "1.0", KeepDays = 10, Tasks = [new(Slug.Parse("knock"), "Knock")],
            Participants = [new(Slug.Parse("p01"), default, Slug.Parse(Leaver)), new(Slug.Parse("p02"), default, Slug.Parse(Stayer))],
        });
        var quarantine = Quarantine.Open(Path.Combine(Data, "quarantine"));
        foreach (var subject in new[] { Leaver, Stayer })
            foreach (var output in new[] { "store", "influx" })
                quarantine.Add(QuarantinedMessage.From(
                    new ReceivedMessage(Topics.Posture(Slug.Parse("home"), Slug.Parse(subject)), (byte[])[0xff, .. Encoding.UTF8.GetBytes(subject)]), Slug.Parse(output), "unparsable", "no JSON", TimeProvider.System.GetUtcNow()));
    }
}

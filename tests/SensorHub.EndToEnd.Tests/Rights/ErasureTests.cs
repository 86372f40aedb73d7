using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Rights;
using SensorHub.Rights.Erasing;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests.Rights;

/// <summary>One of two people is erased from files, a real InfluxDB and a real mosquitto; looked for by other means than the program's.</summary>
public sealed class ErasureTests
{
    private static readonly string[] Names = [FilledHub.Leaver, .. FilledHub.SessionsOfLeaver, "Ottilie", "account-1"];

    private readonly List<string> _said = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_left_of_one_person_in_files_database_and_broker_and_the_other_is_untouched()
    {
        await using var hub = await FilledHub.MakeAsync(servers: true);
        // In a second retention policy and in a measurement that the program does not know.
        await hub.Influx!.QueryAsync("CREATE RETENTION POLICY \"long\" ON \"sensorhub\" DURATION INF REPLICATION 1");
        await hub.Influx.QueryAsync($"SELECT * INTO \"sensorhub\".\"long\".\"posture\" FROM \"posture\" GROUP BY *", "sensorhub");
        await hub.Influx.WriteAsync("sensorhub", $"other,hub=home,subject={FilledHub.Leaver} v=1 1\nother,hub=home,subject={FilledHub.Stayer} v=1 1\nother,hub=elsewhere,subject={FilledHub.Stayer} v=1 1");
        var (files, store, people, influx) = (hub.HashesOfStayer(), hub.RowsOfStayer("store.db"), hub.RowsOfStayer("people.db"), await OfStayerAsync(hub.Influx));
        Assert.NotEmpty(IndependentScan.Find(hub.Data, Names));
        Assert.True(store.Count > 100 && influx.Count > 100 && people.Count >= 8, $"{store.Count}, {influx.Count}, {people.Count}");
        Assert.Contains(await RetainedAsync(hub.Mosquitto!), m => m.Contains(FilledHub.Leaver, StringComparison.Ordinal));

        var record = await EraseAsync(hub.Options, SubjectScope.Whole(Slug.Parse(FilledHub.Leaver)));

        Assert.Empty(_said);
        Assert.True(record.Complete);
        Assert.Empty(IndependentScan.Find(hub.Data, Names));
        foreach (var query in new[] { "SHOW SERIES", "SHOW TAG VALUES WITH KEY = \"subject\"", "SELECT * FROM /.*/", "SELECT * FROM \"long\".\"posture\"" })
        {
            var answer = await hub.Influx.QueryAsync(query, "sensorhub");
            Assert.DoesNotContain(Names, name => answer.Contains(name, StringComparison.Ordinal));
        }
        Assert.DoesNotContain(await RetainedAsync(hub.Mosquitto!), m => Names.Any(n => m.Contains(n, StringComparison.Ordinal)));

        Assert.Equal(files, hub.HashesOfStayer());
        Assert.Equal(store, hub.RowsOfStayer("store.db"));
        Assert.Equal(people.Count, hub.RowsOfStayer("people.db").Count);
        Assert.Equal(people.Where(r => !r.Contains("Ottilie", StringComparison.Ordinal)), hub.RowsOfStayer("people.db").Where(r => !r.Contains("(erased)", StringComparison.Ordinal)));
        Assert.Equal(influx, await OfStayerAsync(hub.Influx));
        Assert.Contains(await RetainedAsync(hub.Mosquitto!), m => m.Contains(FilledHub.Stayer, StringComparison.Ordinal));
        Assert.Equal(["recordings 2", "outbox 1", "quarantine 2", "sensors 1"], new[] { "recordings", "outbox", "quarantine", "sensors" }.Select(k => $"{k} {record.Erased[k]}"));
        Assert.Contains(FilledHub.Rows(Path.Combine(hub.Data, "people.db")), r => r.StartsWith("Audit", StringComparison.Ordinal) && r.Contains($"erased|", StringComparison.Ordinal) && r.Contains(record.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_record_says_what_was_done_and_not_a_word_of_whom()
    {
        await using var hub = await FilledHub.MakeAsync(servers: false);
        var record = await EraseAsync(hub.Options, SubjectScope.Whole(Slug.Parse(FilledHub.Leaver)));
        Assert.Empty(_said);
        var text = await File.ReadAllTextAsync(Path.Combine(hub.Data, "erasures", $"{record.Id}.json"), Token);
        Assert.DoesNotContain(Names, name => text.Contains(name, StringComparison.Ordinal));
        using var json = JsonDocument.Parse(text);
        Assert.Equal(("erasure/1", "person", true, 3), (json.RootElement.GetProperty("schema").GetString(), json.RootElement.GetProperty("scope").GetString(), json.RootElement.GetProperty("complete").GetBoolean(), json.RootElement.GetProperty("names").GetInt32()));
        Assert.True(json.RootElement.GetProperty("scanned").GetProperty("rows").GetInt64() > 100);
        Assert.False(Directory.Exists(Path.Combine(hub.Data, "erasing")));
    }

    [Fact]
    public async Task A_database_and_a_broker_that_are_away_are_said_and_the_same_again_finishes()
    {
        await using var hub = await FilledHub.MakeAsync(servers: true);
        await hub.Influx!.StopAsync();
        await hub.Mosquitto!.StopAsync();
        var record = await EraseAsync(hub.Options, SubjectScope.Whole(Slug.Parse(FilledHub.Leaver)));
        Assert.False(record.Complete);
        Assert.Equal(["broker", "influx_v1"], record.NotReached.Select(n => n.Place).Order(StringComparer.Ordinal));
        Assert.Equal(2, _said.Count(line => line.StartsWith("Not reached: ", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetDirectories(hub.Recordings, "visit-kqx*"));
        Assert.Equal(FilledHub.Leaver, Assert.Single(ErasureNote.Find(hub.Data)).Subject);

        // The sessions are in no recording any more: the note knows them.
        await hub.Influx.StartAgainAsync();
        await hub.Mosquitto.StartAgainAsync();
        _said.Clear();
        var again = await EraseAsync(hub.Options, SubjectScope.Whole(Slug.Parse(FilledHub.Leaver)));
        Assert.Empty(_said);
        Assert.Equal((true, record.Id), (again.Complete, again.Id));
        Assert.Empty(IndependentScan.Find(hub.Data, Names));
        Assert.DoesNotContain(FilledHub.SessionsOfLeaver[0], await hub.Influx.QueryAsync("SELECT * FROM /.*/", "sensorhub"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_whose_time_of_keeping_is_over_go_and_the_person_stays()
    {
        await using var hub = await FilledHub.MakeAsync(servers: true);
        var (gone, kept) = (FilledHub.SessionsOfLeaver[0], FilledHub.SessionsOfLeaver[1]);
        var day = Timestamp.Parse("2026-11-02T00:00:00Z");
        var stayer = hub.HashesOfStayer();

        var record = await EraseAsync(hub.Options, SubjectScope.Of(Slug.Parse(FilledHub.Leaver), [new SessionSpan(Slug.Parse(gone), day, day + TimeSpan.FromDays(1))]));

        Assert.Empty(_said);
        Assert.Equal((true, "sessions", 1L), (record.Complete, record.Scope, record.Erased["recordings"]));
        Assert.Empty(IndependentScan.Find(hub.Data, gone));
        Assert.DoesNotContain(gone, await hub.Influx!.QueryAsync("SELECT * FROM /.*/", "sensorhub"), StringComparison.Ordinal);
        Assert.Contains(kept, await hub.Influx.QueryAsync("SELECT * FROM /.*/", "sensorhub"), StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(hub.Recordings, kept)));
        Assert.Contains(FilledHub.Rows(Path.Combine(hub.Data, "people.db")), r => r.StartsWith($"Subjects|{FilledHub.Leaver}", StringComparison.Ordinal));
        Assert.Equal(stayer, hub.HashesOfStayer());
    }

    [Fact]
    public async Task Killed_anywhere_it_is_said_to_be_unfinished_and_the_next_one_comes_to_the_end()
    {
        await using var hub = await FilledHub.MakeAsync(servers: false);
        var stayer = hub.HashesOfStayer();
        string[] erase = ["subject", "erase", FilledHub.Leaver, "--yes", "--data", hub.Data];
        Func<bool>[] moments = [() => Directory.Exists(Path.Combine(hub.Data, "erasing")), () => Directory.GetDirectories(hub.Recordings, "visit-kqx*").Length < 2];
        foreach (var moment in moments)
        {
            await using var program = HubProgram.Start(erase);
            var ended = program.ExitAsync();
            using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            while (!ended.IsCompleted && !moment())
                await beat.WaitForNextTickAsync(Token);
            await program.KillAsync();
        }
        if (ErasureNote.Find(hub.Data).Count > 0) // the kill may have come when it was done
            await HubProgram.SaysAsync("subject", "erase", "--data", hub.Data);

        Assert.Empty(IndependentScan.Find(hub.Data, Names));
        Assert.Equal(stayer, hub.HashesOfStayer());
        Assert.Contains("Nothing is known of", string.Join('\n', (await HubProgram.RunAsync(erase)).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beside_a_running_hub_nothing_is_erased_and_one_line_says_why()
    {
        await using var hub = await FilledHub.MakeAsync(servers: false);
        using (DataFolder.Open(hub.Data).Lock())
            Assert.Contains("in use by another sensorhub", await HubProgram.RefusesAsync("subject", "erase", FilledHub.Leaver, "--yes", "--data", hub.Data), StringComparison.Ordinal);
        Assert.NotEmpty(IndependentScan.Find(hub.Data, FilledHub.SessionsOfLeaver[1]));
    }

    [Fact]
    public async Task A_hub_that_starts_says_that_an_erasure_is_unfinished_and_names_nobody()
    {
        var data = HubProgram.NewFolder();
        ErasureNote.Begin(SubjectScope.Whole(Slug.Parse(FilledHub.Leaver)), new DateTimeOffset(2026, 11, 5, 0, 0, 0, TimeSpan.Zero)).Keep(data);
        using (var loggers = new LoggerFactory([new Lines(_said)]))
        await using (await Hub.StartAsync(new HubOptions { Data = data, Mqtt = { Port = 0 } }, live: false, web: false, desk: null, TimeProvider.System, loggers, Token))
            Assert.Equal(["An erasure that began on 2026-11-05 is not finished: stop, and run 'sensorhub subject erase'."], _said);
        Directory.Delete(data, recursive: true);
    }

    private sealed class Lines(List<string> said) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => categoryName == typeof(Hub).FullName ? this : NullLogger.Instance;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => said.Add(formatter(state, exception));

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void Dispose()
        {
        }
    }

    private async Task<ErasureRecord> EraseAsync(HubOptions options, SubjectScope scope)
    {
        using var places = new SubjectPlaces(options, allHubs: false, TimeProvider.System);
        return await new Erasure(places, TimeProvider.System, _said.Add).RunAsync(scope, Token);
    }

    private static async Task<List<string>> OfStayerAsync(InfluxServer influx) =>
        [.. (await StoredRows.InInfluxAsync(influx)).Where(r => r.Key.Contains(FilledHub.Stayer, StringComparison.Ordinal) || r.Session == FilledHub.SessionOfStayer).Select(r => $"{r}").Order(StringComparer.Ordinal)];

    private static async Task<List<string>> RetainedAsync(MosquittoServer mosquitto) =>
        [.. (await new RetainedMessages(new MqttConnection("127.0.0.1", mosquitto.Port, MosquittoServer.User, MosquittoServer.Password), Slug.Parse("home"), TimeProvider.System).ReadAsync(Topics.All, Token))
            .Select(m => $"{m.Topic} {Encoding.UTF8.GetString(m.Payload.Span)} {string.Join(',', m.Properties)}")];
}

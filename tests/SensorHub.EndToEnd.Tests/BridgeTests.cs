using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.History;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub bridge</c> in processes of its own, at a real mosquitto and a real InfluxDB.</summary>
public sealed class BridgeTests : IDisposable
{
    private const string Posture = "sensorhub/1/home/subjects/p1/posture";
    private const string Rolling = "sensorhub/1/home/subjects/p1/rolling";

    private const string RollingPayload =
        """{"schema":"rolling/1","time":"2026-01-31T12:00:00.000000000Z","finality":"live","sensor":"roller-1","muscle":"hamstrings","side":"left","quality":"good","roll_angle_deg":1,"path_m":0.1,"speed_mps":0,"contact":true,"band":"good","strokes":1,"contact_s":1,"in_band_s":1}""";

    /// <summary>What the tests publish is old by the time they run.</summary>
    private static readonly Dictionary<string, string> KeepAll = new() { ["SENSORHUB_RETENTION__RAWDAYS"] = "3650", ["SENSORHUB_RETENTION__SECONDSDAYS"] = "3650" };

    private static readonly Timestamp Start = Timestamp.Parse("2026-01-31T12:00:00Z");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _folder = HubProgram.NewFolder();

    private string Store => Path.Combine(_folder, "store.db");

    private string Quarantined => Path.Combine(_folder, "quarantine");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Two_workers_that_share_the_work_give_the_rows_that_one_gives_though_one_of_them_is_killed_half_way()
    {
        await using var influx = await InfluxServer.StartAsync(database: null);
        await using (var mosquitto = await MosquittoServer.StartAsync())
        await using (var alone = await BridgeAsync(mosquitto, "--influx", influx.Url.ToString(), "--influx-database", "one"))
            await StreamAsync(mosquitto, () => Task.CompletedTask);

        await using (var mosquitto = await MosquittoServer.StartAsync())
        await using (var first = await BridgeAsync(mosquitto, "--influx", influx.Url.ToString(), "--influx-database", "two", "--share", "workers"))
        await using (var second = await BridgeAsync(mosquitto, "--influx", influx.Url.ToString(), "--influx-database", "two", "--share", "workers"))
        {
            await StreamAsync(mosquitto, first.KillAsync);
            Assert.Equal(0, await second.InterruptAsync());
        }

        var one = await influx.QueryAsync("SELECT * FROM /.*/", "one");
        Assert.Equal(Messages, await CountAsync(influx, "one", "posture"));
        Assert.Equal(Messages / 10, await CountAsync(influx, "one", "posture", "WHERE finality = 'final'"));
        Assert.Equal(one, await influx.QueryAsync("SELECT * FROM /.*/", "two"));
    }

    [Fact]
    public async Task A_database_that_hangs_or_is_killed_does_not_hold_up_the_store_and_gets_everything_afterwards()
    {
        await using var influx = await InfluxServer.StartAsync();
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var bridge = await BridgeAsync(mosquitto, "--influx", influx.Url.ToString(), "--store", Store);
        await using var hub = await NumberedPublisher.StartAsync(Connection(mosquitto), Slug.Parse("home"), [Bridge.Store, Bridge.Influx]);
        await PublishAsync(hub, 0, 300);
        await hub.ConfirmedAsync(Token);

        await influx.SuspendAsync();
        await PublishAsync(hub, 300, 300);
        await Until(async () => await StoredAsync() == 600);
        await influx.ResumeAsync();
        await hub.ConfirmedAsync(Token);

        await influx.StopAsync();
        await PublishAsync(hub, 600, 300);
        await Until(async () => await StoredAsync() == 900);
        Assert.True(hub.Unconfirmed > 0);
        await influx.StartAgainAsync();
        await hub.ConfirmedAsync(Token);

        Assert.Equal(900, await CountAsync(influx, "sensorhub", "posture"));
        Assert.Equal(0, await bridge.InterruptAsync());
        Assert.Contains(bridge.Errors, line => line.Contains("No InfluxDB listens", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_in_quarantine_is_listed_tried_again_and_dropped_beside_a_running_bridge()
    {
        await using var influx = await InfluxServer.StartAsync();
        await influx.WriteAsync("sensorhub", "rolling,hub=home path_m=\"far\" 1769860800000000000"); // of another type than ours
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var bridge = await BridgeAsync(mosquitto, "--influx", influx.Url.ToString(), "--quarantine", Quarantined);
        await using var hub = await NumberedPublisher.StartAsync(Connection(mosquitto), Slug.Parse("home"), [Bridge.Influx]);
        await hub.PublishAsync(Rolling, RollingPayload);
        await hub.PublishAsync(Posture, "Dear Sir or Madam");
        await hub.PublishAsync("sensorhub/1/home/subjects/../posture", "{}");
        await PublishAsync(hub, 0, 20);
        await hub.ConfirmedAsync(Token);
        Assert.Equal(20, await CountAsync(influx, "sensorhub", "posture"));

        var list = await HubProgram.SaysAsync("bridge", "quarantine", "list", "--quarantine", Quarantined);
        Assert.Equal(["field-type-conflict", "hostile-topic", "not-json"], list.Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries)[3].Trim()).Order());
        var messages = await ListAsync();
        var conflict = messages.Single(m => m.GetProperty("reason").GetString() == "field-type-conflict");
        Assert.Equal((Rolling, RollingPayload, "influx", "home"), (Text(conflict, "topic"), Text(conflict, "payload"), Text(conflict, "output"), Text(conflict, "hub")));
        Assert.Contains("path_m", Text(conflict, "detail"), StringComparison.Ordinal);

        // Mended: the other program's series is gone.
        await influx.QueryAsync("DROP MEASUREMENT rolling", "sensorhub");
        string[] retry = ["bridge", "quarantine", "retry", "--quarantine", Quarantined, "--data", _folder, "--influx", influx.Url.ToString()];
        var said = await HubProgram.SaysAsync([.. retry, Text(conflict, "id")]);
        Assert.Matches($"^{Text(conflict, "id")} is stored in InfluxDB .*", said[0]);
        Assert.Equal("Done: 1 message.", said[^1]);
        Assert.Equal(1, await CountAsync(influx, "sensorhub", "rolling"));

        // Not mended: it stays what it is, and a program that asked learns it.
        var letter = (await ListAsync()).Single(m => Text(m, "reason") == "not-json");
        var (exitCode, output, _) = await HubProgram.RunAsync([.. retry, Text(letter, "id")[..6]]);
        Assert.Equal((1, "Done: 0 messages. Kept: 1 message."), (exitCode, output[^1]));
        Assert.StartsWith($"{Text(letter, "id")} is kept: not-json: ", output[0], StringComparison.Ordinal);
        Assert.Contains(await ListAsync(), m => Text(m, "id") == Text(letter, "id"));

        Assert.Equal(["Dropped: 0 messages."], await HubProgram.SaysAsync("bridge", "quarantine", "drop", "--older-than", "1d", "--quarantine", Quarantined));
        Assert.Equal(["Dropped: 1 message."], await HubProgram.SaysAsync("bridge", "quarantine", "drop", Text(letter, "id"), "--quarantine", Quarantined));
        Assert.Equal(["Dropped: 1 message."], await HubProgram.SaysAsync("bridge", "quarantine", "drop", "--all", "--quarantine", Quarantined));
        Assert.Equal(["There is no message in quarantine."], await HubProgram.SaysAsync("bridge", "quarantine", "list", "--quarantine", Quarantined));
        Assert.Equal(0, await bridge.InterruptAsync());
    }

    [Fact]
    public async Task What_the_store_did_not_take_is_stored_beside_the_running_hub_that_has_it_open()
    {
        await using var hub = HubProgram.Start("run", "--simulate", "--data", _folder, "--port", "0", "--mqtt-port", "0");
        await hub.Page;
        var now = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()); // what is old is not kept
        var message = QuarantinedMessage.From(new ReceivedMessage(Posture, Encoding.UTF8.GetBytes(Payload(now))), Bridge.Store, "rejected", "", now.ToDateTimeOffset());
        Quarantine.Open(Quarantined).Add(message);

        var said = await HubProgram.SaysAsync("bridge", "quarantine", "retry", "--all", "--data", _folder);

        Assert.Equal([$"{message.Id} is stored in embedded store {Store}.", "Done: 1 message."], said);
        Assert.Equal(1, await StoredAsync(now));
        Assert.Equal(0, await hub.InterruptAsync());
    }

    [Fact]
    public async Task A_bridge_waits_for_a_broker_that_is_away_at_its_start_and_rolls_up_what_it_then_stores()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await mosquitto.StopAsync();
        await using var bridge = await BridgeAsync(mosquitto, "--store", Store);
        await Until(() => Task.FromResult(bridge.Errors.Any(line => line.Contains($"No MQTT broker listens at 127.0.0.1:{mosquitto.Port}", StringComparison.Ordinal))));

        await mosquitto.StartAgainAsync();
        await using var hub = await NumberedPublisher.StartAsync(Connection(mosquitto), Slug.Parse("home"), [Bridge.Store]);
        await PublishAsync(hub, 0, 100);
        await hub.ConfirmedAsync(Token);

        Assert.Equal(100, await StoredAsync());
        await Until(() => Task.FromResult(RolledUp() == 100));
        Assert.Equal(0, await bridge.InterruptAsync());
    }

    [Fact]
    public async Task A_bridge_that_the_broker_refuses_ends_with_what_to_check()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var (exitCode, _, errors) = await HubProgram.RunWithAsync(
            new Dictionary<string, string> { ["SENSORHUB_MQTT__PASSWORD"] = "wrong" }, ["bridge", "--data", _folder, .. At(mosquitto), "--store", Store]);

        Assert.Equal(1, exitCode);
        Assert.Contains("check the user name and the password", errors[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_at_the_embedded_broker_is_refused_with_what_to_do()
    {
        await using var broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Port = 0 }, BrokerCredentials.LoadOrCreate(_folder), TimeProvider.System);

        var (exitCode, _, errors) = await HubProgram.RunAsync("bridge", "--data", _folder, "--mqtt-port", $"{broker.Port}", "--influx", "http://127.0.0.1:1", "--share", "workers");

        Assert.Equal(1, exitCode);
        Assert.Contains("no shared subscriptions", errors[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--mqtt", "bridge", "--influx", "http://127.0.0.1:1")]
    [InlineData("--influx", "bridge", "--mqtt", "127.0.0.1")]
    [InlineData("no message 'abc'", "bridge", "quarantine", "drop", "abc")]
    [InlineData("/nowhere", "bridge", "quarantine", "list", "--quarantine", "/nowhere")]
    public async Task What_is_missing_is_named(string named, params string[] arguments) =>
        Assert.Contains(named, await HubProgram.RefusesAsync([.. arguments, "--data", _folder]), StringComparison.Ordinal);

    [Theory]
    [InlineData("--store", "bridge", "--mqtt", "127.0.0.1", "--influx", "http://127.0.0.1:1", "--store", "x.db", "--share", "workers")]
    [InlineData("--share", "bridge", "--mqtt", "127.0.0.1", "--influx", "http://127.0.0.1:1", "--share", "Two Words")]
    [InlineData("--all", "bridge", "quarantine", "retry")]
    [InlineData("--older-than", "bridge", "quarantine", "drop", "--older-than", "soon")]
    public async Task Wrong_usage_is_named_and_ends_with_2(string named, params string[] arguments)
    {
        var (exitCode, _, errors) = await HubProgram.RunAsync([.. arguments, "--data", _folder]);
        Assert.Equal(2, exitCode);
        Assert.Contains(named, errors[0], StringComparison.Ordinal);
    }

    private const int Messages = 3_000;

    /// <summary>A session's worth of live messages, and then a correction of every tenth.</summary>
    private static async Task StreamAsync(MosquittoServer mosquitto, Func<Task> halfWay)
    {
        await using var hub = await NumberedPublisher.StartAsync(Connection(mosquitto), Slug.Parse("home"), [Bridge.Influx]);
        await PublishAsync(hub, 0, Messages / 2);
        await halfWay();
        await PublishAsync(hub, Messages / 2, Messages / 2);
        await hub.ConfirmedAsync(Token);
        for (var i = 0; i < Messages; i += 10)
            await hub.PublishAsync(Posture, Payload(i, "final"));
        await hub.ConfirmedAsync(Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"sent again: {hub.Resent}");
    }

    private static async Task PublishAsync(NumberedPublisher hub, int from, int count)
    {
        foreach (var burst in Enumerable.Range(from, count).Chunk(50))
            await Task.WhenAll(burst.Select(i => hub.PublishAsync(Posture, Payload(i))));
    }

    private static string Payload(int number, string finality = "live") => Payload(Start + TimeSpan.FromMilliseconds(40 * number), number, finality);

    private static string Payload(Timestamp time, int number = 1, string finality = "live") =>
        $$"""{"schema":"posture/1","time":"{{time}}","finality":"{{finality}}","sensor":"clip-1","phase":"standing","method":"two-element-gravity","quality":"good","lordosis_deg":{{(finality == "live" ? number : -number)}}.5}""";

    /// <summary>A bridge that has connected.</summary>
    private async Task<HubProgram> BridgeAsync(MosquittoServer mosquitto, params string[] arguments)
    {
        var bridge = HubProgram.StartWith(KeepAll, ["bridge", "--data", _folder, .. At(mosquitto), .. arguments]);
        await Until(() => Task.FromResult(bridge.Output.Contains("Ctrl-C ends it.")), () => string.Join('\n', bridge.Errors));
        return bridge;
    }

    private static string[] At(MosquittoServer mosquitto) => ["--mqtt", "127.0.0.1", "--mqtt-port", $"{mosquitto.Port}", "--config", mosquitto.SettingsFile];

    private static MqttConnection Connection(MosquittoServer mosquitto) => new("127.0.0.1", mosquitto.Port, MosquittoServer.User, MosquittoServer.Password);

    /// <summary>Points of subject p1 in the store, within an hour.</summary>
    private async Task<int> StoredAsync(Timestamp? from = null)
    {
        var query = new HistoryQuery("posture", ["lordosis_deg"], from ?? Start, (from ?? Start) + TimeSpan.FromHours(1)) { Tags = new Dictionary<string, string> { ["subject"] = "p1" } };
        return (await new SqliteHistory(Store).QueryAsync(query, Token)).Sum(s => s.Rows.Count);
    }

    /// <summary>Points that the minutes' roll-ups count.</summary>
    private long RolledUp()
    {
        using var connection = new SqliteConnection($"Data Source={Store};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(sum(points), 0) FROM posture_1min";
        return (long)command.ExecuteScalar()!;
    }

    private static async Task<int> CountAsync(InfluxServer influx, string database, string measurement, string where = "")
    {
        using var json = JsonDocument.Parse(await influx.QueryAsync($"SELECT finality FROM {measurement} {where}", database));
        return json.RootElement.GetProperty("results")[0].TryGetProperty("series", out var series) ? series[0].GetProperty("values").GetArrayLength() : 0;
    }

    private async Task<List<JsonElement>> ListAsync()
    {
        using var json = JsonDocument.Parse(string.Join('\n', await HubProgram.SaysAsync("bridge", "quarantine", "list", "--json", "--quarantine", Quarantined)));
        return [.. json.RootElement.EnumerateArray().Select(m => m.Clone())];
    }

    private static string Text(JsonElement message, string property) => message.GetProperty(property).GetString()!;

    private static async Task Until(Func<Task<bool>> condition, Func<string>? otherwise = null)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, otherwise?.Invoke() ?? "It did not come so far.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }
}

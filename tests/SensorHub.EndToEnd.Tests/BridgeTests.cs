using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
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
    public async Task What_is_in_quarantine_is_listed_published_again_and_dropped_beside_a_running_bridge()
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
        Assert.Equal(["Published again: 1 message."], await HubProgram.SaysAsync(["bridge", "quarantine", "retry", Text(conflict, "id"), "--quarantine", Quarantined, .. At(mosquitto)]));
        await Until(async () => await CountAsync(influx, "sensorhub", "rolling") == 1);

        // Not mended: it comes back, and says how often it was tried.
        var letter = (await ListAsync()).Single(m => Text(m, "reason") == "not-json");
        await HubProgram.SaysAsync(["bridge", "quarantine", "retry", Text(letter, "id")[..6], "--quarantine", Quarantined, .. At(mosquitto)]);
        await Until(async () => (await ListAsync()).Any(m => Text(m, "reason") == "not-json" && Text(m, "id") != Text(letter, "id")));
        var back = (await ListAsync()).Single(m => Text(m, "reason") == "not-json");
        Assert.Contains(back.GetProperty("properties").EnumerateArray(), p => p[0].GetString() == "retried" && p[1].GetString() == "1");

        Assert.Equal(["Dropped: 0 messages."], await HubProgram.SaysAsync("bridge", "quarantine", "drop", "--older-than", "1d", "--quarantine", Quarantined));
        Assert.Equal(["Dropped: 1 message."], await HubProgram.SaysAsync("bridge", "quarantine", "drop", Text(back, "id"), "--quarantine", Quarantined));
        Assert.Equal(["Dropped: 1 message."], await HubProgram.SaysAsync("bridge", "quarantine", "drop", "--all", "--quarantine", Quarantined));
        Assert.Equal(["There is no message in quarantine."], await HubProgram.SaysAsync("bridge", "quarantine", "list", "--quarantine", Quarantined));
        Assert.Equal(0, await bridge.InterruptAsync());
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

    private static string Payload(int number, string finality = "live") =>
        $$"""{"schema":"posture/1","time":"{{Start + TimeSpan.FromMilliseconds(40 * number)}}","finality":"{{finality}}","sensor":"clip-1","phase":"standing","method":"two-element-gravity","quality":"good","lordosis_deg":{{(finality == "live" ? number : -number)}}.5}""";

    /// <summary>A bridge that has connected.</summary>
    private async Task<HubProgram> BridgeAsync(MosquittoServer mosquitto, params string[] arguments)
    {
        var bridge = HubProgram.Start(["bridge", "--data", _folder, .. At(mosquitto), .. arguments]);
        await Until(() => Task.FromResult(bridge.Output.Contains("Ctrl-C ends it.")), () => string.Join('\n', bridge.Errors));
        return bridge;
    }

    private static string[] At(MosquittoServer mosquitto) => ["--mqtt", "127.0.0.1", "--mqtt-port", $"{mosquitto.Port}", "--config", mosquitto.SettingsFile];

    private static MqttConnection Connection(MosquittoServer mosquitto) => new("127.0.0.1", mosquitto.Port, MosquittoServer.User, MosquittoServer.Password);

    private async Task<int> StoredAsync() =>
        (await new SqliteHistory(Store).QueryAsync(new HistoryQuery("posture", ["lordosis_deg"], Start, Start + TimeSpan.FromHours(1)), Token)).Sum(s => s.Rows.Count);

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

using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Units;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Publishing;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.History;
using SensorHub.Storage.Influx;
using SensorHub.Testing;

namespace SensorHub.Storage.Tests.Bridging;

/// <summary>From features through a real broker to a real database.</summary>
public sealed class BrokerTests(Servers servers) : IDisposable
{
    private const int Count = 2_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-bridge-").FullName;

    private string File => Path.Combine(_folder, "store.db");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_published_feature_is_in_the_embedded_store_and_in_InfluxDB_with_the_same_values(bool embedded)
    {
        await using var broker = await StartBrokerAsync(embedded);
        var influx = await servers.V1Async();
        await using var store = SqliteStore.Open(File);
        await using var output = new InfluxOutput(influx, TimeProvider.System);
        await using var toStore = await StartAsync(broker.Connection, Bridge.Store, store);
        await using var toInflux = await StartAsync(broker.Connection, Bridge.Influx, output);
        await PublishAsync(broker.Connection);
        await Until(() => toStore.Status.Stored == Count && toInflux.Status.Stored == Count);

        Assert.All([toStore.Status, toInflux.Status], s => Assert.Equal((Count, 0), ((int)s.Received, s.Quarantined.Count)));
        var query = new HistoryQuery("posture", ["lordosis_deg", "lordosis_u_deg"], Points.Start, Points.Start + TimeSpan.FromHours(1));
        using var history = new InfluxHistory(influx, TimeProvider.System);
        var fromStore = Assert.Single(await new SqliteHistory(File).QueryAsync(query, Token));
        var fromInflux = Assert.Single(await history.QueryAsync(query, Token));
        Assert.Equal(Count, fromStore.Rows.Count);
        Assert.Equal(fromStore.Rows.Select(r => (r.Time, r.Values[0], r.Values[1])), fromInflux.Rows.Select(r => (r.Time, r.Values[0], r.Values[1])));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_not_stored_when_a_bridge_ended_is_delivered_to_the_next_one(bool embedded)
    {
        await using var broker = await StartBrokerAsync(embedded);
        var away = new FakeOutput(TimeProvider.System) { Failure = _ => new OutputException("Away.", OutputFault.Unavailable) };
        await using (var first = await StartAsync(broker.Connection, Bridge.Store, away, capacity: 100, stopTimeout: TimeSpan.FromMilliseconds(1)))
        {
            await PublishAsync(broker.Connection);
            await Until(() => first.Status.Waiting >= 100);
        }
        Assert.Empty(away.Stored);

        await using var store = SqliteStore.Open(File);
        await using var second = await StartAsync(broker.Connection, Bridge.Store, store, capacity: 100);
        await Until(() => second.Status.Stored >= Count);

        var query = new HistoryQuery("posture", ["lordosis_deg"], Points.Start, Points.Start + TimeSpan.FromHours(1));
        Assert.Equal(Count, Assert.Single(await new SqliteHistory(File).QueryAsync(query, Token)).Rows.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_output_that_is_away_holds_up_no_other_and_gets_everything_when_it_is_back(bool embedded)
    {
        await using var broker = await StartBrokerAsync(embedded);
        var back = false;
        var away = new FakeOutput(TimeProvider.System) { Failure = _ => Volatile.Read(ref back) ? null : new OutputException("Away.", OutputFault.Unavailable) };
        await using var store = SqliteStore.Open(File);
        await using var toAway = await StartAsync(broker.Connection, Bridge.Influx, away, capacity: 50);
        await using var toStore = await StartAsync(broker.Connection, Bridge.Store, store, capacity: 50);
        await PublishAsync(broker.Connection);
        await Until(() => toStore.Status.Stored == Count);
        Assert.Equal((0L, "Away."), (toAway.Status.Stored, toAway.Status.Fault));

        Volatile.Write(ref back, true);
        await Until(() => toAway.Status.Stored == Count);
    }

    [Fact]
    public async Task A_shared_subscription_at_the_embedded_broker_is_refused_with_what_to_do()
    {
        await using var broker = await StartBrokerAsync(embedded: true);

        var refusal = await Assert.ThrowsAsync<MqttLinkException>(() => StartAsync(broker.Connection, Bridge.Influx, new FakeOutput(TimeProvider.System), group: "workers"));

        Assert.Contains("no shared subscriptions", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Two bridges, one of whose databases refuses what the other takes: each poison is in quarantine once a bridge that does not take it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_poison_message_of_each_kind_goes_to_quarantine_with_its_reason_while_the_stream_goes_on(bool embedded)
    {
        await using var broker = await StartBrokerAsync(embedded);
        var influx = await servers.V1Async();
        // What another program left behind: from now on this field is a text here.
        await (await servers.InfluxAsync()).WriteAsync(influx.Database, "rolling,hub=home path_m=\"far\" 1769860800000000000");
        await using var store = SqliteStore.Open(File);
        await using var output = new InfluxOutput(influx, TimeProvider.System);
        await using var toStore = await StartAsync(broker.Connection, Bridge.Store, store);
        await using var toInflux = await StartAsync(broker.Connection, Bridge.Influx, output);
        await using var hub = await NumberedPublisher.StartAsync(broker.Connection, Slug.Parse("home"), [Bridge.Store, Bridge.Influx]);

        (string Reason, string Topic, string Payload)[] poison =
        [
            ("not-json", Posture, "Dear Sir or Madam"),
            ("not-json", Posture, "{\"schema\":\"posture/1\""),
            ("wrong-schema", Posture, "{\"schema\":\"rolling/1\"}"),
            ("unknown-version", Posture, "{\"schema\":\"posture/2\",\"angle\":3}"),
            ("field-type-conflict", Posture, PostureAt(0).Replace("30.5", "\"steep\"", StringComparison.Ordinal)),
            ("not-finite", Posture, PostureAt(0).Replace("30.5", "NaN", StringComparison.Ordinal)),
            ("not-finite", Posture, PostureAt(0).Replace("30.5", "1e400", StringComparison.Ordinal)),
            ("too-large", Posture, $"{{\"schema\":\"posture/1\",\"x\":\"{new string('x', 200_000)}\"}}"),
            ("hostile-topic", "sensorhub/1/home/subjects/../posture", PostureAt(0)),
            ("hostile-topic", $"sensorhub/1/home/subjects/{new string('p', embedded ? 200 : 10_000)}/posture", PostureAt(0)), // the embedded broker itself refuses more than 256 bytes
            ("foreign-topic", "sensorhub/1/home/subjects/p1; DROP TABLE posture/posture", PostureAt(0)),
            ("bad-tag", Posture, PostureAt(0).Replace("two-element-gravity", "a,b=c d=1\\nposture e=2", StringComparison.Ordinal)),
            ("malformed", Posture, "{\"schema\":\"posture/1\",\"time\":\"yesterday\"}"),
        ];
        var good = 0;
        foreach (var (_, topic, payload) in poison)
        {
            for (var i = 0; i < 20; i++)
                await hub.PublishAsync(Posture, PostureAt(good++));
            await hub.PublishAsync(topic, payload);
        }
        await hub.PublishAsync("sensorhub/1/home/subjects/p1/rolling", RollingPayload);
        for (var i = 0; i < 20; i++)
            await hub.PublishAsync(Posture, PostureAt(good++));
        await hub.ConfirmedAsync(Token);

        var query = new HistoryQuery("posture", ["lordosis_deg"], Points.Start, Points.Start + TimeSpan.FromHours(1));
        using var history = new InfluxHistory(influx, TimeProvider.System);
        Assert.Equal(good, Assert.Single(await new SqliteHistory(File).QueryAsync(query, Token)).Rows.Count);
        Assert.Equal(good, Assert.Single(await history.QueryAsync(query, Token)).Rows.Count);
        var kept = Quarantine.Open(Path.Combine(_folder, "quarantine")).List(trouble => Assert.Fail(trouble)).ToLookup(m => m.Output);
        var reasons = poison.Select(p => (p.Reason, p.Topic, p.Payload)).ToList();
        Assert.Equal(reasons.Order(), kept["store"].Select(m => (m.Reason, m.Topic, m.Payload!)).Order());
        Assert.Equal(reasons.Append(("field-type-conflict", "sensorhub/1/home/subjects/p1/rolling", RollingPayload)).Order(), kept["influx"].Select(m => (m.Reason, m.Topic, m.Payload!)).Order());
        Assert.Contains("path_m", Assert.Single(kept["influx"], m => m.Payload == RollingPayload).Detail, StringComparison.Ordinal);
    }

    private const string Posture = "sensorhub/1/home/subjects/p1/posture";

    private const string RollingPayload =
        """{"schema":"rolling/1","time":"2026-01-31T12:00:00.000000000Z","finality":"live","sensor":"roller-1","muscle":"hamstrings","side":"left","quality":"good","roll_angle_deg":1,"path_m":0.1,"speed_mps":0,"contact":true,"band":"good","strokes":1,"contact_s":1,"in_band_s":1}""";

    private static string PostureAt(int number) =>
        $$"""{"schema":"posture/1","time":"{{Points.Start + TimeSpan.FromMilliseconds(40 * number)}}","finality":"live","sensor":"clip-1","phase":"standing","method":"two-element-gravity","quality":"good","lordosis_deg":30.5}""";

    private Task<BridgeWorker> StartAsync(MqttConnection connection, Slug id, IPointOutput output, int capacity = 1000, TimeSpan? stopTimeout = null, string? group = null) => BridgeWorker.StartAsync(
        connection, id, output, Quarantine.Open(Path.Combine(_folder, "quarantine")), new WorkerOptions { Name = Slug.Parse("test"), Group = group is null ? default : Slug.Parse(group) },
        new BridgeOptions { Capacity = capacity, BatchInterval = TimeSpan.FromMilliseconds(5), StopTimeout = stopTimeout ?? Patience }, TimeProvider.System, null, Token);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static async Task PublishAsync(MqttConnection connection)
    {
        await using var link = new MqttLink(connection, new MqttLinkOptions { ClientId = "hub" }, TimeProvider.System);
        await link.ConnectAsync(Token);
        await using var publisher = new FeaturePublisher(link, new HubMessages(Slug.Parse("home")), new PublisherOptions());
        for (var i = 0; i < Count; i++)
        {
            publisher.Publish(new PostureEstimate
            {
                Time = Points.Start + TimeSpan.FromMilliseconds(40 * i), Subject = Slug.Parse("p1"), Sensor = Slug.Parse("clip"), Phase = Phase.Standing,
                Method = "two-element-gravity", Quality = Quality.Good, Lordosis = new Measured(30 + 0.01 * i, 2),
            });
        }
        await publisher.FlushAsync(Token);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
    }

    private static async Task<RunningBroker> StartBrokerAsync(bool embedded)
    {
        if (embedded)
        {
            var broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Port = 0 }, BrokerCredentials.Generate(), TimeProvider.System);
            return new RunningBroker(broker, broker.Connection(BrokerRole.Hub));
        }
        var mosquitto = await MosquittoServer.StartAsync();
        return new RunningBroker(mosquitto, new MqttConnection("127.0.0.1", mosquitto.Port, MosquittoServer.User, MosquittoServer.Password));
    }

    private sealed record RunningBroker(IAsyncDisposable Broker, MqttConnection Connection) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Broker.DisposeAsync();
    }
}

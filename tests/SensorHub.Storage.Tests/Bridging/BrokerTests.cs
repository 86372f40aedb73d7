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
        var bridge = new Bridge([store, output], new BridgeOptions { BatchInterval = TimeSpan.FromMilliseconds(5), StopTimeout = Patience }, TimeProvider.System);
        await using (var worker = await Worker.StartAsync(broker.Connection, bridge))
        {
            await PublishAsync(broker.Connection);
            await Until(() => bridge.Status.Received >= Count);
            await bridge.FlushAsync(Token);
        }

        Assert.Equal((Count, 0, 0), ((int)bridge.Status.Received, bridge.Status.Rejected.Count, bridge.Status.Waiting));
        Assert.All(bridge.Status.Outputs, o => Assert.Equal(Count, o.Stored));
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
        var first = new Bridge([away], new BridgeOptions { Capacity = 100, StopTimeout = TimeSpan.FromMilliseconds(1) }, TimeProvider.System);
        await using (await Worker.StartAsync(broker.Connection, first))
        {
            await PublishAsync(broker.Connection);
            await Until(() => first.Status.Waiting == 100);
        }
        Assert.Empty(away.Stored);

        await using var store = SqliteStore.Open(File);
        var second = new Bridge([store], new BridgeOptions { Capacity = 100, BatchInterval = TimeSpan.FromMilliseconds(5), StopTimeout = Patience }, TimeProvider.System);
        await using (await Worker.StartAsync(broker.Connection, second))
            await Until(() => second.Status.Received >= Count);

        var query = new HistoryQuery("posture", ["lordosis_deg"], Points.Start, Points.Start + TimeSpan.FromHours(1));
        Assert.Equal(Count, Assert.Single(await new SqliteHistory(File).QueryAsync(query, Token)).Rows.Count);
    }

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

    /// <summary>A bridge at its broker, as the program runs it.</summary>
    private sealed class Worker(MqttLink link, Task running, CancellationTokenSource stop) : IAsyncDisposable
    {
        public static async Task<Worker> StartAsync(MqttConnection connection, Bridge bridge)
        {
            var link = new MqttLink(connection, new MqttLinkOptions { ClientId = "bridge", SessionExpiry = TimeSpan.FromHours(1) }, TimeProvider.System);
            var subscription = link.Subscribe(Bridge.Topics, new SubscriptionOptions { ManualAcknowledgement = true, Capacity = 100 });
            await link.ConnectAsync(Token);
            var stop = new CancellationTokenSource();
            return new Worker(link, bridge.RunAsync(subscription.Messages, stop.Token), stop);
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await running;
            await link.DisposeAsync();
            stop.Dispose();
        }
    }
}

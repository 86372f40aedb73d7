using System.Net;
using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Pipelines.Recording;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>A hub at home with its own broker and store, and a clinic's broker, bridge and InfluxDB: each a program of its own.</summary>
public sealed class UpstreamTests : IAsyncDisposable
{
    /// <summary>Behind the start of an outage nothing is in flight any more.</summary>
    private static readonly TimeSpan InFlight = TimeSpan.FromSeconds(3);

    private readonly string _data = HubProgram.NewFolder();
    private readonly string _clinic = HubProgram.NewFolder();
    private readonly List<HubProgram> _bridges = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var bridge in _bridges)
            await bridge.DisposeAsync();
        Directory.Delete(_data, recursive: true);
        Directory.Delete(_clinic, recursive: true);
    }

    [Fact]
    public async Task Though_the_clinics_broker_and_bridge_are_killed_its_InfluxDB_has_the_rows_of_the_hubs_own_store()
    {
        await using var influx = await InfluxServer.StartAsync();
        await using var broker = await ClinicBroker.StartAsync();
        var bridge = Bridge(broker, influx);
        await using (var hub = Run(broker, "--simulate"))
        {
            await HubHealth.UntilAsync(hub, health => health.Waiting("upstream_outbox") < 100 && health["upstream_publisher"].GetProperty("published").GetInt64() > 500);

            // kill -9 of the broker: longer than what is live stays live.
            broker.Way.Shut();
            var away = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
            await broker.KillAsync();
            var ill = await HubHealth.UntilAsync(hub, health => health.OldestSeconds("upstream_outbox") > 20);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "failed"), (ill.Status, ill["upstream_broker"].GetProperty("status").GetString()));
            Assert.Equal("ok", ill["outbox"].GetProperty("status").GetString());
            await broker.StartAgainAsync();
            await using (var heard = await Heard.ListenAsync(broker.Connection(BrokerRole.Reader)))
            {
                broker.Way.Reopen();
                await CaughtUpAsync(hub);
                LiveCameFirst(await heard.PostureAsync(), away + InFlight);
            }

            await bridge.KillAsync();
            await HubHealth.UntilAsync(hub, health => health.OldestSeconds("upstream_outbox") > 5);
            bridge = Bridge(broker, influx);
            await CaughtUpAsync(hub);

            Assert.Equal(0, await hub.InterruptAsync());
        }
        // What the hub did not wait for when it was stopped, the next run sends: here one without sensors.
        await using (var rest = Run(broker))
        {
            await HubHealth.UntilAsync(rest, health => health.Waiting("upstream_outbox") == 0 && health.Waiting("outbox") == 0);
            Assert.Equal(0, await rest.InterruptAsync());
        }
        Assert.Equal(0, await bridge.InterruptAsync());

        var (here, there) = (StoredRows.InStore(Path.Combine(_data, "store.db")), await StoredRows.InInfluxAsync(influx));
        StoredRows.AreTheSame(here, there);
        TestContext.Current.TestOutputHelper?.WriteLine($"{here.Count} rows, at the clinic {string.Join(", ", there.GroupBy(r => r.Finality).Select(g => $"{g.Count()} {g.Key}"))}");
    }

    [Fact]
    public async Task A_command_given_at_the_clinics_broker_reaches_the_hub()
    {
        await using var broker = await ClinicBroker.StartAsync();
        await using var hub = Run(broker, "--simulate");
        await HubHealth.UntilAsync(hub, health => health["upstream_publisher"].GetProperty("published").GetInt64() > 50);
        await using (var phone = new MqttLink(broker.Connection(BrokerRole.Control), new MqttLinkOptions { ClientId = "phone" }, TimeProvider.System))
        {
            await phone.ConnectAsync(Token);
            await phone.PublishAsync(new HubMessages(Slug.Parse("home")).Command(new Marker.PainReported(4, PainCharacter.Pressure)), Token);
        }
        await Patiently.Until(() => Task.FromResult(Markers().Contains(new Marker.PainReported(4, PainCharacter.Pressure))), () => string.Join('\n', hub.Errors));
        Assert.Equal(0, await hub.InterruptAsync());
    }

    [Fact]
    public async Task A_broker_that_was_never_reached_is_told_in_one_line_each_time_and_nothing_runs()
    {
        var port = ServerProcess.FreePort();
        for (var i = 0; i < 2; i++)
        {
            var said = await HubProgram.RefusesAsync("run", "--simulate", "--port", "0", "--mqtt-port", "0", "--data", _data, "--upstream", "localhost", "--upstream-port", $"{port}");
            Assert.Equal($"sensorhub: No MQTT broker listens at localhost:{port}: start one, or check host and port.", said);
        }
    }

    [Fact]
    public async Task A_broker_that_was_reached_before_may_be_away_at_the_start_and_one_of_other_settings_may_not()
    {
        await using var broker = await ClinicBroker.StartAsync();
        await using (var first = Run(broker))
        {
            await first.Page;
            Assert.Equal(0, await first.InterruptAsync());
        }
        await broker.KillAsync();

        await using (var second = Run(broker))
        {
            var ill = await HubHealth.UntilAsync(second, health => health["upstream_broker"].GetProperty("status").GetString() == "failed");
            Assert.NotEmpty(ill["upstream_broker"].GetProperty("do").GetString()!);
            Assert.Single(second.Errors, line => line.EndsWith("The hub goes on without it: what is to go there waits in the outbox.", StringComparison.Ordinal));
            await broker.StartAgainAsync();
            await HubHealth.UntilAsync(second, health => health["upstream_broker"].GetProperty("status").GetString() == "ok");
            Assert.Equal(0, await second.InterruptAsync());
        }

        var elsewhere = broker.Hub;
        elsewhere["SENSORHUB_UPSTREAM__PORT"] = $"{ServerProcess.FreePort()}";
        await using var third = HubProgram.StartWith(elsewhere, "run", "--port", "0", "--mqtt-port", "0", "--data", _data);
        Assert.Equal(1, await third.ExitAsync());
        Assert.Contains("No MQTT broker listens at", Assert.Single(third.Errors), StringComparison.Ordinal);
    }

    private HubProgram Run(ClinicBroker broker, params string[] arguments) =>
        HubProgram.StartWith(broker.Hub, ["run", .. arguments, "--port", "0", "--mqtt-port", "0", "--data", _data]);

    private HubProgram Bridge(ClinicBroker broker, InfluxServer influx)
    {
        var bridge = HubProgram.StartWith(broker.Bridge, "bridge", "--influx", influx.Url.ToString(), "--data", _clinic);
        _bridges.Add(bridge);
        return bridge;
    }

    /// <summary>All that was late is confirmed: what is left is what was just said.</summary>
    private static Task<HubHealth> CaughtUpAsync(HubProgram hub) => HubHealth.UntilAsync(hub, health => health.OldestSeconds("upstream_outbox") < 3);

    /// <summary>What was said in the outage came behind what was live then, in order, and said that it was late.</summary>
    private static void LiveCameFirst(IReadOnlyList<(Timestamp Time, string Finality)> heard, Timestamp outage)
    {
        var late = heard.Where(h => h.Finality == "historical" && h.Time > outage).Select(h => h.Time).ToList();
        Assert.True(late.Count > 100, $"{late.Count} were late");
        Assert.Equal(late.Distinct().Order(), late.Distinct());
        // What was in flight at the end of the connection is sent again before all others.
        var first = heard.SkipWhile(h => h.Time <= outage).First();
        Assert.Equal("live", first.Finality);
        Assert.True(first.Time > late[0] + InFlight);
    }

    private IEnumerable<Marker> Markers() => Directory.GetDirectories(Path.Combine(_data, "recordings"))
        .SelectMany(folder => RecordingReader.Read(folder)).OfType<SensorRecord.Marked>().Select(marked => marked.Marker);

    /// <summary>What a reader hears at a broker, in its order.</summary>
    private sealed class Heard : IAsyncDisposable
    {
        private readonly MqttLink _link;
        private readonly Task<List<(Timestamp, string)>> _posture;

        private Heard(MqttLink link)
        {
            _link = link;
            _posture = ListenAsync(link.Subscribe($"{Topics.Root}/+/subjects/+/posture"));
        }

        public static async Task<Heard> ListenAsync(MqttConnection broker)
        {
            var heard = new Heard(new MqttLink(broker, new MqttLinkOptions { ClientId = "witness" }, TimeProvider.System));
            await heard._link.ConnectAsync(Token);
            return heard;
        }

        /// <summary>Ends the listening.</summary>
        public async Task<IReadOnlyList<(Timestamp Time, string Finality)>> PostureAsync()
        {
            await _link.DisposeAsync();
            return await _posture;
        }

        public ValueTask DisposeAsync() => _link.DisposeAsync();

        private static async Task<List<(Timestamp, string)>> ListenAsync(Mqtt.Subscribing.MqttSubscription subscription)
        {
            var heard = new List<(Timestamp, string)>();
            await foreach (var message in subscription.Messages.ReadAllAsync())
            {
                using var json = JsonDocument.Parse(message.Payload);
                heard.Add((Timestamp.Parse(json.RootElement.GetProperty("time").GetString()!), json.RootElement.GetProperty("finality").GetString()!));
            }
            return heard;
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Formatter;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Broker;
using SensorHub.Pipelines.Recording;
using SensorHub.Testing;
using SensorHub.Testing.FakeBlueZ;

namespace SensorHub.Faults;

/// <summary>
/// Everything that takes part: twenty sensors, which no fault reaches, and the programs between them and the rows, each with a disk of its own,
/// and relays between them.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string Hub = "home";
    public const string Database = "sensorhub";

    private const string User = "hub";
    private const string Password = "correct horse";

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(30);

    private readonly List<IAsyncDisposable> _owned = [];
    private readonly HubClock _clock = new(TimeProvider.System);
    private readonly List<(Timestamp From, Timestamp? To)> _deaths = [];
    private readonly HashSet<string> _cut = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly int _web = ServerProcess.FreePort();
    private readonly int _embedded = ServerProcess.FreePort();
    private readonly int _mosquitto = ServerProcess.FreePort();
    private string _bus = "";
    private FakeAdapter _adapter = null!;

    private Stage(string folder) => Folder = folder;

    public string Folder { get; }

    public Setup Setup { get; private set; }

    public Samples Samples { get; } = new();

    public IReadOnlyList<FakeSensor> Sensors { get; private set; } = [];

    public Victim HubProgram { get; private set; } = null!;

    public Victim Mosquitto { get; private set; } = null!;

    public Victim InfluxServer { get; private set; } = null!;

    public IReadOnlyList<Victim> Workers { get; private set; } = [];

    public IEnumerable<Victim> Programs => [HubProgram, Mosquitto, InfluxServer, .. Workers];

    public Disk HubDisk { get; private set; } = null!;

    public Disk MosquittoDisk { get; private set; } = null!;

    public Disk InfluxDisk { get; private set; } = null!;

    public IReadOnlyList<Disk> WorkerDisks { get; private set; } = [];

    public Relay HubToInflux { get; private set; } = null!;

    public Relay HubToBroker { get; private set; } = null!;

    public IReadOnlyList<Relay> WorkerToBroker { get; private set; } = [];

    public IReadOnlyList<Relay> WorkerToInflux { get; private set; } = [];

    public InfluxRows Influx { get; private set; } = null!;

    public StoreRows Store { get; private set; } = null!;

    public Timestamp Now => _clock.Now;

    public string Recordings => Path.Combine(HubDisk.Folder, "recordings");

    /// <summary>Folders of sessions that a hub did not end, which the next one says again.</summary>
    public IReadOnlySet<string> CutSessions => _cut;

    /// <summary>When the hub was not there.</summary>
    public IReadOnlyList<(Timestamp From, Timestamp To)> HubDeaths => [.. _deaths.Select(d => (d.From, d.To ?? Now))];

    /// <summary>Port of the broker that is used, without a relay.</summary>
    public int BrokerPort => Setup == Setup.One ? _embedded : _mosquitto;

    /// <exception cref="UserException">Something is not installed or not allowed.</exception>
    public static async Task<Stage> BuildAsync(string folder)
    {
        var stage = new Stage(folder);
        try
        {
            await stage.BuildAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts what this setup needs, and ends what it does not.</summary>
    public async Task ArrangeAsync(Setup setup)
    {
        if (HubProgram.IsWanted)
            await EndHubAsync();
        Setup = setup;
        if (setup == Setup.Many)
        {
            await Mosquitto.StartAsync();
            foreach (var worker in Workers)
                await worker.StartAsync();
        }
        await StartHubAsync();
    }

    public async Task StartHubAsync()
    {
        await HubProgram.StartAsync();
        if (_deaths is [.., (var from, null)])
            _deaths[^1] = (from, Now);
    }

    public async Task KillHubAsync()
    {
        await HubProgram.KillAsync();
        _deaths.Add((Now, null));
    }

    public async Task EndHubAsync()
    {
        _deaths.Add((Now, null));
        await HubProgram.EndAsync(EndPatience);
    }

    /// <summary>The sensors go out of range: nothing new comes.</summary>
    public void StopSensors()
    {
        foreach (var sensor in Sensors)
            sensor.IsInRange = false;
    }

    /// <summary>Sensors of which no row newer than this has come through to both outputs.</summary>
    public async Task<IReadOnlyCollection<string>> NotSeenSinceAsync(Timestamp since, CancellationToken cancellationToken)
    {
        var inflowing = await Influx.SensorsSinceAsync(since, cancellationToken);
        var stored = Store.SensorsSince(since);
        return [.. Sensors.Select(s => s.Name).Where(s => !inflowing.Contains(s) || !stored.Contains(s))];
    }

    /// <summary>Messages in the hub's outbox that not all outputs have confirmed, as the hub says on /health.</summary>
    public async Task<long> WaitingAsync(CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{_web}/health"), cancellationToken); // 503 is an answer too
        using var health = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
        return health.RootElement.GetProperty("parts").GetProperty("outbox").GetProperty("waiting").GetInt64();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        Store?.Dispose();
        for (var i = _owned.Count - 1; i >= 0; i--)
            await _owned[i].DisposeAsync();
        Influx?.Dispose();
    }

    /// <summary>How to connect to the broker that is used, without a relay.</summary>
    public MqttClientOptions BrokerAccount(string client)
    {
        var (user, password) = (User, Password);
        if (Setup == Setup.One)
        {
            var account = BrokerCredentials.LoadOrCreate(HubDisk.Folder).Accounts.Single(a => a.Role == BrokerRole.Control);
            (user, password) = (account.User, account.Password);
        }
        return new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", BrokerPort).WithCredentials(user, password)
            .WithProtocolVersion(MqttProtocolVersion.V500).WithClientId(client).Build();
    }

    private async Task BuildAsync()
    {
        HubDisk = Own(await Disk.MountAsync(Path.Combine(Folder, "hub"), 768));
        MosquittoDisk = Own(await Disk.MountAsync(Path.Combine(Folder, "mosquitto"), 256));
        InfluxDisk = Own(await Disk.MountAsync(Path.Combine(Folder, "influx"), 512));
        WorkerDisks = [Own(await Disk.MountAsync(Path.Combine(Folder, "bridge-1"), 64)), Own(await Disk.MountAsync(Path.Combine(Folder, "bridge-2"), 64))];

        await BuildInfluxAsync();
        await BuildMosquittoAsync();
        WorkerToBroker = [Own(new Relay(_mosquitto)), Own(new Relay(_mosquitto))];
        Workers = [.. Enumerable.Range(0, 2).Select(BuildWorker)];
        HubToBroker = Own(new Relay(_mosquitto));
        await BuildSensorsAsync();
        Store = new StoreRows(Path.Combine(HubDisk.Folder, "store.db"));
        HubProgram = Own(new Victim("hub", StartOfHub, token => ServerProcess.ListensAsync(_web, token)));
    }

    private Victim BuildWorker(int i)
    {
        var port = ServerProcess.FreePort();
        string[] arguments =
        [
            "bridge", "--share", "faults", "--name", $"w{i + 1}", "--quarantine", Path.Combine(WorkerDisks[i].Folder, "quarantine"),
            "--influx", UrlOf(WorkerToInflux[i]), "--port", port.ToString(CultureInfo.InvariantCulture),
        ];
        return Own(new Victim($"bridge {i + 1}", () => Program(arguments, WorkerToBroker[i]), token => ServerProcess.ListensAsync(port, token)));
    }

    private async Task BuildSensorsAsync()
    {
        var bus = Own(await DBusDaemon.StartAsync());
        _bus = bus.Address;
        var bluetooth = Own(await FakeBluetoothd.StartAsync(bus.Address));
        _adapter = bluetooth.AddAdapter();
        Sensors = [.. Enumerable.Range(1, 10).SelectMany(i => new[] { _adapter.AddClip(i), _adapter.AddRoller(100 + i) })];
        foreach (var sensor in Sensors)
            Samples.Watch(sensor);

        // As if they had been added on the page some time ago.
        var known = new { sensors = Sensors.Select(s => new { sensor = s.Name, name = s.Name, address = s.Address, advertised = s.AdvertisedName }) };
        await File.WriteAllTextAsync(Path.Combine(HubDisk.Folder, "sensors.json"), JsonSerializer.Serialize(known));
    }

    private async Task BuildInfluxAsync()
    {
        var program = Require.Program("influxd", "influxdb");
        var (port, inner) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        var configuration = Path.Combine(Folder, "influxdb.conf");
        await File.WriteAllTextAsync(configuration, $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:{inner}"
            [meta]
              dir = "{InfluxDisk.Folder}/meta"
            [data]
              dir = "{InfluxDisk.Folder}/data"
              wal-dir = "{InfluxDisk.Folder}/wal"
              query-log-enabled = false
            [monitor]
              store-enabled = false
            [subscriber]
              enabled = false
            [continuous_queries]
              enabled = false
            [http]
              bind-address = "127.0.0.1:{port}"
              log-enabled = false
            [logging]
              level = "warn"
              suppress-logo = true
            """);
        Influx = new InfluxRows(port, Database);
        HubToInflux = Own(new Relay(port));
        WorkerToInflux = [Own(new Relay(port)), Own(new Relay(port))];
        InfluxServer = Own(new Victim("InfluxDB", () => new ProcessStartInfo(program, ["-config", configuration]), Influx.IsUpAsync));
        await InfluxServer.StartAsync();
    }

    private async Task BuildMosquittoAsync()
    {
        var program = Require.Program("mosquitto", "mosquitto");
        var passwords = Path.Combine(Folder, "passwords");
        using (var process = Process.Start(Require.Program("mosquitto_passwd", "mosquitto"), ["-c", "-b", passwords, User, Password]))
            await process.WaitForExitAsync();
        var configuration = Path.Combine(Folder, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, $"""
            user root
            listener {_mosquitto} 127.0.0.1
            allow_anonymous false
            password_file {passwords}
            max_queued_messages 0
            persistence true
            persistence_location {MosquittoDisk.Folder}/
            autosave_on_changes true
            autosave_interval 100
            log_dest stderr
            log_type error
            log_type warning
            """);
        Mosquitto = Own(new Victim("mosquitto", () => new ProcessStartInfo(program, ["-c", configuration]), token => ServerProcess.ListensAsync(_mosquitto, token)));
    }

    private ProcessStartInfo StartOfHub()
    {
        string[] arguments = ["run", "--hub", Hub, "--data", HubDisk.Folder, "--port", _web.ToString(CultureInfo.InvariantCulture)];
        var start = Setup == Setup.One
            ? Program([.. arguments, "--mqtt-port", _embedded.ToString(CultureInfo.InvariantCulture), "--influx", UrlOf(HubToInflux)])
            : Program(arguments, HubToBroker);
        if (Setup == Setup.Many)
            start.Environment["SENSORHUB_MQTT__CONFIRM"] = "store,influx"; // its own store, and the workers' InfluxDB
        foreach (var cut in CutRecordings.Find(Recordings))
            _cut.Add(cut);
        start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = _bus;
        return start;
    }

    /// <summary>The program of the same build as this one.</summary>
    /// <param name="broker">Behind it is mosquitto; null = the hub's own broker.</param>
    private static ProcessStartInfo Program(IEnumerable<string> arguments, Relay? broker = null)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        if (broker is not null)
            arguments = [.. arguments, "--mqtt", "127.0.0.1", "--mqtt-port", broker.Port.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo("dotnet", [Repository.PathOf("src", "SensorHub", "bin", configuration, "net10.0", "sensorhub.dll"), .. arguments]);
        if (broker is not null)
            (start.Environment["SENSORHUB_MQTT__USER"], start.Environment["SENSORHUB_MQTT__PASSWORD"]) = (User, Password);
        return start;
    }

    private static string UrlOf(Relay relay) => $"http://127.0.0.1:{relay.Port}";

    private T Own<T>(T part) where T : IAsyncDisposable
    {
        _owned.Add(part);
        return part;
    }
}

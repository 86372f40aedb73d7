using System.Net;
using System.Net.Sockets;
using System.Reactive.Linq;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpenTelemetry.Metrics;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Publishing;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Recording;
using SensorHub.Pipelines.Sessions;
using SensorHub.Sensors;
using SensorHub.Storage;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.Influx;
using SensorHub.Web;

namespace SensorHub;

/// <summary>
/// Everything behind the records: broker, publisher, bridge to the databases, pages. Started in the order in which they
/// depend on one another, stopped the other way round with everything flushed.
/// </summary>
public sealed class Hub : IAsyncDisposable
{
    /// <summary>How long a stop waits for the broker, and then for the databases, to take what is on its way.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Messages that may wait for the broker before what is not live waits too.</summary>
    private const int RoomForLive = 1000;

    private readonly HubOptions _options;
    private readonly SensorDesk? _desk;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly Slug _name;
    private readonly IDisposable _lock;
    private readonly List<IPointOutput> _outputs = [];
    private readonly CancellationTokenSource _stopBridge = new();
    private EmbeddedBroker? _broker;
    private MqttLink? _bridgeLink;
    private Bridge? _bridge;
    private Delivery? _delivery;
    private Task _bridging = Task.CompletedTask;
    private MqttLink? _link;
    private Func<bool, MQTTnet.MqttApplicationMessage>? _presence;
    private volatile string? _radioTrouble;
    private CommandReceiver? _commands;
    private FeaturePublisher? _publisher;
    private WebApplication? _web;

    private Hub(HubOptions options, DataFolder folder, SensorDesk? desk, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, Folder, _desk, _time, _loggers) = (options, folder, desk, time, loggers);
        _name = Slug.Parse(options.Hub);
        _lock = folder.Lock();
    }

    public DataFolder Folder { get; }

    /// <summary>Where the broker is.</summary>
    public MqttConnection Broker { get; private set; } = null!;

    /// <summary>Whether the broker is a part of this process.</summary>
    public bool OwnsBroker => _broker is not null;

    /// <summary>Address of the pages; null without them.</summary>
    public Uri? Page { get; private set; }

    public IEnumerable<string> Outputs => _outputs.Select(o => o.Name);

    public PublisherCounts Published => _publisher!.Counts;

    public BridgeStatus Stored => _bridge!.Status;

    /// <param name="live">True: a slow broker costs the oldest messages; false, in a replay: it slows the replay down.</param>
    /// <param name="web">With pages.</param>
    /// <param name="desk">Behind the sensor pages; null where there are no sensors to manage.</param>
    /// <exception cref="UserException">Something it needs is not there: a port, a folder, the broker, the database.</exception>
    public static async Task<Hub> StartAsync(HubOptions options, bool live, bool web, SensorDesk? desk, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var hub = new Hub(options, DataFolder.Open(options.Data), desk, time, loggers);
        try
        {
            await hub.OpenOutputsAsync(cancellationToken);
            await hub.OpenBrokerAsync();
            await hub.StartBridgeAsync(cancellationToken);
            await hub.StartPublisherAsync(live, cancellationToken);
            if (web)
                await hub.StartWebAsync(cancellationToken);
            return hub;
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }
    }

    /// <summary>Records and estimates what the producer reports, and publishes the estimates, until it ends or is cancelled; then everything is flushed.</summary>
    /// <param name="produce">Reports records until it returns.</param>
    /// <param name="mark">Takes the markers that people send over MQTT; null where nobody can say anything any more, as in a replay.</param>
    /// <param name="record">Whether the records are new and have to be kept.</param>
    /// <param name="recording">In a replay: the records, to be read again; null where there is nothing to complete.</param>
    public async Task PlayAsync(
        Func<Action<SensorRecord>, CancellationToken, Task> produce, Action<Marker>? mark, bool record, IEnumerable<SensorRecord>? recording, CancellationToken cancellationToken)
    {
        // Cancelling ends the producer, not the stream: what it reported still goes the whole way, and the session is closed.
        var calibrations = record ? new KeptCalibrations(new CalibrationStore(Folder.Calibrations, Say<CalibrationStore>)) : null;
        var records = RecordSource.Shared((report, _) => UntilCancelled(produce, calibrations is null ? report : Given(calibrations, report), cancellationToken));
        using var recorder = new Recorder(Folder.Recordings, Say<Recorder>, time: _time);
        if (record)
            records.Subscribe(recorder);
        records.Subscribe(_publisher!);
        if (_desk is not null)
            records.Subscribe(_desk);
        using var recomputer = new Recomputer(
            () => !record ? recording : recorder.Folder is { } folder ? RecordingReader.Read(folder) : null, Written, PublishWithRoomAsync, Say<Recomputer>);
        records.Features().Do(feature =>
        {
            calibrations?.Take(feature);
            _desk?.Take(feature);
        }).Do((IObserver<Feature>)recomputer).Subscribe(_publisher!);
        records.Subscribe(recomputer);
        var ended = records.LastOrDefaultAsync().GetAwaiter();

        using var stopCommands = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var commands = _commands!.RunAsync(mark ?? Ignore, stopCommands.Token);
        records.Connect();
        try
        {
            await ended;
        }
        finally
        {
            await stopCommands.CancelAsync();
            await commands.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await FlushAsync(recomputer, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_web is not null)
            await _web.DisposeAsync();
        if (_publisher is not null)
            await _publisher.DisposeAsync();
        if (_link is not null)
            await _link.DisposeAsync();
        await _stopBridge.CancelAsync();
        await _bridging;
        if (_bridgeLink is not null)
            await _bridgeLink.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        foreach (var output in _outputs)
            await output.DisposeAsync();
        _stopBridge.Dispose();
        _lock.Dispose();
    }

    private async Task OpenOutputsAsync(CancellationToken cancellationToken)
    {
        _outputs.Add(SqliteStore.Open(Folder.Store));
        if (_options.Influx.ToStorage() is { } influx)
            _outputs.Add(Databases.Open(influx, _time));
        foreach (var output in _outputs)
            await output.CheckAsync(cancellationToken);
    }

    private async Task OpenBrokerAsync()
    {
        var mqtt = _options.Mqtt;
        if (mqtt.Host is { } host)
        {
            Broker = new MqttConnection(host, mqtt.Port, mqtt.User, mqtt.Password, mqtt.Tls);
            return;
        }
        var credentials = BrokerCredentials.LoadOrCreate(Folder.Path);
        _broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Port = mqtt.Port }, credentials, _time, Logger<EmbeddedBroker>());
        Broker = _broker.Connection(BrokerRole.Hub);
    }

    private async Task StartBridgeAsync(CancellationToken cancellationToken)
    {
        var options = new BridgeOptions();
        _bridge = new Bridge(_outputs, options, _time, Logger<Bridge>());
        _bridgeLink = Link("bridge", presence: null);
        var subscription = _bridgeLink.Subscribe(
            [.. Bridge.Topics, Topics.Delivered(_name)], new SubscriptionOptions { Capacity = options.Capacity, ManualAcknowledgement = true });
        _delivery = new Delivery(_name, subscription.Messages);
        await _bridgeLink.ConnectAsync(cancellationToken);
        _bridging = Task.Run(() => _bridge.RunAsync(_delivery, _stopBridge.Token), CancellationToken.None);
    }

    /// <summary>Says on MQTT, now and after each reconnect, why the radio cannot be used; null = it can.</summary>
    public async Task SayRadioAsync(string? trouble, CancellationToken cancellationToken)
    {
        _radioTrouble = trouble;
        try
        {
            await _link!.PublishAsync(_presence!(true), cancellationToken);
        }
        catch (MqttLinkException)
        {
            // Each connect says it again.
        }
    }

    private async Task StartPublisherAsync(bool live, CancellationToken cancellationToken)
    {
        var messages = new HubMessages(_name);
        var clock = new HubClock(_time);
        _presence = online => messages.Status(online, clock.Now, Program.Version, online ? _radioTrouble : null);
        _link = Link("hub", _presence);
        _commands = new CommandReceiver(_link, _name, Logger<CommandReceiver>());
        await _link.ConnectAsync(cancellationToken);
        _publisher = new FeaturePublisher(_link, messages, new PublisherOptions { DropOldest = live }, rawFrames: true, Logger<MessagePublisher>());
    }

    private MqttLink Link(string role, Func<bool, MQTTnet.MqttApplicationMessage>? presence) => new(
        Broker,
        new MqttLinkOptions { ClientId = $"sensorhub-{role}-{_name}", Presence = presence, SessionExpiry = TimeSpan.FromHours(1) },
        _time,
        Logger<MqttLink>());

    private async Task StartWebAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "sensorhub", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_loggers);
        builder.Services.AddSensorHubWeb(new SensorHubWebOptions { Hub = _name, Broker = Broker, Sensors = _desk });
        builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(Folder.Keys));
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("SensorHub.*").AddPrometheusExporter());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, _options.Web.Port);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        _web = builder.Build();
        _web.MapSensorHubWeb();
        _web.MapPrometheusScrapingEndpoint("/metrics");
        if (_broker is not null)
            _web.MapMqtt(_broker);
        try
        {
            await _web.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new UserException($"Port {_options.Web.Port} on 127.0.0.1, wanted by the pages, is in use by another program: choose another with --port (0 = any free one), or stop that program.", e);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new UserException($"Port {_options.Web.Port} on 127.0.0.1, wanted by the pages, needs more rights: choose one above 1023 with --port.", e);
        }
        Page = new Uri(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>First all to the broker, then all that the broker has to the databases. A replay waits; a stop, for a second each.</summary>
    private async Task FlushAsync(Recomputer recomputer, CancellationToken stopping)
    {
        using var patience = new CancellationTokenSource();
        await using var hurry = stopping.Register(() => patience.CancelAfter(2 * FlushTimeout));
        try
        {
            await recomputer.CompleteAsync(patience.Token);
            await _publisher!.FlushAsync(patience.Token);
            await _delivery!.AllAsync(_link!, patience.Token);
            await _bridge!.FlushAsync(patience.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or MqttLinkException)
        {
            Say<Hub>($"Stopped before everything was delivered: {Published.Waiting} messages had not reached the broker, {Stored.Waiting} were not stored. The recording has everything.");
        }
    }

    /// <summary>Publishes what is not live when live messages leave room for it, for it comes in thousands.</summary>
    private async Task PublishWithRoomAsync(Feature feature, CancellationToken cancellationToken)
    {
        while (Published.Waiting > RoomForLive)
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancellationToken);
        _publisher!.Publish(feature);
    }

    /// <summary>The feature's payload; of one that cannot be published, all that is known of it.</summary>
    private static string Written(Feature feature)
    {
        try
        {
            return Encoding.UTF8.GetString(FeaturePayloads.Serialize(FeaturePayloads.From(feature)));
        }
        catch (ArgumentException)
        {
            return feature.ToString();
        }
    }

    private void Ignore(Marker marker) => Say<Hub>($"A {marker.GetType().Name} was sent, and ignored: this is a replay.");

    private ILogger<T> Logger<T>() => _loggers.CreateLogger<T>();

    private void Say<T>(string line) => Logger<T>().LogWarning("{Line}", line);

    /// <summary>Each session is given the calibrations that were kept, behind the record that asks for them.</summary>
    private static Action<SensorRecord> Given(KeptCalibrations calibrations, Action<SensorRecord> report) => record =>
    {
        report(record);
        foreach (var given in calibrations.After(record))
            report(given);
    };

    private static async Task UntilCancelled(Func<Action<SensorRecord>, CancellationToken, Task> produce, Action<SensorRecord> report, CancellationToken cancellationToken)
    {
        Slug session = default;
        Timestamp last = default;
        try
        {
            await produce(Watch, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        if (!session.IsNone)
            report(new SensorRecord.Marked(last, new Marker.SessionEnded(session)));

        void Watch(SensorRecord record)
        {
            last = record.At;
            if (record is SensorRecord.Marked { Marker: var marker })
                session = marker switch
                {
                    Marker.SessionBegan began => began.Session,
                    Marker.SessionEnded => default,
                    _ => session,
                };
            report(record);
        }
    }
}

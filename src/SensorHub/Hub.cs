using System.Reactive.Linq;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Timing;
using SensorHub.Delivering;
using SensorHub.Health;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.HomeAssistant;
using SensorHub.Mqtt.Publishing;
using SensorHub.Outcomes;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Recording;
using SensorHub.Pipelines.Sessions;
using SensorHub.Recordings;
using SensorHub.Rights.Erasing;
using SensorHub.Sensors;
using SensorHub.Storage;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.History;
using SensorHub.Studies;
using SensorHub.Web;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub;

/// <summary>
/// Everything behind the records: broker, publisher, a bridge to each database, pages. Started in the order in which they
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
    private readonly List<(Slug Id, IPointOutput Output)> _outputs = [];
    private readonly List<BridgeWorker> _bridges = [];
    private EmbeddedBroker? _broker;
    private readonly CancellationTokenSource _stopKeeping = new();
    private Task _keeping = Task.CompletedTask;
    private readonly List<Destination> _destinations = []; // the hub's own broker first
    private readonly HubPages _pages;
    private readonly HubMessages _messages;
    private volatile string? _radioTrouble;
    private Quarantine? _quarantine;
    private HealthWatch? _watch;
    private MqttLink? _homeLink;
    private HomeAssistantAnnouncer? _home;
    private ServerCertificate? _certificate;
    private WebApplication? _web;

    private Hub(HubOptions options, DataFolder folder, SensorDesk? desk, HubPages pages, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, Folder, _desk, _pages, _time, _loggers) = (options, folder, desk, pages, time, loggers);
        _name = Slug.Parse(options.Hub);
        _messages = new HubMessages(_name);
        _lock = folder.Lock();
    }

    public DataFolder Folder { get; }

    /// <summary>Where the broker is.</summary>
    public MqttConnection Broker { get; private set; } = null!;

    /// <summary>Whether the broker is a part of this process.</summary>
    public bool OwnsBroker => _broker is not null;

    /// <summary>Where its clients find the broker, for a person.</summary>
    public string BrokerAddress => _broker is { Options: { Certificate: not null } options } ? $"{options.Bind}:{_broker.Port}, TLS" : $"{Broker.Host}:{Broker.Port}";

    /// <summary>Address of the pages; null without them.</summary>
    public Uri? Page { get; private set; }

    public IEnumerable<string> Outputs => _outputs.Select(o => o.Output.Name);

    public PublisherCounts Published => _destinations[0].Features.Counts;

    /// <summary>A status an output: the embedded store first.</summary>
    public IReadOnlyList<BridgeStatus> Stored => [.. _bridges.Select(b => b.Status)];

    /// <param name="live">True: a slow broker costs the oldest messages; false, in a replay: it slows the replay down.</param>
    /// <param name="web">With pages.</param>
    /// <param name="desk">Behind the sensor pages; null where there are no sensors to manage.</param>
    /// <param name="pages">What only some commands have on their pages.</param>
    /// <exception cref="UserException">Something it needs is not there: a port, a folder, the broker, the database.</exception>
    public static async Task<Hub> StartAsync(HubOptions options, bool live, bool web, SensorDesk? desk, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken, HubPages? pages = null)
    {
        var hub = new Hub(options, DataFolder.Open(options.Data), desk, pages ?? new HubPages(), time, loggers);
        try
        {
            if (ErasureNote.Find(hub.Folder.Path) is [var begun, ..])
                hub.Say<Hub>($"An erasure that began on {begun.Begun:yyyy-MM-dd} is not finished: stop, and run 'sensorhub subject erase'.");
            await hub.OpenOutputsAsync(live, cancellationToken);
            await hub.OpenBrokerAsync();
            hub.OpenDestinations(live);
            await hub.StartBridgesAsync(cancellationToken);
            foreach (var destination in hub._destinations)
                await destination.OpenAsync(cancellationToken);
            if (live && options.HomeAssistant.Enabled)
                hub.StartHomeAssistant();
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
        var records = RecordSource.Shared((report, _) => ClosedSession.RunAsync(produce, calibrations is null ? report : Given(calibrations, report), cancellationToken));
        using var recorder = new Recorder(Folder.Recordings, Say<Recorder>, time: _time);
        if (record)
            records.Subscribe(recorder);
        using var manifests = record ? new Manifests(Folder.Recordings, () => recorder.Folder, ConsentsAsync, Say<Manifests>, _time) : null;
        if (manifests is not null)
            records.Subscribe(manifests);
        if (record)
            records.Subscribe(new ClockTeller(_time, clock => _destinations.ForEach(destination => destination.Features.Publish(clock))));
        if (_desk is not null)
            records.Subscribe(_desk);
        using var recomputer = new Recomputer(
            () => !record ? recording : recorder.Folder is { } folder ? RecordingReader.Read(folder) : null, Written, PublishWithRoomAsync, Say<Recomputer>);
        var features = records.Features().Do(feature =>
        {
            calibrations?.Take(feature);
            _desk?.Take(feature);
            _home?.OnNext(feature);
        }).Do((IObserver<Feature>)recomputer).Publish();
        foreach (var destination in _destinations)
            destination.Subscribe(features, records);
        using var estimating = features.Connect();
        records.Subscribe(recomputer);
        var ended = records.LastOrDefaultAsync().GetAwaiter();
        var completing = record ? CompleteCutSessionsAsync(cancellationToken) : Task.CompletedTask;

        using var stopCommands = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var commands = Task.WhenAll(_destinations.Select(d => d.CommandAsync(mark ?? Ignore, stopCommands.Token)));
        records.Connect();
        try
        {
            await ended;
        }
        finally
        {
            await stopCommands.CancelAsync();
            await commands;
            await completing;
            await FlushAsync(recomputer, record ? recorder.Folder : null, cancellationToken);
            using var patience = new CancellationTokenSource(5 * FlushTimeout);
            await (manifests?.CompleteAsync(patience.Token) ?? Task.CompletedTask);
        }
    }

    /// <summary>Consents that held at this time, by their numbers, with what they are for.</summary>
    private async Task<IReadOnlyList<string>> ConsentsAsync(Slug subject, Timestamp at, CancellationToken cancellationToken)
    {
        if (subject.IsNone || _web?.Services.GetService<Consents>() is not { } consents)
            return [];
        var time = at.ToDateTimeOffset();
        return [.. from consent in await consents.ListAsync(subject, cancellationToken)
            where consent.From <= time && consent.Until > time && !(consent.WithdrawnAt <= time)
            orderby consent.Id
            select FormattableString.Invariant($"{consent.Id} {EnumNames.Of(consent.Purpose)}")];
    }

    public async ValueTask DisposeAsync()
    {
        if (_watch is not null)
            await _watch.DisposeAsync();
        if (_web is not null)
            await _web.DisposeAsync();
        _certificate?.Dispose();
        if (_home is not null)
        {
            if (_desk is not null)
                _desk.Changed -= OwnSensors;
            await _home.DisposeAsync();
            await _homeLink!.DisposeAsync();
        }
        await Task.WhenAll(_destinations.Select(destination => destination.DisposeAsync().AsTask()));
        await Task.WhenAll(_bridges.Select(bridge => bridge.DisposeAsync().AsTask()));
        await _stopKeeping.CancelAsync();
        await _keeping;
        if (_broker is not null)
            await _broker.DisposeAsync();
        foreach (var (_, output) in _outputs)
            await output.DisposeAsync();
        _lock.Dispose();
    }

    /// <summary>
    /// A database that is away need not hold up a hub that comes back from a power cut: its bridge waits for it. A replay is better told at once.
    /// </summary>
    private async Task OpenOutputsAsync(bool live, CancellationToken cancellationToken)
    {
        var store = SqliteStore.Open(Folder.Store);
        _outputs.Add((Bridge.Store, store));
        if (_options.Influx.ToStorage() is { } influx)
            _outputs.Add((Bridge.Influx, Databases.Open(influx, _time)));
        foreach (var (_, output) in _outputs)
        {
            try
            {
                await output.CheckAsync(cancellationToken);
            }
            catch (OutputException e) when (live && e.Fault == OutputFault.Unavailable)
            {
                Say<Hub>($"{e.Message} What it is to have waits.");
            }
        }
        // What a replay brings may be older than anything is kept: it is there to be looked at until the hub runs again.
        var keeper = new StoreKeeper(store, live ? _options.Retention.ToStorage() : null, _time, Logger<StoreKeeper>());
        _keeping = Task.Run(() => keeper.RunAsync(_stopKeeping.Token), CancellationToken.None);
    }

    private async Task OpenBrokerAsync()
    {
        var mqtt = _options.Mqtt;
        if (mqtt.ToConnection() is { } external)
        {
            Broker = external;
            return;
        }
        var credentials = BrokerCredentials.LoadOrCreate(Folder.Path);
        _broker = await EmbeddedBroker.StartAsync(mqtt.ToEmbedded() with { RetainedFile = Folder.Retained }, credentials, _time, Logger<EmbeddedBroker>());
        Broker = _broker.Connection(BrokerRole.Hub);
    }

    /// <summary>A live hub has an outbox for each; what its own bridges store is confirmed by them, and what goes upstream by the bridge there.</summary>
    private void OpenDestinations(bool live)
    {
        var clock = new HubClock(_time);
        Open(BrokerFor(BrokerRole.Hub), Folder.Outbox, "hub", _options.Mqtt.Confirmers("Mqtt", [.. _outputs.Select(o => o.Id)]));
        if (live && _options.Upstream.ToConnection() is { } upstream)
            Open(upstream, Folder.UpstreamOutbox, "upstream", _options.Upstream.Confirmers("Upstream", [Bridge.Influx]));

        void Open(MqttConnection broker, string outbox, string name, IReadOnlyList<Slug> confirmers) => _destinations.Add(new Destination(
            broker, _messages, online => _messages.Status(online, clock.Now, Program.Version, online ? _radioTrouble : null),
            live ? _options.Outbox.ToMqtt(outbox, name, confirmers) : null, _time, _loggers));
    }

    private async Task StartBridgesAsync(CancellationToken cancellationToken)
    {
        _quarantine = Quarantine.Open(Folder.Quarantine, time: _time, logger: Logger<Quarantine>());
        var worker = new WorkerOptions { Name = _name, Hub = _name, MayWait = _ => _destinations[0].WasUsed };
        foreach (var (id, output) in _outputs)
            _bridges.Add(await BridgeWorker.StartAsync(BrokerFor(BrokerRole.Bridge), id, output, _quarantine, worker, new BridgeOptions(), _time, _loggers, cancellationToken));
    }

    /// <summary>Says on MQTT, now and after each reconnect, why the radio cannot be used; null = it can.</summary>
    public Task SayRadioAsync(string? trouble, CancellationToken cancellationToken)
    {
        _radioTrouble = trouble;
        return Task.WhenAll(_destinations.Select(d => d.SayPresenceAsync(cancellationToken)));
    }

    private void StartHomeAssistant()
    {
        _homeLink = Link("home", BrokerRole.Hub, presence: null);
        _home = new HomeAssistantAnnouncer(
            _homeLink, _messages, Program.Version, new HomeAssistantOptions { Prefix = _options.HomeAssistant.Prefix }, _time, new Random((int)_time.GetTimestamp()), Logger<HomeAssistantAnnouncer>());
        _home.Start(OwnedSensors());
        if (_desk is not null)
            _desk.Changed += OwnSensors;
    }

    private void OwnSensors() => _home?.Own(OwnedSensors());

    private IEnumerable<(Slug, SensorKind)> OwnedSensors() => _desk?.Owned.Select(s => (s.Sensor, s.Kind)) ?? [];

    /// <summary>What the hub says of itself on /health.</summary>
    private List<HealthPart> Parts()
    {
        var parts = new List<HealthPart>();
        for (var i = 0; i < _destinations.Count; i++)
        {
            var (destination, prefix) = (_destinations[i], i == 0 ? "" : "upstream_");
            parts.Add(HealthParts.Broker($"{prefix}broker", destination.Link));
            parts.Add(HealthParts.Publisher($"{prefix}publisher", () => destination.Features.Counts));
            if (destination.Outbox is { } outbox)
                parts.Add(HealthParts.Outbox($"{prefix}outbox", () => outbox.Health is var h ? new OutboxState(h.Waiting, h.Bytes, h.OldestAge, h.Dropped, h.Fault) : default));
        }
        foreach (var bridge in _bridges)
            parts.Add(HealthParts.Output(bridge.Status.Id.ToString(), () => bridge.Status));
        parts.Add(HealthParts.Quarantine(() => _quarantine!.Count));
        parts.Add(HealthParts.Disk(Folder.Recordings));
        if (_desk is not null)
            parts.Add(HealthParts.Radio(() => _radioTrouble));
        parts.Add(HealthParts.Clock(_time));
        return parts;
    }

    /// <summary>The account of that role at the embedded broker; at another there is one for all.</summary>
    private MqttConnection BrokerFor(BrokerRole role) => _broker?.Connection(role) ?? Broker;

    private MqttLink Link(string part, BrokerRole role, Func<bool, MQTTnet.MqttApplicationMessage>? presence) => new(
        BrokerFor(role),
        new MqttLinkOptions { ClientId = $"sensorhub-{part}-{_name}", Presence = presence, SessionExpiry = TimeSpan.FromHours(1) },
        _time,
        Logger<MqttLink>());

    /// <summary>What verdicts rest on here: the site's own errors of measuring, where it has them.</summary>
    private static DetectableChanges SiteErrorsOf(DataFolder folder) =>
        File.Exists(folder.SiteErrors) ? SiteErrors.Read(folder.SiteErrors) : DetectableChanges.Published;

    private async Task StartWebAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "sensorhub", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_loggers);
        var web = _options.Web;
        var hasPages = _options.RoleOf != HubRole.Hub;
        if (hasPages)
        {
            builder.Services.AddSensorHubWeb(new SensorHubWebOptions
            {
                Hub = _name, Broker = BrokerFor(BrokerRole.Control), Sensors = _desk, History = new SqliteHistory(Folder.Store), Subject = Slug.Parse(_options.Subject),
                // A replay is looked at by whoever started it.
                People = _pages.HasAccounts && web.Accounts ? Folder.People : null, OpenId = web.OpenId.ToWeb(),
                AllowedHosts = web.AllowedHosts, Choice = _pages.Choice, BodyMassChanged = _pages.BodyMassChanged, Outcomes = new RecordedOutcomes(Folder.Recordings, SiteErrorsOf(Folder)),
                Recordings = new RecordedSessions(Folder.Recordings), Studies = new StudyFolder(Folder.Studies),
            });
        }
        builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(Folder.Keys));
        var parts = Parts();
        builder.Services.AddHubHealth(parts);
        _watch = new HealthWatch(parts, _time, Say<HealthWatch>);
        _certificate = web.Certificate is { } file ? new ServerCertificate("pages", "Web", file, web.CertificateKey!, _time, Logger<ServerCertificate>()) : null;
        PageHost.Listen(builder, web, _certificate);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        _web = builder.Build();
        if (hasPages)
            _web.MapSensorHubWeb();
        _web.MapHubHealth(_messages!.Trace);
        if (hasPages && _broker is not null)
            _web.MapMqtt(_broker).Needs(Act.Enter); // it asks for an account of its own
        Page = await PageHost.StartAsync(_web, web, cancellationToken);
    }

    /// <summary>
    /// Until the stores have everything: a live hub for a while, as the rest is in its outbox; a replay, which has none, until it is told to stop.
    /// </summary>
    /// <param name="recomputer">Says what late samples changed.</param>
    /// <param name="recording">The session's folder, when it is new.</param>
    /// <param name="stopping">Somebody waits for the end.</param>
    private async Task FlushAsync(Recomputer recomputer, string? recording, CancellationToken stopping)
    {
        var live = _destinations[0].Outbox is not null;
        using var patience = new CancellationTokenSource();
        if (live)
            patience.CancelAfter(_bridges.Any(b => b.Status.Fault is not null) || _destinations.Any(d => !d.Link.IsConnected) ? FlushTimeout : 5 * FlushTimeout);
        await using var hurry = stopping.Register(() =>
        {
            if (!live)
                patience.CancelAfter(2 * FlushTimeout);
        });
        try
        {
            try
            {
                await recomputer.CompleteAsync(patience.Token);
            }
            catch (OperationCanceledException) when (recording is not null)
            {
                CutRecordings.Reopen(recording, Say<Recorder>); // the next start says the rest
                throw;
            }
            foreach (var destination in _destinations)
                await destination.Features.FlushAsync(patience.Token);
            if (!live)
                await Task.WhenAll(_bridges.Select(bridge => bridge.AllAsync(_destinations[0].Link, patience.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or MqttLinkException)
        {
            var waiting = _destinations.Sum(d => d.Outbox?.Health.Waiting ?? 0);
            Say<Hub>((live, waiting) switch
            {
                (true, 0) => "Stopped before it was computed what late samples changed: the next start does that.",
                (true, _) => $"Stopped before the stores had everything: {waiting} messages wait in the outbox, and are sent at the next start.",
                _ => $"Stopped before everything was delivered: {Published.Waiting} messages had not reached the broker, {Stored.Max(s => s.Waiting)} were not stored. Replay it again to complete it.",
            });
        }
    }

    /// <summary>What earlier runs could not say to their end.</summary>
    private async Task CompleteCutSessionsAsync(CancellationToken cancellationToken)
    {
        var cut = CutSessions.Find(Folder.Recordings);
        if (cut.Count == 0)
            return;
        var sessions = new CutSessions(
            Folder.Recordings, Written, PublishWithRoomAsync, token => Task.WhenAll(_destinations.Select(d => d.Outbox!.WrittenAsync(token))), Say<CutSessions>);
        await Task.Run(() => sessions.CompleteAsync(cut, cancellationToken), CancellationToken.None);
    }

    /// <summary>Publishes what is not live when live messages leave room for it, for it comes in thousands.</summary>
    private async Task PublishWithRoomAsync(Feature feature, CancellationToken cancellationToken)
    {
        while (_destinations.Any(d => d.Features.Counts.Waiting > RoomForLive))
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancellationToken);
        foreach (var destination in _destinations)
            destination.Features.Publish(feature);
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
}

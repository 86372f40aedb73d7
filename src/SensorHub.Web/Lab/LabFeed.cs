using Microsoft.Extensions.Logging;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Web.Lab;

/// <summary>
/// Turns what the broker carries into lines for the laboratories' streams; each is written once, however many read it. Connects when the first stream opens,
/// on a link of its own, so that raw frames burden nobody who does not want them.
/// </summary>
internal sealed class LabFeed : IAsyncDisposable
{
    /// <summary>Streams that may be open at once.</summary>
    public const int MaxViewers = 32;

    /// <summary>A session that is on says so each second. Frames this much later are nobody's: its hub ended without a word.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly SensorHubWebOptions _options;
    private readonly MqttLink _link;
    private readonly MqttSubscription _subscription;
    private readonly List<LabViewer> _viewers = [];
    private readonly Dictionary<(Slug Hub, Slug Sensor), LabSensor> _sensors = [];
    private readonly Dictionary<Slug, SessionOf> _sessions = []; // of each hub
    private readonly Dictionary<string, (Slug Hub, byte[] Line)> _clocks = new(StringComparer.Ordinal); // the newest of each topic
    private Task? _reading;

    public LabFeed(SensorHubWebOptions options, TimeProvider time, ILogger<MqttLink> logger)
    {
        _options = options;
        _link = new MqttLink(options.Broker, new MqttLinkOptions { ClientId = $"sensorhub-{(options.AllHubs ? "clinic" : "web")}-{options.Hub}.lab" }, time, logger);
        var root = $"{Topics.Root}/{(options.AllHubs ? "+" : options.Hub)}";
        _subscription = _link.Subscribe(
            [
                $"{root}/clock", $"{root}/sensors/+/status", $"{root}/frames/+", $"{root}/frames/+/descriptor", $"{root}/subjects/+/posture", $"{root}/subjects/+/rolling",
                $"{root}/subjects/+/events", $"{root}/subjects/+/cues", $"{root}/subjects/+/session",
            ],
            new SubscriptionOptions { DropOldest = true });
    }

    /// <summary>Why nothing comes, in one line; null while there is a connection.</summary>
    public string? Trouble => _link.IsConnected ? null : _link.Fault ?? $"Connecting to {_link.Connection}.";

    /// <summary>Messages that were lost before they were lines.</summary>
    public long Dropped => _subscription.Dropped;

    /// <summary>Begins to collect for one stream, with the clocks as they are known.</summary>
    /// <returns>Null: too many are open.</returns>
    public LabViewer? Open(Slug subject, LabKinds kinds)
    {
        lock (_gate)
        {
            if (_viewers.Count >= MaxViewers)
                return null;
            if (_reading is null)
            {
                _link.Start();
                _reading = ReadAsync();
            }
            var viewer = new LabViewer(subject, kinds, Close);
            if (kinds.HasFlag(LabKinds.Clock))
                foreach (var (hub, line) in _clocks.Values)
                    if (subject.IsNone || _sessions.GetValueOrDefault(hub)?.Subject == subject)
                        viewer.Post(line);
            _viewers.Add(viewer);
            return viewer;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync().ConfigureAwait(false);
        await (_reading ?? Task.CompletedTask).ConfigureAwait(false);
    }

    /// <summary>Takes a message from the broker. What is no payload, and other hubs, are skipped.</summary>
    /// <param name="received">By the hub, of frames; null where the sender does not say.</param>
    /// <param name="retained">The broker had kept it from before: of such only what is known by it counts.</param>
    internal void Receive(string topic, ReadOnlyMemory<byte> payload, Timestamp? received, bool retained)
    {
        var name = TopicName.Parse(topic);
        if (name.Kind == TopicKind.Foreign || (!_options.AllHubs && name.Hub != _options.Hub))
            return;
        lock (_gate)
        {
            if (name.Kind == TopicKind.Descriptor)
                SensorOf(name).Describe(payload.Span);
            else if (name.Kind == TopicKind.Frames)
                Frame(name, payload, received ?? default);
            else if (PayloadReader.Read(topic, payload.Span) is { Status: PayloadStatus.Ok, Payload: { } carried } read)
                Carry(topic, name, carried, read.Time, payload, retained);
        }
    }

    private async Task ReadAsync()
    {
        await foreach (var message in _subscription.Messages.ReadAllAsync().ConfigureAwait(false)) // ends with the link
            Receive(message.Topic, message.Payload, Timestamp.TryParse(message.Property("time"), out var received) ? received : null, message.Retained);
    }

    private void Frame(TopicName name, ReadOnlyMemory<byte> payload, Timestamp received)
    {
        var session = _sessions.GetValueOrDefault(name.Hub);
        if (session is { IsOn: true } && received - session.Time > Stale)
            session = null;
        var subject = session is { IsOn: true } ? session.Subject : default;
        foreach (var line in SensorOf(name).Frame(payload, subject, session is { IsOn: true } ? session.Name : null, received))
            Post(LabKinds.Raw, subject, line);
    }

    private void Carry(string topic, TopicName name, Payload carried, Timestamp time, ReadOnlyMemory<byte> payload, bool retained)
    {
        if (carried is SessionPayload session && session.Finality != EnumNames.Of(Finality.Superseded) && !(time < _sessions.GetValueOrDefault(name.Hub)?.Time))
            _sessions[name.Hub] = new SessionOf(name.Subject, session.Session, time, session.Event != EnumNames.Of(SessionEvent.Ended));
        var isLive = carried.Finality == EnumNames.Of(Finality.Live);
        if (carried is SensorStatus status && isLive)
            SensorOf(name).Told(status);
        var kind = LabKindNames.Of(name.Kind);
        if (kind == LabKinds.None || (retained && kind != LabKinds.Clock))
            return;
        var line = LabLines.Carried(LabKindNames.NamesOf(kind).Single(), name, payload);
        if (kind == LabKinds.Clock && isLive)
            _clocks[topic] = (name.Hub, line);
        // What is about a hub is about the person whose session it has, or had last.
        Post(kind, kind == LabKinds.Clock ? _sessions.GetValueOrDefault(name.Hub)?.Subject ?? default : name.Subject, line);
    }

    private void Post(LabKinds kind, Slug subject, byte[] line)
    {
        foreach (var viewer in _viewers)
            if (viewer.Kinds.HasFlag(kind) && (viewer.Subject.IsNone || viewer.Subject == subject))
                viewer.Post(line);
    }

    private LabSensor SensorOf(TopicName name)
    {
        if (!_sensors.TryGetValue((name.Hub, name.Sensor), out var sensor))
            _sensors.Add((name.Hub, name.Sensor), sensor = new LabSensor(name.Hub, name.Sensor));
        return sensor;
    }

    private void Close(LabViewer viewer)
    {
        lock (_gate)
            _viewers.Remove(viewer);
    }

    /// <param name="Time">When it said so last.</param>
    private sealed record SessionOf(Slug Subject, string? Name, Timestamp Time, bool IsOn);
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Mqtt.HomeAssistant;

/// <summary>
/// Announces the hub and its sensors to Home Assistant, and gives it posture and rolling once a second of event time:
/// <c>features.Subscribe(announcer)</c>. On a link of its own, so that whatever Home Assistant and its topics do, the
/// hub's other messages do not wait. While the broker is away the newest of each topic is kept, nothing else.
/// </summary>
/// <param name="link">A link that has not been started; this starts it. It stays the caller's to dispose, after this.</param>
public sealed class HomeAssistantAnnouncer : IObserver<Feature>, IAsyncDisposable
{
    private readonly MqttLink _link;
    private readonly HubMessages _messages;
    private readonly HomeAssistantOptions _options;
    private readonly HomeAssistantDevices _devices;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly MqttSubscription _subscription;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private readonly Dictionary<Slug, long> _seconds = [];
    private Dictionary<string, MqttApplicationMessage> _pending = [];
    private Dictionary<Slug, SensorKind> _sensors = [];
    private string? _fault;
    private Task _running = Task.CompletedTask;

    /// <param name="version">Of the hub.</param>
    /// <param name="random">Draws the delays.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public HomeAssistantAnnouncer(
        MqttLink link, HubMessages messages, string version, HomeAssistantOptions options, TimeProvider time, Random random, ILogger<HomeAssistantAnnouncer>? logger = null)
    {
        options.Validate();
        (_link, _messages, _options, _time, _random) = (link, messages, options, time, random);
        _logger = logger ?? NullLogger<HomeAssistantAnnouncer>.Instance;
        _devices = new HomeAssistantDevices(messages.Hub, version);
        _subscription = link.Subscribe([options.BirthTopic, options.ConfigTopic("+")], new SubscriptionOptions { Capacity = 1024, DropOldest = true });
    }

    /// <summary>Connects in the background and goes on until it is disposed.</summary>
    /// <param name="sensors">The hub's own now; those that an earlier run announced and that are not among them are taken back.</param>
    public void Start(IEnumerable<(Slug Sensor, SensorKind Kind)> sensors)
    {
        lock (_gate)
            _sensors = sensors.ToDictionary(s => s.Sensor, s => s.Kind);
        _link.Start(); // being connected announces them
        _running = Task.WhenAll(Task.Run(PublishAsync), Task.Run(WatchConnectionsAsync), Task.Run(ListenAsync));
    }

    /// <summary>The hub's own sensors, all of them: new ones are announced, and those that are not there any more are taken back. From any thread.</summary>
    public void Own(IEnumerable<(Slug Sensor, SensorKind Kind)> sensors)
    {
        lock (_gate)
        {
            var before = _sensors;
            _sensors = sensors.ToDictionary(s => s.Sensor, s => s.Kind);
            foreach (var gone in before.Keys.Where(sensor => !_sensors.ContainsKey(sensor)))
            {
                Take(Removal(_options.ConfigTopic(_devices.SensorId(gone))));
                _pending.Remove(Topics.Home(_messages.Hub, gone));
            }
            foreach (var (sensor, kind) in _sensors.Where(s => !before.TryGetValue(s.Key, out var known) || known != s.Value))
                Take(Announcement(_devices.SensorId(sensor), _devices.Sensor(sensor, kind)));
        }
    }

    public void OnNext(Feature value)
    {
        if (value.Finality != Finality.Live || SensorOf(value) is not { } sensor)
            return;
        lock (_gate)
        {
            var second = value.Time.UnixNanoseconds / 1_000_000_000;
            if (!_sensors.ContainsKey(sensor) || (_seconds.TryGetValue(sensor, out var last) && last == second))
                return;
            _seconds[sensor] = second;
            try
            {
                Take(_messages.Home(value)!);
            }
            catch (ArgumentException)
            {
                // A number of it is not finite; the publisher of features counts and says that.
            }
        }
    }

    /// <summary>Outlives the stream.</summary>
    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private static Slug? SensorOf(Feature feature) => feature switch
    {
        Core.Posture.PostureEstimate posture => posture.Sensor,
        Core.Rolling.RollingEstimate rolling => rolling.Sensor,
        _ => null,
    };

    /// <summary>In the place of what waits on the same topic.</summary>
    private void Take(MqttApplicationMessage message)
    {
        _pending[message.Topic] = message;
        _wake.Writer.TryWrite(true);
    }

    private void AnnounceAll()
    {
        lock (_gate)
        {
            Take(Announcement(_devices.HubId, _devices.Hub()));
            foreach (var (sensor, kind) in _sensors)
                Take(Announcement(_devices.SensorId(sensor), _devices.Sensor(sensor, kind)));
        }
    }

    private async Task PublishAsync()
    {
        try
        {
            while (true)
            {
                await _wake.Reader.ReadAsync(_stop.Token).ConfigureAwait(false);
                await _link.WhenConnectedAsync(_stop.Token).ConfigureAwait(false);
                Dictionary<string, MqttApplicationMessage> pending;
                lock (_gate)
                    (pending, _pending) = (_pending, []);
                foreach (var message in pending.Values)
                    await PublishAsync(message).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed, or the link was.
        }
    }

    private async Task PublishAsync(MqttApplicationMessage message)
    {
        try
        {
            await _link.PublishAsync(message, _stop.Token).ConfigureAwait(false);
            _fault = null;
        }
        catch (MqttLinkException e)
        {
            // Lost: the next connection announces everything again. Refused: once is enough to be heard.
            if (_link.IsConnected && _fault is null)
                _logger.LogWarning("Home Assistant is not told of this hub: {Fault} Allow its user that, or set HomeAssistant:Enabled to false.", e.Message);
            _fault = e.Message;
        }
    }

    /// <summary>A broker that was away may have forgotten what it kept.</summary>
    private async Task WatchConnectionsAsync()
    {
        try
        {
            for (Session? session = null; ;)
            {
                session = await _link.SessionAsync(lost: session, _stop.Token).ConfigureAwait(false);
                AnnounceAll();
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed, or the link was.
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            await foreach (var message in _subscription.Messages.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                if (message.Topic != _options.BirthTopic)
                    TakeBackIfUnknown(message);
                else if (message.Payload.Span.SequenceEqual("online"u8))
                {
                    await Task.Delay(_random.NextDouble() * _options.LongestBirthDelay, _time, _stop.Token).ConfigureAwait(false);
                    AnnounceAll();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    /// <summary>A sensor that was forgotten while nobody announced is still at the broker.</summary>
    private void TakeBackIfUnknown(ReceivedMessage message)
    {
        var id = message.Topic[(_options.Prefix.Length + "/device/".Length)..^"/config".Length];
        if (!message.Retained || message.Payload.IsEmpty || !_devices.IsSensor(id))
            return;
        lock (_gate)
            if (!_sensors.Keys.Any(sensor => _devices.SensorId(sensor) == id))
                Take(Removal(message.Topic));
    }

    private MqttApplicationMessage Announcement(string id, DeviceConfig device) => new()
    {
        Topic = _options.ConfigTopic(id),
        PayloadSegment = device.ToJson(),
        ContentType = "application/json",
        PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = true,
    };

    private static MqttApplicationMessage Removal(string topic) => new() { Topic = topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce, Retain = true };
}

using MQTTnet;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Outbox;
using SensorHub.Mqtt.Publishing;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Delivering;

/// <summary>
/// A broker that the hub's features go to, and that commands come from: a link, and for a live hub an outbox of its own, so that one broker being away is
/// nothing to another.
/// </summary>
public sealed class Destination : IAsyncDisposable
{
    private readonly Func<bool, MqttApplicationMessage> _presence;
    private readonly string? _reached; // the file that says which broker was
    private readonly CommandReceiver _commands;
    private readonly ILogger _logger;

    /// <param name="broker">Where it is, and who we are there.</param>
    /// <param name="messages">Writes them.</param>
    /// <param name="presence">The hub's status, online or not.</param>
    /// <param name="outbox">Null in a replay: a recording can be played again, and waits for a slow broker.</param>
    /// <exception cref="UserException">The outbox cannot be used.</exception>
    public Destination(
        MqttConnection broker, HubMessages messages, Func<bool, MqttApplicationMessage> presence, OutboxOptions? outbox, TimeProvider time, ILoggerFactory loggers)
    {
        _presence = presence;
        _logger = loggers.CreateLogger<Destination>();
        _reached = outbox is null ? null : Path.ChangeExtension(outbox.Path, ".reached");
        WasUsed = _reached is not null && File.Exists(_reached) && File.ReadAllText(_reached).Trim() == broker.ToString();
        Link = new MqttLink(
            broker, new MqttLinkOptions { ClientId = $"sensorhub-hub-{messages.Hub}", Presence = presence, SessionExpiry = TimeSpan.FromHours(1) }, time, loggers.CreateLogger<MqttLink>());
        var inbox = new HubInbox(Link, messages.Hub, logger: loggers.CreateLogger<HubInbox>());
        _commands = new CommandReceiver(inbox, loggers.CreateLogger<CommandReceiver>());
        Outbox = outbox is null ? null : new OutboxPublisher(Link, inbox, outbox, time, loggers.CreateLogger<OutboxPublisher>());
        Features = new FeaturePublisher(Link, messages, new PublisherOptions { DropOldest = outbox is not null }, rawFrames: true, loggers.CreateLogger<MessagePublisher>(), Outbox);
    }

    public MqttLink Link { get; }

    /// <summary>Null in a replay.</summary>
    public OutboxPublisher? Outbox { get; }

    /// <summary>Takes features and records.</summary>
    public FeaturePublisher Features { get; }

    /// <summary>It was reached in an earlier run, at this place and by this account: its settings are right, and when it is away now it will come back.</summary>
    public bool WasUsed { get; }

    /// <summary>Connects. One that was used before may be away, and is waited for in the background.</summary>
    /// <exception cref="MqttLinkException">It cannot be reached, and never was.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Link.ConnectAsync(cancellationToken);
            NoteReached();
        }
        catch (MqttLinkException e) when (WasUsed)
        {
            _logger.LogWarning("{Fault} The hub goes on without it: what is to go there waits in the outbox.", e.Message);
            Link.Start();
        }
    }

    private void NoteReached()
    {
        if (_reached is null || WasUsed)
            return;
        try
        {
            File.WriteAllText(_reached, Link.Connection.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("{File} cannot be written ({Fault}): if the broker is away at the next start, the hub will not go on without it.", _reached, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Says the hub's status anew, if there is a connection; each connect says it anyway.</summary>
    public async Task SayPresenceAsync(CancellationToken cancellationToken)
    {
        if (!Link.IsConnected)
            return;
        try
        {
            await Link.PublishAsync(_presence(true), cancellationToken);
        }
        catch (MqttLinkException)
        {
            // Each connect says it again.
        }
    }

    public void Subscribe(IObservable<Feature> features, IObservable<SensorRecord> records)
    {
        features.Subscribe(Features);
        records.Subscribe(Features);
    }

    /// <summary>Takes commands until it is cancelled.</summary>
    public async Task CommandAsync(Action<Marker> accept, CancellationToken cancellationToken)
    {
        try
        {
            await _commands.RunAsync(accept, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The hub ends.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Features.DisposeAsync();
        if (Outbox is not null)
            await Outbox.DisposeAsync();
        await Link.DisposeAsync();
    }
}

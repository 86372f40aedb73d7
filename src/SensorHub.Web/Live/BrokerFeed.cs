using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Web.Live;

/// <summary>The pages' link to the broker: fills the <see cref="LiveFeed"/> with the hub's topics, and carries commands to the hub.</summary>
internal sealed class BrokerFeed : BackgroundService
{
    /// <summary>A command that could not be sent by then is given up: the person waits for an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly LiveFeed _feed;
    private readonly TimeProvider _time;
    private readonly SensorHubWebOptions _options;
    private readonly MqttLink _link;
    private readonly MqttSubscription _subscription;

    public BrokerFeed(SensorHubWebOptions options, LiveFeed feed, TimeProvider time, ILogger<MqttLink> logger)
    {
        _feed = feed;
        _time = time;
        _options = options;
        _link = new MqttLink(options.Broker, new MqttLinkOptions { ClientId = $"sensorhub-{(options.AllHubs ? "clinic" : "web")}-{options.Hub}" }, time, logger);
        var root = $"{Topics.Root}/{(options.AllHubs ? "+" : options.Hub)}";
        _subscription = _link.Subscribe(
            [
                $"{root}/status", $"{root}/sensors/+/status", $"{root}/subjects/+/posture", $"{root}/subjects/+/rolling", $"{root}/subjects/+/events",
                $"{root}/subjects/+/cues", $"{root}/subjects/+/session",
            ],
            new SubscriptionOptions { DropOldest = true });
        feed.Trouble = () => Trouble;
    }

    /// <summary>Why nothing comes, in one line; null while there is a connection.</summary>
    public string? Trouble => _link.IsConnected ? null : _link.Fault ?? $"Connecting to {_link.Connection}.";

    /// <summary>Asks the hub to make this marker.</summary>
    /// <param name="hub">Where the pages are for several: which. None = the one that has the session that is shown.</param>
    /// <exception cref="MqttLinkException">The broker is not there or refuses; the message says what to do.</exception>
    public async Task SendAsync(Marker marker, CancellationToken cancellationToken, Slug hub = default)
    {
        if (!_options.AllHubs)
            hub = _options.Hub;
        else if (hub.IsNone)
            hub = _feed.HubOf(_feed.CurrentSubject);
        if (hub.IsNone)
            throw new MqttLinkException("No hub has a session.");
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await _link.PublishAsync(new HubMessages(hub).Command(marker), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MqttLinkException(Trouble ?? "The broker does not answer. Try again.");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _link.Start();
        try
        {
            await foreach (var message in _subscription.Messages.ReadAllAsync(stoppingToken).ConfigureAwait(false))
                _feed.Receive(message.Topic, message.Payload, message.Retained);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        await _link.DisposeAsync().ConfigureAwait(false);
    }
}

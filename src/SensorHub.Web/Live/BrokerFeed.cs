using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Web.Live;

/// <summary>Subscribes to the hub's topics and fills the <see cref="LiveFeed"/>, for as long as the program runs.</summary>
internal sealed class BrokerFeed(SensorHubWebOptions options, LiveFeed feed, TimeProvider time, ILogger<MqttLink> logger) : BackgroundService
{
    private readonly MqttLink _link = new(options.Broker, new MqttLinkOptions { ClientId = $"sensorhub-web-{options.Hub}" }, time, logger);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var root = $"{Topics.Root}/{options.Hub}";
        var subscription = _link.Subscribe(
            [$"{root}/status", $"{root}/sensors/+/status", $"{root}/subjects/+/+"],
            new SubscriptionOptions { DropOldest = true });
        feed.Trouble = () => _link.IsConnected ? null : _link.Fault ?? $"Connecting to {options.Broker}.";
        _link.Start();
        try
        {
            await foreach (var message in subscription.Messages.ReadAllAsync(stoppingToken).ConfigureAwait(false))
                feed.Receive(message.Topic, message.Payload, message.Retained);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        await _link.DisposeAsync().ConfigureAwait(false);
    }
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.Subscribing;

/// <summary>The commands to a hub, as markers. Bad ones are counted and logged, and change nothing.</summary>
public sealed class CommandReceiver
{
    private readonly ILogger _logger;
    private readonly ChannelReader<ReceivedMessage> _messages;
    private long _refused;

    /// <param name="link">A link that has not been started: the receiver is its subscription.</param>
    public CommandReceiver(MqttLink link, Slug hub, ILogger<CommandReceiver>? logger = null)
        : this(link.Subscribe(Topics.Command(hub), new SubscriptionOptions { Capacity = 64 }).Messages, logger)
    {
    }

    /// <param name="inbox">Of a link that receives more than commands.</param>
    public CommandReceiver(HubInbox inbox, ILogger<CommandReceiver>? logger = null) : this(inbox.Commands, logger)
    {
    }

    private CommandReceiver(ChannelReader<ReceivedMessage> messages, ILogger<CommandReceiver>? logger)
    {
        _messages = messages;
        _logger = logger ?? NullLogger<CommandReceiver>.Instance;
    }

    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Hands each marker to <paramref name="accept"/>, one after the other, until the link is disposed or this is cancelled.</summary>
    public async Task RunAsync(Action<Marker> accept, CancellationToken cancellationToken)
    {
        await foreach (var message in _messages.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            var (marker, reason) = message.Retained
                ? new CommandResult(null, "it is retained, and would come again at each connect")
                : Commands.Read(message.Payload.Span);
            if (marker is not null)
            {
                accept(marker);
                continue;
            }
            Interlocked.Increment(ref _refused);
            _logger.LogWarning("A command on {Topic} was refused: {Reason}.", message.Topic, reason);
        }
    }
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SensorHub.Core;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.Subscribing;

/// <summary>
/// What is sent to a hub, on the one subscription of its link: commands go to a <see cref="CommandReceiver"/>, confirmations to whoever listens to <see cref="Stored"/>.
/// </summary>
public sealed class HubInbox
{
    private readonly ILogger _logger;
    private readonly MqttSubscription _subscription;
    private readonly Channel<ReceivedMessage> _commands = Channel.CreateBounded<ReceivedMessage>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <param name="link">A link that has not been started: the inbox is its subscription. It ends with the link.</param>
    /// <param name="commands">False at a broker whose users shall not command the hub.</param>
    public HubInbox(MqttLink link, Slug hub, bool commands = true, ILogger<HubInbox>? logger = null)
    {
        _logger = logger ?? NullLogger<HubInbox>.Instance;
        string[] filters = commands ? [Topics.Command(hub), Topics.Stored(hub)] : [Topics.Stored(hub)];
        _subscription = link.Subscribe(filters, new SubscriptionOptions { Capacity = 1024 });
        _ = Task.Run(DispatchAsync);
    }

    /// <summary>
    /// An output says which numbers of an outbox it has. Raised one after the other, from a thread of its own; handlers return at once.
    /// </summary>
    public event Action<Slug, Slug, IReadOnlyList<(long First, long Last)>>? Stored;

    /// <summary>The newest commands that nobody has taken yet; ends when the link is disposed.</summary>
    internal ChannelReader<ReceivedMessage> Commands => _commands.Reader;

    private async Task DispatchAsync()
    {
        await foreach (var message in _subscription.Messages.ReadAllAsync().ConfigureAwait(false))
        {
            if (TopicName.Parse(message.Topic).Kind != TopicKind.Stored)
                _commands.Writer.TryWrite(message);
            else if (Contract.Stored.Read(message.Payload.Span) is var (outbox, output, ranges))
                Stored?.Invoke(outbox, output, ranges);
            else
                _logger.LogWarning("A message on {Topic} was ignored: it is no {Schema}.", message.Topic, Schemas.Stored);
        }
        _commands.Writer.TryComplete();
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Protocol;

namespace SensorHub.Mqtt.Subscribing;

/// <summary>How messages are received.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>
    /// Messages that the broker may send ahead of their acknowledgement (MQTT 5 "Receive Maximum"), and that wait for
    /// the reader. 1 to 65535. Whoever acknowledges by hand in batches keeps the batches smaller.
    /// </summary>
    public int Capacity { get; init; } = 4096;

    /// <summary>
    /// When the reader is too slow: true drops the oldest message and counts it (live views), false lets the broker
    /// wait (storage). Messages sent at most once are dropped either way.
    /// </summary>
    public bool DropOldest { get; init; }

    /// <summary>
    /// True: a message is acknowledged by <see cref="ReceivedMessage.AcknowledgeAsync"/>, and delivered again after a
    /// reconnect if it was not (the link needs a <see cref="Connecting.MqttLinkOptions.SessionExpiry"/> for that).
    /// False: it is acknowledged when the reader takes it.
    /// </summary>
    public bool ManualAcknowledgement { get; init; }
}

/// <summary>What a link receives. Messages of one topic come in the order they were published.</summary>
public sealed class MqttSubscription
{
    private readonly Channel<ReceivedMessage> _messages;
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private long _received;
    private long _dropped;

    internal MqttSubscription(IReadOnlyList<string> filters, SubscriptionOptions options)
    {
        if (options.Capacity is < 1 or > ushort.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(options), options.Capacity, "A subscription's capacity is 1 to 65535 messages.");
        if (options is { DropOldest: true, ManualAcknowledgement: true })
            throw new ArgumentException("A message that is dropped cannot be acknowledged by hand: choose one of the two.", nameof(options));
        Filters = filters;
        Options = options;
        // Without dropping, the number of waiting messages is bounded by the broker, which may not send more than
        // Capacity unacknowledged ones, and where it does by Inflow. A bounded channel would not do: MQTTnet ends a lost
        // connection only when the handler of the last message has returned, so the handler must never wait.
        _messages = options.DropOldest
            ? Channel.CreateBounded<ReceivedMessage>(
                new BoundedChannelOptions(options.Capacity) { FullMode = BoundedChannelFullMode.DropOldest },
                _ => Interlocked.Increment(ref _dropped))
            : Channel.CreateUnbounded<ReceivedMessage>();
        Messages = new Reader(this, acknowledges: options is { DropOldest: false, ManualAcknowledgement: false });
    }

    /// <summary>The topic filters, <c>+</c> and <c>#</c> as in MQTT; <c>$share/group/filter</c> where the broker has shared subscriptions.</summary>
    public IReadOnlyList<string> Filters { get; }

    public SubscriptionOptions Options { get; }

    /// <summary>
    /// One value a message; ends when the link is disposed. Several readers share the messages between them:
    /// <c>await foreach (var message in subscription.Messages.ReadAllAsync(token))</c>, or <c>TryRead</c> for batches.
    /// </summary>
    public ChannelReader<ReceivedMessage> Messages { get; }

    public long Received => Interlocked.Read(ref _received);

    /// <summary>Messages that the reader was too slow for.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    internal Task DeliverAsync(MqttApplicationMessageReceivedEventArgs received, Inflow connection)
    {
        received.AutoAcknowledge = Options.DropOldest;
        Interlocked.Increment(ref _received);
        lock (_gate)
        {
            if (!Options.DropOldest && received.ApplicationMessage.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce && _messages.Reader.Count >= Options.Capacity)
                Interlocked.Increment(ref _dropped);
            else if (!_messages.Writer.TryWrite(new ReceivedMessage(received, connection)))
                received.AutoAcknowledge = false; // the link is being disposed, nobody took it: the broker keeps it
            else
                return Task.CompletedTask;
            Wake();
        }
        return Task.CompletedTask;
    }

    /// <summary>The broker kept the session and delivers again what was not acknowledged: what waits of the connections before goes, or each would leave more behind.</summary>
    internal void Resume(Inflow connection)
    {
        if (Options.DropOldest)
            return; // acknowledged already
        lock (_gate)
        {
            for (var rest = _messages.Reader.Count; rest > 0 && _messages.Reader.TryRead(out var message); rest--)
                if (!message.ComesAgainOn(connection))
                    _messages.Writer.TryWrite(message);
            Wake();
        }
    }

    internal Task RoomAsync(Inflow connection)
    {
        lock (_gate)
            return connection.IsFull ? (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
    }

    internal void Complete() => _messages.Writer.TryComplete();

    private bool TryTake([MaybeNullWhen(false)] out ReceivedMessage message)
    {
        lock (_gate)
        {
            if (!_messages.Reader.TryRead(out message))
                return false;
            if (_room is not null && _messages.Reader.Count <= Options.Capacity) // not for each one
                Wake();
            return true;
        }
    }

    private void Wake()
    {
        _room?.TrySetResult();
        _room = null;
    }

    /// <summary>Acknowledges what is taken, if asked to.</summary>
    private sealed class Reader(MqttSubscription subscription, bool acknowledges) : ChannelReader<ReceivedMessage>
    {
        private readonly ChannelReader<ReceivedMessage> _inner = subscription._messages.Reader;

        public override bool CanCount => true;

        public override int Count => _inner.Count;

        public override Task Completion => _inner.Completion;

        public override bool TryRead([MaybeNullWhen(false)] out ReceivedMessage item)
        {
            if (!subscription.TryTake(out item))
                return false;
            if (acknowledges)
                _ = item.AcknowledgeAsync(); // ends without an exception, and keeps the order: packets leave one by one
            return true;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => _inner.WaitToReadAsync(cancellationToken);
    }
}

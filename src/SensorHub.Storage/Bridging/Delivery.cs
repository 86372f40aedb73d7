using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Storage.Bridging;

/// <summary>
/// Tells when everything that was published before has come through the broker to the bridge: a message of our own,
/// published last, is waited for at the other end. Brokers hand one client's messages on in the order they came.
/// </summary>
/// <param name="inner">What the bridge's link receives, this topic included.</param>
internal sealed class Delivery(Slug hub, ChannelReader<ReceivedMessage> inner) : ChannelReader<ReceivedMessage>
{
    private readonly string _topic = Topics.Delivered(hub);
    private volatile Awaited? _awaited;

    /// <summary>Ends when all that was acknowledged to this process's publishers before has been read by the bridge.</summary>
    public async Task AllAsync(MqttLink link, CancellationToken cancellationToken)
    {
        var awaited = new Awaited();
        _awaited = awaited;
        await link.PublishAsync(
            new MqttApplicationMessage
            {
                Topic = _topic,
                PayloadSegment = awaited.Id,
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                MessageExpiryInterval = 60,
            },
            cancellationToken);
        await awaited.Arrived.Task.WaitAsync(cancellationToken);
    }

    public override bool CanCount => inner.CanCount;

    public override int Count => inner.Count;

    public override Task Completion => inner.Completion;

    public override bool TryRead([MaybeNullWhen(false)] out ReceivedMessage item)
    {
        while (inner.TryRead(out item))
        {
            if (item.Topic != _topic)
                return true;
            if (_awaited is { } awaited && item.Payload.Span.SequenceEqual(awaited.Id))
                awaited.Arrived.TrySetResult();
            _ = item.AcknowledgeAsync();
        }
        return false;
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => inner.WaitToReadAsync(cancellationToken);

    /// <summary>One message that is waited for; an older one, or another process's, has another id.</summary>
    private sealed class Awaited
    {
        public byte[] Id { get; } = Guid.NewGuid().ToByteArray();

        public TaskCompletionSource Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

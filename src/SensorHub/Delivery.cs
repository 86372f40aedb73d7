using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub;

/// <summary>
/// Tells when everything that was published before has come through the broker to the bridge: a message of our own,
/// published last, is waited for at the other end. Brokers hand one client's messages on in the order they came.
/// </summary>
/// <param name="inner">What the bridge's link receives, this topic included.</param>
public sealed class Delivery(Slug hub, ChannelReader<ReceivedMessage> inner) : ChannelReader<ReceivedMessage>
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _id = Guid.NewGuid().ToString("N");

    public static string TopicOf(Slug hub) => $"{Topics.Root}/{hub}/delivered";

    /// <summary>Ends when all that was acknowledged to this process's publishers before has been read by the bridge.</summary>
    public async Task AllAsync(MqttLink link, CancellationToken cancellationToken)
    {
        await link.PublishAsync(
            new MqttApplicationMessage
            {
                Topic = TopicOf(hub),
                PayloadSegment = System.Text.Encoding.ASCII.GetBytes(_id),
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                MessageExpiryInterval = 60,
            },
            cancellationToken);
        await _arrived.Task.WaitAsync(cancellationToken);
    }

    public override Task Completion => inner.Completion;

    public override bool TryRead([MaybeNullWhen(false)] out ReceivedMessage item)
    {
        while (inner.TryRead(out item))
        {
            if (item.Topic != TopicOf(hub))
                return true;
            if (item.Payload.Span.SequenceEqual(System.Text.Encoding.ASCII.GetBytes(_id)))
                _arrived.TrySetResult();
            _ = item.AcknowledgeAsync();
        }
        return false;
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => inner.WaitToReadAsync(cancellationToken);
}

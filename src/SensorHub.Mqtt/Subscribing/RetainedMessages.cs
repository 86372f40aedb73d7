using MQTTnet;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.Subscribing;

/// <summary>What a broker retains of hubs: read to its end, and forgotten topic by topic.</summary>
public sealed class RetainedMessages(MqttConnection broker, Slug hub, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="filter">Such as <c>sensorhub/1/home/#</c>.</param>
    /// <exception cref="MqttLinkException">It cannot be reached, or this account may not read that; the message says what to do.</exception>
    public async Task<IReadOnlyList<ReceivedMessage>> ReadAsync(string filter, CancellationToken cancellationToken)
    {
        await using var link = Link();
        // What is retained comes first; behind it comes the mark that the program sends to itself.
        var mark = Topics.Delivered(hub);
        var subscription = link.Subscribe(filter);
        await link.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var payload = Guid.NewGuid().ToByteArray();
        await link.PublishAsync(
            new MqttApplicationMessage { Topic = mark, PayloadSegment = payload, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce, MessageExpiryInterval = 60 }, cancellationToken).ConfigureAwait(false);
        var retained = new List<ReceivedMessage>();
        using var timeout = new CancellationTokenSource(Patience, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await foreach (var message in subscription.Messages.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                if (message.Topic == mark && message.Payload.Span.SequenceEqual(payload))
                    break;
                if (message.Retained)
                    retained.Add(message);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MqttLinkException($"{broker} does not say what it retains: its access list has to let this account write and read {Topics.Root}/{hub}/#.");
        }
        return retained;
    }

    /// <summary>Makes the broker forget what it retains at the topics.</summary>
    /// <exception cref="MqttLinkException">It cannot be reached, or refuses.</exception>
    public async Task ForgetAsync(IEnumerable<string> topics, CancellationToken cancellationToken)
    {
        await using var link = Link();
        await link.ConnectAsync(cancellationToken).ConfigureAwait(false);
        foreach (var topic in topics)
            await link.PublishAsync(new MqttApplicationMessage { Topic = topic, Retain = true, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce }, cancellationToken).ConfigureAwait(false);
    }

    private MqttLink Link() => new(broker, new MqttLinkOptions { ClientId = $"sensorhub-subject-{Environment.ProcessId}" }, time);
}

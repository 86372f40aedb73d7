using System.Buffers;
using System.Text;
using MQTTnet;
using SensorHub.Mqtt.Connecting;

namespace SensorHub.Mqtt.Subscribing;

/// <summary>A message from a broker. Its memory is the receiver's to keep.</summary>
public sealed class ReceivedMessage
{
    private readonly MqttApplicationMessageReceivedEventArgs? _received;

    /// <summary>A message that did not come over a link: for tests, and for messages kept elsewhere.</summary>
    public ReceivedMessage(string topic, ReadOnlyMemory<byte> payload)
    {
        Topic = topic;
        Payload = payload;
    }

    internal ReceivedMessage(MqttApplicationMessageReceivedEventArgs received)
    {
        _received = received;
        var message = received.ApplicationMessage;
        Topic = message.Topic;
        Payload = message.Payload.IsSingleSegment ? message.Payload.First : message.Payload.ToArray();
    }

    public string Topic { get; }

    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The broker had kept it from before the subscription.</summary>
    public bool Retained => _received?.ApplicationMessage.Retain ?? false;

    /// <summary>MIME type; null from a sender that does not speak MQTT 5.</summary>
    public string? ContentType => _received?.ApplicationMessage.ContentType;

    /// <summary>The MQTT 5 user property of this name, or null.</summary>
    public string? Property(string name)
    {
        foreach (var property in _received?.ApplicationMessage.UserProperties ?? [])
            if (property.Name == name)
                return Encoding.UTF8.GetString(property.ValueBuffer.Span);
        return null;
    }

    /// <summary>
    /// Tells the broker that the message is taken care of. Only for subscriptions with
    /// <see cref="SubscriptionOptions.ManualAcknowledgement"/>, once, in the order of arrival.
    /// </summary>
    /// <returns>False: the link has been lost since; the broker will deliver the message again.</returns>
    public async Task<bool> AcknowledgeAsync(CancellationToken cancellationToken = default)
    {
        if (_received is null || _received.AutoAcknowledge)
            return true;
        try
        {
            // The event args belong to the client of one connection, so this can never acknowledge a message of a later one.
            await _received.AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (Session.IsLoss(e) && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}

using System.Buffers;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;
using SensorHub.Mqtt.Connecting;

namespace SensorHub.Mqtt.Subscribing;

/// <summary>A message from a broker. Its memory is the receiver's to keep.</summary>
public sealed class ReceivedMessage
{
    private readonly MqttApplicationMessageReceivedEventArgs? _received;
    private readonly Inflow? _connection;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _properties = [];
    private readonly Func<Task<bool>>? _acknowledge;

    /// <summary>A message that did not come over a link: for tests, and for messages kept elsewhere.</summary>
    /// <param name="properties">Its MQTT 5 user properties.</param>
    /// <param name="acknowledge">What <see cref="AcknowledgeAsync"/> does.</param>
    public ReceivedMessage(string topic, ReadOnlyMemory<byte> payload, IReadOnlyList<KeyValuePair<string, string>>? properties = null, Func<Task<bool>>? acknowledge = null)
    {
        Topic = topic;
        Payload = payload;
        _properties = properties ?? [];
        _acknowledge = acknowledge;
    }

    internal ReceivedMessage(MqttApplicationMessageReceivedEventArgs received, Inflow connection)
    {
        (_received, _connection) = (received, connection);
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

    /// <summary>The MQTT 5 user properties, in the sender's order; a name may come more than once.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Properties => _received?.ApplicationMessage.UserProperties is { } properties
        ? [.. properties.Select(p => KeyValuePair.Create(p.Name, Encoding.UTF8.GetString(p.ValueBuffer.Span)))]
        : _properties;

    /// <summary>The MQTT 5 user property of this name, or null.</summary>
    public string? Property(string name)
    {
        foreach (var property in _received?.ApplicationMessage.UserProperties ?? [])
            if (property.Name == name)
                return Encoding.UTF8.GetString(property.ValueBuffer.Span);
        foreach (var (property, value) in _properties)
            if (property == name)
                return value;
        return null;
    }

    /// <summary>It came on an earlier connection of a session that the broker kept, and was not acknowledged.</summary>
    internal bool ComesAgainOn(Inflow connection) =>
        _connection != connection && _received?.ApplicationMessage.QualityOfServiceLevel > MqttQualityOfServiceLevel.AtMostOnce;

    /// <summary>
    /// Tells the broker that the message is taken care of. Only for subscriptions with
    /// <see cref="SubscriptionOptions.ManualAcknowledgement"/>, once, in the order of arrival.
    /// </summary>
    /// <returns>False: the link has been lost since; the broker will deliver the message again.</returns>
    public async Task<bool> AcknowledgeAsync(CancellationToken cancellationToken = default)
    {
        if (_acknowledge is not null)
            return await _acknowledge().ConfigureAwait(false);
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

using System.Buffers;
using System.Text;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace SensorHub.Mqtt.Outbox;

/// <summary>A message of the outbox.</summary>
/// <param name="Number">Rises with each message, and is never given again.</param>
/// <param name="At">When it was taken.</param>
/// <param name="Key">Stands for topic and event time: messages with one key are about the same, and the last of them holds.</param>
/// <param name="Live">It says what is so now; a message that is not corrects or completes what was said.</param>
/// <param name="Message">As it was given.</param>
internal sealed record OutboxRow(long Number, DateTimeOffset At, ulong Key, bool Live, MqttApplicationMessage Message)
{
    private static readonly byte[] Historical = "\"historical\""u8.ToArray();

    /// <summary>As it is published: with its number, at least once.</summary>
    /// <param name="late">It comes behind its time: what was live is marked historical, and nothing expires.</param>
    /// <param name="holds">No later message is to be retained in its place.</param>
    public MqttApplicationMessage ToMessage(string outbox, bool late, bool holds) => new()
    {
        Topic = Message.Topic,
        Payload = late && Live ? new ReadOnlySequence<byte>(MarkHistorical(Message.Payload.ToArray())) : Message.Payload,
        ContentType = Message.ContentType,
        PayloadFormatIndicator = Message.PayloadFormatIndicator,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = Message.Retain && (holds || !late),
        MessageExpiryInterval = late ? 0 : Message.MessageExpiryInterval,
        UserProperties = [.. Message.UserProperties ?? [], new MqttUserProperty(Contract.OutboxNumber.Property, Encoding.UTF8.GetBytes($"{outbox}/{Number}"))],
    };

    /// <summary>The payload with the finality <c>historical</c> instead of <c>live</c>; what has no such field at its top stays as it is.</summary>
    internal static byte[] MarkHistorical(byte[] payload)
    {
        var reader = new Utf8JsonReader(payload);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals("finality"u8))
                    continue;
                if (!reader.Read() || reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals("live"u8))
                    return payload;
                return [.. payload.AsSpan(0, (int)reader.TokenStartIndex), .. Historical, .. payload.AsSpan((int)reader.BytesConsumed)];
            }
        }
        catch (JsonException)
        {
            // Not JSON: nothing to mark.
        }
        return payload;
    }
}

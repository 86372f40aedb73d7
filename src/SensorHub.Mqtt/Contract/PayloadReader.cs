using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SensorHub.Core.Timing;

namespace SensorHub.Mqtt.Contract;

/// <summary>What became of a message. Anything but <see cref="Ok"/> is counted and set aside.</summary>
public enum PayloadStatus : byte
{
    Ok = 0,

    /// <summary>The topic is not of the contract.</summary>
    ForeignTopic,

    /// <summary>The topic is of the contract, and what it carries is not a JSON payload: frames, descriptors, commands; or one that another topic carries too.</summary>
    NoPayload,

    /// <summary>A payload of a newer version, or of another kind than the topic's.</summary>
    UnknownSchema,

    /// <summary>Not JSON, a required field missing, a time that is none.</summary>
    Malformed,

    /// <summary>A field has a value of another type than the contract's.</summary>
    WrongType,
}

/// <param name="Time">Event time; the epoch unless the status is ok.</param>
/// <param name="Payload">Null unless the status is ok.</param>
/// <param name="Reason">One line for a log; empty when the status is ok.</param>
public readonly record struct PayloadResult(PayloadStatus Status, TopicName Topic, Timestamp Time, Payload? Payload, string Reason);

/// <summary>Topic and bytes → typed payload. Bad bytes are a status, never an exception.</summary>
public static class PayloadReader
{
    /// <summary>Larger messages are malformed. The largest of the contract have about 1 kB.</summary>
    public const int MaxBytes = 64 * 1024;

    public static PayloadResult Read(string topic, ReadOnlySpan<byte> payload)
    {
        var name = TopicName.Parse(topic);
        return name.Kind switch
        {
            TopicKind.Foreign => Bad(PayloadStatus.ForeignTopic, name, $"'{topic}' is not a topic of {Topics.Root}"),
            TopicKind.HubStatus => Read(name, payload, Schemas.Hub, PayloadJson.Default.HubStatus),
            TopicKind.HubClock => Read(name, payload, Schemas.Clock, PayloadJson.Default.HubClockPayload),
            TopicKind.SensorStatus => Read(name, payload, Schemas.Sensor, PayloadJson.Default.SensorStatus),
            TopicKind.Posture => Read(name, payload, Schemas.Posture, PayloadJson.Default.PosturePayload),
            TopicKind.Rolling => Read(name, payload, Schemas.Rolling, PayloadJson.Default.RollingPayload),
            TopicKind.Events => Read(name, payload, Schemas.Event, PayloadJson.Default.EventPayload),
            TopicKind.Cues => Read(name, payload, Schemas.Cue, PayloadJson.Default.CuePayload),
            TopicKind.Session => Read(name, payload, Schemas.Session, PayloadJson.Default.SessionPayload),
            TopicKind.Home => Bad(PayloadStatus.NoPayload, name, $"'{topic}' carries again, once a second, what another topic does"),
            _ => Bad(PayloadStatus.NoPayload, name, $"'{topic}' carries no JSON payload"),
        };
    }

    private static PayloadResult Read<T>(TopicName topic, ReadOnlySpan<byte> payload, string schema, JsonTypeInfo<T> type) where T : Payload
    {
        if (payload.Length > MaxBytes)
            return Bad(PayloadStatus.Malformed, topic, $"{payload.Length} bytes; a payload has at most {MaxBytes}");
        try
        {
            if (SchemaOf(payload) is not { } actual)
                return Bad(PayloadStatus.Malformed, topic, "no 'schema'");
            if (actual != schema)
                return Bad(PayloadStatus.UnknownSchema, topic, $"schema '{actual}' where '{schema}' is read");
            if (JsonSerializer.Deserialize(payload, type) is not { } read)
                return Bad(PayloadStatus.Malformed, topic, "null");
            if (!Timestamp.TryParse(read.Time, out var time))
                return Bad(PayloadStatus.Malformed, topic, $"'{read.Time}' is not a time");
            return new PayloadResult(PayloadStatus.Ok, topic, time, read, "");
        }
        catch (JsonException e) when (e is { Path.Length: > 2, InnerException: not JsonException })
        {
            return Bad(PayloadStatus.WrongType, topic, $"'{e.Path[2..]}' has a value of another type than the contract's");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ArgumentException or FormatException)
        {
            // JsonException for what the serializer checks; the others for text that is not UTF-8, an unknown event
            // type and times out of range.
            return Bad(PayloadStatus.Malformed, topic, e.Message.ReplaceLineEndings(" "));
        }
    }

    private static string? SchemaOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("schema"u8);
            reader.Read();
            if (found)
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            reader.Skip();
        }
        return null;
    }

    private static PayloadResult Bad(PayloadStatus status, TopicName topic, string reason) => new(status, topic, default, null, reason);
}

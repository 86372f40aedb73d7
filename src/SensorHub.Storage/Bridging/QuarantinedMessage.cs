using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Storage.Bridging;

/// <summary>A message that an output will never take as it is, with the reason: a file in the quarantine.</summary>
public sealed record QuarantinedMessage
{
    /// <summary>The <see cref="Schema"/> of what this program writes.</summary>
    public const string CurrentSchema = "quarantine/1";

    /// <summary>Of a larger message only the beginning is kept, bytes.</summary>
    public const int MaxPayloadBytes = 1 << 20;

    /// <summary>Letters are themselves: the files are for people, and no part of a web page.</summary>
    private static readonly QuarantineJson Json = new(new JsonSerializerOptions(QuarantineJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public required string Schema { get; init; }

    /// <summary>12 hexadecimal digits, from output, topic, payload and number: a message that comes again has the same.</summary>
    public required string Id { get; init; }

    /// <summary>When it was set aside.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Which output did not take it: <c>store</c>, <c>influx</c>.</summary>
    public required string Output { get; init; }

    /// <summary>Short and the same for all of its kind.</summary>
    public required string Reason { get; init; }

    /// <summary>One line for a person.</summary>
    public required string Detail { get; init; }

    /// <summary>Left out when the topic names none.</summary>
    public string? Hub { get; init; }

    public required string Topic { get; init; }

    /// <summary>Of the message, as its user property says; left out without one.</summary>
    public string? MessageSchema { get; init; }

    public string? ContentType { get; init; }

    /// <summary>MQTT 5 user properties in their order: name and value.</summary>
    public IReadOnlyList<string[]> Properties { get; init; } = [];

    /// <summary>Size of the payload as it came.</summary>
    public required int Bytes { get; init; }

    /// <summary>The payload if it is UTF-8.</summary>
    public string? Payload { get; init; }

    /// <summary>The payload if it is not; its beginning, if <see cref="Bytes"/> is more than <see cref="MaxPayloadBytes"/>.</summary>
    public byte[]? PayloadBase64 { get; init; }

    /// <summary>The whole message is here, so that it can be tried again.</summary>
    [JsonIgnore]
    public bool IsWhole => Bytes <= MaxPayloadBytes;

    public static QuarantinedMessage From(ReceivedMessage message, Slug output, string reason, string detail, DateTimeOffset time)
    {
        var kept = message.Payload.Span[..Math.Min(message.Payload.Length, MaxPayloadBytes)];
        var text = kept.Length == message.Payload.Length ? TextOf(kept) : null;
        return new QuarantinedMessage
        {
            Schema = CurrentSchema,
            Id = IdOf(message, output),
            Time = time,
            Output = output.ToString(),
            Reason = reason,
            Detail = detail,
            Hub = Confirmations.HubOf(message.Topic) is { IsNone: false } hub ? hub.ToString() : null,
            Topic = message.Topic,
            MessageSchema = message.Property("schema"),
            ContentType = message.ContentType,
            Properties = [.. message.Properties.Select(p => new[] { p.Key, p.Value })],
            Bytes = message.Payload.Length,
            Payload = text,
            PayloadBase64 = text is null ? kept.ToArray() : null,
        };
    }

    /// <summary>The payload as it came.</summary>
    public byte[] PayloadBytes() => PayloadBase64 ?? StrictUtf8.GetBytes(Payload ?? "");

    /// <summary>As the file has it.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json.QuarantinedMessage);

    /// <summary>Null for what is no such file.</summary>
    public static QuarantinedMessage? Read(ReadOnlySpan<byte> file)
    {
        try
        {
            return JsonSerializer.Deserialize(file, Json.QuarantinedMessage) is { Schema: CurrentSchema } message
                && message.Properties.All(p => p is [not null, not null]) && message.Topic is { Length: > 0 } ? message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string Write(IEnumerable<QuarantinedMessage> messages) => JsonSerializer.Serialize([.. messages], Json.QuarantinedMessageArray);

    private static string? TextOf(ReadOnlySpan<byte> payload)
    {
        try
        {
            return StrictUtf8.GetString(payload);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string IdOf(ReceivedMessage message, Slug output)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string?[] parts = [output.ToString(), message.Topic, message.Property(Mqtt.Contract.OutboxNumber.Property)];
        foreach (var part in parts)
            hash.AppendData(Encoding.UTF8.GetBytes($"{part}\n"));
        hash.AppendData(message.Payload.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 6));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(QuarantinedMessage))]
[JsonSerializable(typeof(QuarantinedMessage[]))]
internal sealed partial class QuarantineJson : JsonSerializerContext;

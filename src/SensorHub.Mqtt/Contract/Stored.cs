using System.Globalization;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Protocol;
using SensorHub.Core;

namespace SensorHub.Mqtt.Contract;

/// <summary>The number of a message in the outbox that it was published from: <c>3f9ac2d1/4711</c> in the user property <see cref="Property"/>.</summary>
/// <param name="Outbox">Names the file that the number is of.</param>
/// <param name="Number">1 for the first message that the file ever held.</param>
public readonly record struct OutboxNumber(Slug Outbox, long Number)
{
    /// <summary>Name of the MQTT 5 user property.</summary>
    public const string Property = "outbox";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Outbox}/{Number}");

    /// <returns>False for null and for what is none: the message came from elsewhere.</returns>
    public static bool TryParse(string? text, out OutboxNumber number)
    {
        number = default;
        if (text?.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var slash) || !Slug.TryParse(text[..slash], out var outbox)
            || !long.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1)
            return false;
        number = new OutboxNumber(outbox, value);
        return true;
    }
}

/// <summary>
/// Says to a hub which messages of its outbox an output has: stored, or set aside for good with a reason. Sent once a batch, after the messages were
/// acknowledged, on the same connection (docs/adr/0008-outbox-and-confirmations.md).
/// </summary>
public sealed record StoredPayload
{
    public required string Schema { get; init; }

    public required string Outbox { get; init; }

    /// <summary>Who says so: <c>store</c>, <c>influx</c>.</summary>
    public required string Output { get; init; }

    /// <summary>First and last number of each run of messages, rising.</summary>
    public required IReadOnlyList<long[]> Ranges { get; init; }
}

/// <summary>Messages of the topic <see cref="Topics.Stored"/>.</summary>
public static class Stored
{
    /// <summary>Runs in one message at most; more of them are sent as several.</summary>
    public const int MaxRanges = 1000;

    /// <param name="ranges">First and last number of each run, rising; at most <see cref="MaxRanges"/>.</param>
    public static MqttApplicationMessage Write(Slug hub, Slug outbox, Slug output, IReadOnlyList<(long First, long Last)> ranges)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ranges.Count, MaxRanges);
        var payload = new StoredPayload { Schema = Schemas.Stored, Outbox = outbox.ToString(), Output = output.ToString(), Ranges = [.. ranges.Select(r => new[] { r.First, r.Last })] };
        return new MqttApplicationMessage
        {
            Topic = Topics.Stored(hub),
            PayloadSegment = JsonSerializer.SerializeToUtf8Bytes(payload, PayloadJson.Default.StoredPayload),
            ContentType = "application/json",
            PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        };
    }

    /// <summary>Null for what is no such payload: it confirms nothing.</summary>
    public static (Slug Outbox, Slug Output, IReadOnlyList<(long First, long Last)> Ranges)? Read(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, PayloadJson.Default.StoredPayload) is { Schema: Schemas.Stored } read
                && Slug.TryParse(read.Outbox, out var outbox) && Slug.TryParse(read.Output, out var output)
                && read.Ranges is not null && read.Ranges.All(r => r is [>= 1 and var first, var last] && last >= first)
                ? (outbox, output, [.. read.Ranges.Select(r => (r[0], r[1]))])
                : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }
}

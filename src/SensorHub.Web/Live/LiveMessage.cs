using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Web.Live;

internal enum LiveKind
{
    Hub,
    Sensor,
    Session,
    Posture,
    Rolling,
    Event,
}

/// <summary>One payload as the broker carried it, with the little of it that deciding about it needs.</summary>
/// <param name="Subject">None for what is about the hub or a sensor.</param>
/// <param name="Payload">JSON, unchanged.</param>
internal sealed record LiveMessage(string Topic, LiveKind Kind, Slug Subject, Timestamp Time, string? Session, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Each of these counts; of the others only the newest is of interest.</summary>
    public bool IsOneOfMany => Kind is LiveKind.Posture or LiveKind.Event;

    /// <returns>Null for what a live page does not show: foreign topics, raw frames, late or recomputed estimates, bytes that are no payload.</returns>
    public static LiveMessage? Read(Slug hub, string topic, ReadOnlyMemory<byte> payload)
    {
        if (Classify(hub, topic) is not var (kind, subject))
            return null;
        try
        {
            using var json = JsonDocument.Parse(payload);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !Timestamp.TryParse(Text(root, "time"), out var time))
                return null;
            if (Text(root, "finality") is not (null or "live"))
                return null;
            return new LiveMessage(topic, kind, subject, time, Text(root, "session"), payload);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static (LiveKind Kind, Slug Subject)? Classify(Slug hub, string topic)
    {
        var prefix = $"{Topics.Root}/{hub}/";
        if (!topic.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        switch (topic[prefix.Length..].Split('/'))
        {
            case ["status"]:
                return (LiveKind.Hub, default);
            case ["sensors", _, "status"]:
                return (LiveKind.Sensor, default);
            case ["subjects", var name, var what] when Slug.TryParse(name, out var subject):
                LiveKind? kind = what switch
                {
                    "session" => LiveKind.Session,
                    "posture" => LiveKind.Posture,
                    "rolling" => LiveKind.Rolling,
                    "events" => LiveKind.Event,
                    _ => null,
                };
                return kind is { } known ? (known, subject) : null;
            default:
                return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

using SensorHub.Core;

namespace SensorHub.Mqtt.Contract;

public enum TopicKind : byte
{
    /// <summary>Not of this contract, or of another version of it.</summary>
    Foreign = 0,
    HubStatus,
    HubClock,
    SensorStatus,
    Posture,
    Rolling,
    Events,
    Cues,
    Session,
    Frames,
    Descriptor,
    Command,
    Stored,

    /// <summary>What <see cref="Posture"/> or <see cref="Rolling"/> carries too, once a second.</summary>
    Home,
}

/// <summary>What a topic says: the reverse of <see cref="Topics"/>.</summary>
/// <param name="Subject">None for what is about the hub or a sensor, and for <see cref="Topics.NoSubject"/>.</param>
/// <param name="Sensor">None for what is about the hub or a person.</param>
public readonly record struct TopicName(TopicKind Kind, Slug Hub, Slug Subject = default, Slug Sensor = default)
{
    /// <returns><see cref="TopicKind.Foreign"/> for a topic that is not of the contract.</returns>
    public static TopicName Parse(string topic)
    {
        if (!topic.StartsWith(Topics.Root + "/", StringComparison.Ordinal))
            return default;
        return topic[(Topics.Root.Length + 1)..].Split('/') switch
        {
            [var hub, "status"] when Is(hub, out var h) => new(TopicKind.HubStatus, h),
            [var hub, "clock"] when Is(hub, out var h) => new(TopicKind.HubClock, h),
            [var hub, "stored"] when Is(hub, out var h) => new(TopicKind.Stored, h),
            [var hub, "command"] when Is(hub, out var h) => new(TopicKind.Command, h),
            [var hub, "sensors", var sensor, "status"] when Is(hub, out var h) && Is(sensor, out var s) => new(TopicKind.SensorStatus, h, Sensor: s),
            [var hub, "home", var sensor] when Is(hub, out var h) && Is(sensor, out var s) => new(TopicKind.Home, h, Sensor: s),
            [var hub, "frames", var sensor] when Is(hub, out var h) && Is(sensor, out var s) => new(TopicKind.Frames, h, Sensor: s),
            [var hub, "frames", var sensor, "descriptor"] when Is(hub, out var h) && Is(sensor, out var s) => new(TopicKind.Descriptor, h, Sensor: s),
            [var hub, "subjects", var subject, var what] when Is(hub, out var h) && Is(subject, out var p) && Personal(what) is { } kind =>
                new(kind, h, p == Topics.NoSubject ? default : p),
            _ => default,
        };
    }

    private static TopicKind? Personal(string name) => name switch
    {
        "posture" => TopicKind.Posture,
        "rolling" => TopicKind.Rolling,
        "events" => TopicKind.Events,
        "cues" => TopicKind.Cues,
        "session" => TopicKind.Session,
        _ => null,
    };

    private static bool Is(string text, out Slug slug) => Slug.TryParse(text, out slug);
}

using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Web.Live;

/// <summary>One payload as the broker carried it, with the little of it that deciding about it needs.</summary>
/// <param name="Subject">The person; none for what is about the hub or a sensor.</param>
/// <param name="Time">Event time.</param>
/// <param name="Payload">JSON, unchanged.</param>
internal sealed record LiveMessage(string Topic, TopicKind Kind, Slug Subject, Timestamp Time, string? Session, ReadOnlyMemory<byte> Payload)
{
    /// <summary>A point of a chart or something said once: each counts. Of the others only the newest is of interest.</summary>
    public bool IsOneOfMany => Kind is TopicKind.Posture or TopicKind.Cues or TopicKind.Events;

    /// <returns>Null for what the live page does not show: other hubs, events but those of calibration, raw frames, late or recomputed estimates, what is no payload.</returns>
    public static LiveMessage? Read(Slug hub, string topic, ReadOnlyMemory<byte> payload)
    {
        var read = PayloadReader.Read(topic, payload.Span);
        if (read is not { Status: PayloadStatus.Ok, Payload: { } carried, Topic: var name } || name.Hub != hub || carried.Finality != EnumNames.Of(Finality.Live))
            return null;
        var personal = name.Kind is TopicKind.Posture or TopicKind.Rolling or TopicKind.Session or TopicKind.Cues || carried is CalibrationEvent;
        if (!personal && name.Kind is not (TopicKind.HubStatus or TopicKind.SensorStatus))
            return null;
        var subject = personal && name.Subject.IsNone ? Topics.NoSubject : name.Subject;
        return new LiveMessage(topic, name.Kind, subject, read.Time, carried.Session, payload);
    }
}

using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Web.Live;

/// <summary>One payload as the broker carried it, with the little of it that deciding about it needs.</summary>
/// <param name="Hub">Who sent it.</param>
/// <param name="Subject">The person; none for what is about the hub or a sensor.</param>
/// <param name="Time">Event time.</param>
/// <param name="Payload">JSON, unchanged.</param>
/// <param name="Carried">The same, read.</param>
internal sealed record LiveMessage(string Topic, TopicKind Kind, Slug Hub, Slug Subject, Timestamp Time, string? Session, ReadOnlyMemory<byte> Payload, Payload Carried)
{
    /// <summary>Monotonic time at which the feed received it: <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long ReceivedAt { get; init; }

    /// <summary>A point of a chart or something said once: each counts. Of the others only the newest is of interest.</summary>
    public bool IsOneOfMany => Kind is TopicKind.Posture or TopicKind.Cues or TopicKind.Events || Carried is SessionPayload session && session.Event != Running;

    private static readonly string Running = EnumNames.Of(SessionEvent.Running);

    /// <summary>Bends of a person that a page that opens late gets to see.</summary>
    private const int MaxBends = 64;

    /// <summary>A page that opens late gets the newest of each: null = what is said once is not said again.</summary>
    public string? Kept { get; init; }

    /// <summary>As streams carry it: the topic, and the payload unchanged.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("topic", Topic);
        json.WritePropertyName("payload");
        json.WriteRawValue(Payload.Span, skipInputValidation: true); // it was parsed on arrival
        json.WriteEndObject();
    }

    /// <param name="hub">The hub to listen to; none = all.</param>
    /// <returns>Null for what no page shows: other hubs, events but those that a page follows, raw frames, late or recomputed estimates, what is no payload.</returns>
    public static LiveMessage? Read(Slug hub, string topic, ReadOnlyMemory<byte> payload)
    {
        var read = PayloadReader.Read(topic, payload.Span);
        if (read is not { Status: PayloadStatus.Ok, Payload: { } carried, Topic: var name } || (!hub.IsNone && name.Hub != hub) || carried.Finality != EnumNames.Of(Finality.Live))
            return null;
        var personal = name.Kind is TopicKind.Posture or TopicKind.Rolling or TopicKind.Session or TopicKind.Cues || carried is CalibrationEvent or BendEvent or SetEvent or DoseEvent or ProtocolEvent;
        if (!personal && name.Kind is not (TopicKind.HubStatus or TopicKind.SensorStatus))
            return null;
        var subject = personal && name.Subject.IsNone ? Topics.NoSubject : name.Subject;
        var message = new LiveMessage(topic, name.Kind, name.Hub, subject, read.Time, carried.Session, payload, carried);
        return message with
        {
            Kept = carried switch
            {
                DoseEvent dose => $"{topic}#dose/{dose.Muscle}/{dose.Side}",
                ProtocolEvent => $"{topic}#protocol",
                BendEvent bend => $"{topic}#bend/{bend.Number % MaxBends}",
                SessionPayload => topic,
                _ => message.IsOneOfMany ? null : topic,
            },
        };
    }
}

using System.Collections.Concurrent;
using System.Text;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Mqtt.Contract;

/// <summary>Writes the messages of one hub: features, frames, its own status, commands to it. Threads may share it.</summary>
/// <param name="hub">Its name.</param>
/// <param name="trace">Names this run of the hub in the user property <c>trace</c>; null = drawn at random.</param>
public sealed class HubMessages(Slug hub, string? trace = null)
{
    /// <summary>A state for Home Assistant is of use only until the next ones have come.</summary>
    public static readonly TimeSpan HomeExpiry = TimeSpan.FromSeconds(10);

    /// <summary>Raw frames are of use only while they are fresh.</summary>
    public static readonly TimeSpan FrameExpiry = TimeSpan.FromSeconds(10);

    private const string Json = "application/json";
    private const string Binary = "application/octet-stream";

    /// <summary>Topics and properties repeat: a handful of strings serve a whole session.</summary>
    private readonly ConcurrentDictionary<(TopicKind, Slug), string> _topics = new();
    private readonly ConcurrentDictionary<(string, Slug), List<MqttUserProperty>> _properties = new();

    /// <summary>The newest state of each session topic: one that a crash cut off is told behind its time, and may be what holds.</summary>
    private readonly ConcurrentDictionary<string, (Timestamp Time, bool Live)> _sessions = new();

    public Slug Hub => hub;

    /// <summary>Names this run of the hub: 16 hexadecimal digits. With it a stored row's message can be found in every log on its way.</summary>
    public string Trace { get; } = trace ?? Guid.NewGuid().ToString("N")[..16];

    /// <exception cref="ArgumentException">The contract has no message for this feature, or a required number of it is not finite.</exception>
    public MqttApplicationMessage Write(Feature feature)
    {
        var payload = FeaturePayloads.From(feature);
        var kind = KindOf(feature);
        var topic = TopicOf(kind, feature switch
        {
            SensorHealth health => health.Sensor,
            { Subject.IsNone: true } => Topics.NoSubject,
            _ => feature.Subject,
        });
        return new MqttApplicationMessage
        {
            Topic = topic,
            PayloadSegment = FeaturePayloads.Serialize(payload),
            ContentType = Json,
            PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            Retain = IsRetained(kind, topic, feature),
            UserProperties = Properties(payload.Schema, feature.Session),
        };
    }

    /// <summary>An estimate again, for Home Assistant: at most once, and gone when it is not fresh any more. Null for features of another kind.</summary>
    public MqttApplicationMessage? Home(Feature feature)
    {
        Slug? sensor = feature switch
        {
            PostureEstimate posture => posture.Sensor,
            RollingEstimate rolling => rolling.Sensor,
            _ => null,
        };
        if (sensor is not { } about)
            return null;
        var payload = FeaturePayloads.From(feature);
        return new MqttApplicationMessage
        {
            Topic = TopicOf(TopicKind.Home, about),
            PayloadSegment = FeaturePayloads.Serialize(payload),
            ContentType = Json,
            PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce,
            MessageExpiryInterval = (uint)HomeExpiry.TotalSeconds,
            UserProperties = Properties(payload.Schema, feature.Session),
        };
    }

    /// <summary>A frame, or the descriptor that frames are read with. Null for records of another kind.</summary>
    public MqttApplicationMessage? Write(SensorRecord record) => record switch
    {
        SensorRecord.Frame frame => new MqttApplicationMessage
        {
            Topic = TopicOf(TopicKind.Frames, frame.Sensor),
            PayloadSegment = frame.Bytes.ToArray(),
            ContentType = Binary,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce,
            MessageExpiryInterval = (uint)FrameExpiry.TotalSeconds,
            UserProperties = [Property("schema", Schemas.Frame), Property("time", frame.At.ToString())],
        },
        SensorRecord.Described described => new MqttApplicationMessage
        {
            Topic = TopicOf(TopicKind.Descriptor, described.Sensor),
            PayloadSegment = described.Bytes.ToArray(),
            ContentType = Binary,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            Retain = true,
            UserProperties = [Property("schema", Schemas.Descriptor), Property("time", described.At.ToString())],
        },
        _ => null,
    };

    /// <summary>Birth and death. In a will, <paramref name="at"/> is the time of connecting: a broker sends it as it was given.</summary>
    /// <param name="radioTrouble">One line for a person; null when the radio can be used, or there is none.</param>
    public MqttApplicationMessage Status(bool online, Timestamp at, string? version = null, string? radioTrouble = null) => new()
    {
        Topic = TopicOf(TopicKind.HubStatus, default),
        PayloadSegment = FeaturePayloads.Serialize(new HubStatus { Schema = Schemas.Hub, Time = at.ToString(), Online = online, Version = version, RadioTrouble = radioTrouble }),
        ContentType = Json,
        PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = true,
        UserProperties = Properties(Schemas.Hub, default),
    };

    /// <summary>Where the hub's time axis lies; at most once, as the next second says it again.</summary>
    public MqttApplicationMessage Clock(HubClockPayload clock) => new()
    {
        Topic = TopicOf(TopicKind.HubClock, default),
        PayloadSegment = FeaturePayloads.Serialize(clock),
        ContentType = Json,
        PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce,
        Retain = true,
        UserProperties = Properties(Schemas.Clock, default),
    };

    /// <summary>Asks the hub to make this marker.</summary>
    public MqttApplicationMessage Command(Marker marker) => new()
    {
        Topic = TopicOf(TopicKind.Command, default),
        PayloadSegment = Commands.Write(marker),
        ContentType = Json,
        PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        MessageExpiryInterval = (uint)Commands.Expiry.TotalSeconds,
        UserProperties = Properties(Schemas.Command, default),
    };

    /// <summary>What is so now is retained; of sessions also what was so last, when it is told late: of one that is over nobody must read that it runs.</summary>
    private bool IsRetained(TopicKind kind, string topic, Feature feature)
    {
        var said = (feature.Time, Live: feature.Finality == Finality.Live);
        if (kind != TopicKind.Session || feature.Finality == Finality.Superseded)
            return kind == TopicKind.SensorStatus && said.Live;
        return said == _sessions.AddOrUpdate(
            topic, said, (_, newest) => said.Live || said.Time > newest.Time || (said.Time == newest.Time && !newest.Live) ? said : newest);
    }

    private static TopicKind KindOf(Feature feature) => feature switch
    {
        PostureEstimate => TopicKind.Posture,
        RollingEstimate => TopicKind.Rolling,
        SessionState => TopicKind.Session,
        SensorHealth => TopicKind.SensorStatus,
        Cue => TopicKind.Cues,
        _ => TopicKind.Events,
    };

    private string TopicOf(TopicKind kind, Slug about) => _topics.GetOrAdd((kind, about), static (key, hub) => key.Item1 switch
    {
        TopicKind.Posture => Topics.Posture(hub, key.Item2),
        TopicKind.Rolling => Topics.Rolling(hub, key.Item2),
        TopicKind.Events => Topics.Events(hub, key.Item2),
        TopicKind.Cues => Topics.Cues(hub, key.Item2),
        TopicKind.Session => Topics.Session(hub, key.Item2),
        TopicKind.HubClock => Topics.HubClock(hub),
        TopicKind.SensorStatus => Topics.SensorStatus(hub, key.Item2),
        TopicKind.Frames => Topics.Frames(hub, key.Item2),
        TopicKind.Descriptor => Topics.Descriptor(hub, key.Item2),
        TopicKind.Command => Topics.Command(hub),
        TopicKind.Home => Topics.Home(hub, key.Item2),
        _ => Topics.HubStatus(hub),
    }, hub);

    private List<MqttUserProperty> Properties(string schema, Slug session) => _properties.GetOrAdd((schema, session), static (key, trace) =>
        key.Item2.IsNone
            ? [Property("schema", key.Item1), Property("trace", trace)]
            : [Property("schema", key.Item1), Property("session", key.Item2.ToString()), Property("trace", trace)], Trace);

    private static MqttUserProperty Property(string name, string value) => new(name, new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(value)));
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Bridging;

/// <summary>MQTT message → point. A payload's property becomes the tag or field that has its JSON name.</summary>
public static class PointReader
{
    /// <summary>The longest value of a tag, in characters.</summary>
    public const int MaxTagLength = Slug.MaxLength;

    private static readonly (Type Payload, string Measurement, TopicKind Topic, string Schema)[] Payloads =
    [
        (typeof(PosturePayload), "posture", TopicKind.Posture, Schemas.Posture),
        (typeof(RollingPayload), "rolling", TopicKind.Rolling, Schemas.Rolling),
        (typeof(StrokeEvent), "stroke", TopicKind.Events, Schemas.Event),
        (typeof(DwellEvent), "dwell", TopicKind.Events, Schemas.Event),
        (typeof(SetEvent), "rolling_set", TopicKind.Events, Schemas.Event),
        (typeof(DoseEvent), "dose", TopicKind.Events, Schemas.Event),
        (typeof(BendEvent), "bend", TopicKind.Events, Schemas.Event),
        (typeof(CalibrationEvent), "calibration", TopicKind.Events, Schemas.Event),
        (typeof(PostureTotalsEvent), "posture_totals", TopicKind.Events, Schemas.Event),
        (typeof(WearEvent), "wear", TopicKind.Events, Schemas.Event),
        (typeof(ProtocolEvent), "protocol", TopicKind.Events, Schemas.Event),
        (typeof(CuePayload), "cue", TopicKind.Cues, Schemas.Cue),
        (typeof(SessionPayload), "session", TopicKind.Session, Schemas.Session),
        (typeof(SensorStatus), "sensor_health", TopicKind.SensorStatus, Schemas.Sensor),
        (typeof(GapEvent), "gap", TopicKind.Events, Schemas.Event),
        (typeof(DeviceEventPayload), "device_event", TopicKind.Events, Schemas.Event),
        (typeof(SyncEvent), "sync_check", TopicKind.Events, Schemas.Event),
    ];

    private static readonly Dictionary<Type, Binding> Bindings = Payloads.ToDictionary(p => p.Payload, p => new Binding(StorageSchema.Current[p.Measurement], PayloadJson.Default.GetTypeInfo(p.Payload)!));

    /// <summary>Of the payloads that come many times a second; events are few, and their type is known only when it was read.</summary>
    private static readonly Dictionary<TopicKind, PayloadParser> Parsers = Payloads.Where(p => p.Topic != TopicKind.Events)
        .ToDictionary(p => p.Topic, p => new PayloadParser(StorageSchema.Current[p.Measurement], p.Schema, PayloadJson.Default.GetTypeInfo(p.Payload)!));

    // Topics repeat. Their number is bounded, in case somebody makes up new ones.
    private const int MostTopics = 10_000;
    private static readonly ConcurrentDictionary<string, TopicName> TopicNames = new(StringComparer.Ordinal);

    /// <summary>Bad bytes are a result, never an exception.</summary>
    public static PointResult Read(string topic, ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) // clears a retained message
            return PointResult.Ignored;
        return Parse(topic, payload) is { } point ? PointResult.Of(point) : Deserialize(topic, payload);
    }

    /// <summary>The quick way, for what the hub writes. Null: <see cref="Deserialize"/> says what it is.</summary>
    internal static Point? Parse(string topic, ReadOnlySpan<byte> payload)
    {
        var name = NameOf(topic);
        return Parsers.TryGetValue(name.Kind, out var parser) ? parser.Read(name, payload) : null;
    }

    internal static PointResult Deserialize(string topic, ReadOnlySpan<byte> payload)
    {
        var read = PayloadReader.Read(topic, payload);
        return read switch
        {
            { Status: PayloadStatus.NoPayload } or { Payload: HubStatus or HubClockPayload } => PointResult.Ignored,
            { Payload: { } value } when Bindings.TryGetValue(value.GetType(), out var binding) => binding.ToPoint(read.Topic, new Point(binding.Measurement, read.Time), value),
            _ => Poison.Explain(topic, payload, read),
        };
    }

    private static TopicName NameOf(string topic)
    {
        if (TopicNames.TryGetValue(topic, out var name))
            return name;
        name = TopicName.Parse(topic);
        if (name.Kind == TopicKind.Foreign)
            return name;
        if (TopicNames.Count >= MostTopics)
            TopicNames.Clear();
        TopicNames[topic] = name;
        return name;
    }

    /// <summary>Tags are free of anything that a database would have to escape, and few: a bad sender cannot fill an index with long texts.</summary>
    internal static bool IsTag(string? text)
    {
        if (text is not { Length: > 0 and <= MaxTagLength })
            return false;
        foreach (var c in text)
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_'))
                return false;
        return true;
    }

    /// <summary>Which property of a payload goes where.</summary>
    private sealed class Binding
    {
        private readonly List<(int Tag, Func<object, object?> Get)> _tags = [];
        private readonly List<(int Field, Func<object, object?> Get)> _fields = [];

        public Binding(MeasurementSchema measurement, JsonTypeInfo payload)
        {
            Measurement = measurement;
            foreach (var property in payload.Properties)
            {
                if (property.Get is not { } get)
                    continue;
                if (measurement.IndexOfTag(property.Name) is var tag and >= 0)
                    _tags.Add((tag, get));
                else if (measurement.IndexOfField(property.Name) is var field and >= 0)
                    _fields.Add((field, get));
            }
        }

        public MeasurementSchema Measurement { get; }

        public PointResult ToPoint(TopicName topic, Point point, Payload payload)
        {
            foreach (var (tag, get) in _tags)
            {
                var value = Convert.ToString(get(payload), CultureInfo.InvariantCulture);
                if (!IsTag(value))
                    return PointResult.Rejected(Poison.BadTag, $"'{Measurement.Tags[tag].Name}' is not 1 to {MaxTagLength} of a-z, 0-9, '-' and '_'");
                point.SetTag(tag, value);
            }
            // Whom it is about is said by the topic, where the broker checks who may say it.
            SetTag(point, "hub", topic.Hub);
            SetTag(point, "subject", topic.Subject);
            if (!topic.Sensor.IsNone)
                SetTag(point, "sensor", topic.Sensor);
            foreach (var (field, get) in _fields)
                point.Set(field, ToValue(get(payload)));
            return PointResult.Of(point);
        }

        private void SetTag(Point point, string tag, Slug value)
        {
            if (Measurement.IndexOfTag(tag) is var index and >= 0)
                point.SetTag(index, value.ToString());
        }

        private static FieldValue ToValue(object? value) => value switch
        {
            null => FieldValue.None,
            double number => number,
            int number => (long)number,
            long number => number,
            bool truth => truth,
            string text => text,
            _ => throw new InvalidOperationException($"A payload has a property of type {value.GetType().Name}, which no field can store."),
        };
    }
}

/// <summary>What became of a message: a point; nothing to store; or a reason why it is none.</summary>
/// <param name="Reason">Short and the same for all of its kind: fit for counting. Empty unless rejected.</param>
/// <param name="Detail">One line for a log.</param>
public readonly record struct PointResult(Point? Point, string Reason, string Detail)
{
    public static readonly PointResult Ignored = new(null, "", "");

    public bool IsRejected => Reason.Length > 0;

    public static PointResult Of(Point point) => new(point, "", "");

    public static PointResult Rejected(string reason, string detail) => new(null, reason, Poison.Printable(detail));
}

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

    private static readonly Dictionary<Type, Binding> Bindings = new (Type Payload, string Measurement)[]
    {
        (typeof(PosturePayload), "posture"),
        (typeof(RollingPayload), "rolling"),
        (typeof(StrokeEvent), "stroke"),
        (typeof(DwellEvent), "dwell"),
        (typeof(SetEvent), "rolling_set"),
        (typeof(DoseEvent), "dose"),
        (typeof(BendEvent), "bend"),
        (typeof(CalibrationEvent), "calibration"),
        (typeof(PostureTotalsEvent), "posture_totals"),
        (typeof(WearEvent), "wear"),
        (typeof(ProtocolEvent), "protocol"),
        (typeof(CuePayload), "cue"),
        (typeof(SessionPayload), "session"),
        (typeof(SensorStatus), "sensor_health"),
        (typeof(GapEvent), "gap"),
        (typeof(DeviceEventPayload), "device_event"),
        (typeof(SyncEvent), "sync_check"),
    }.ToDictionary(b => b.Payload, b => new Binding(StorageSchema.Current[b.Measurement], PayloadJson.Default.GetTypeInfo(b.Payload)!));

    /// <summary>Bad bytes are a result, never an exception.</summary>
    public static PointResult Read(string topic, ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) // clears a retained message
            return PointResult.Ignored;
        var read = PayloadReader.Read(topic, payload);
        return read switch
        {
            { Status: PayloadStatus.NoPayload } or { Payload: HubStatus } => PointResult.Ignored,
            { Payload: { } value } when Bindings.TryGetValue(value.GetType(), out var binding) => binding.ToPoint(read.Topic, new Point(binding.Measurement, read.Time), value),
            _ => Poison.Explain(topic, payload, read),
        };
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

        /// <summary>Tags are free of anything that a database would have to escape, and few: a bad sender cannot fill an index with long texts.</summary>
        private static bool IsTag(string? text) =>
            text is { Length: > 0 and <= MaxTagLength } && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_');
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

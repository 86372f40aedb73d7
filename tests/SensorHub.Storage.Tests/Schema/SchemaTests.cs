using System.Text.Json.Serialization.Metadata;
using SensorHub.Mqtt.Contract;
using SensorHub.Storage.Schema;
using SensorHub.Testing;

namespace SensorHub.Storage.Tests.Schema;

public class SchemaTests
{
    /// <summary>In every payload, and a point's time or nothing at all.</summary>
    private static readonly string[] Envelope = ["schema", "time"];

    public static TheoryData<string, Type> Contract => new()
    {
        { "posture", typeof(PosturePayload) },
        { "rolling", typeof(RollingPayload) },
        { "stroke", typeof(StrokeEvent) },
        { "dwell", typeof(DwellEvent) },
        { "rolling_set", typeof(SetEvent) },
        { "dose", typeof(DoseEvent) },
        { "bend", typeof(BendEvent) },
        { "calibration", typeof(CalibrationEvent) },
        { "posture_totals", typeof(PostureTotalsEvent) },
        { "wear", typeof(WearEvent) },
        { "protocol", typeof(ProtocolEvent) },
        { "cue", typeof(CuePayload) },
        { "session", typeof(SessionPayload) },
        { "sensor_health", typeof(SensorStatus) },
        { "gap", typeof(GapEvent) },
        { "device_event", typeof(DeviceEventPayload) },
        { "sync_check", typeof(SyncEvent) },
    };

    [Theory]
    [MemberData(nameof(Contract))]
    public void Every_property_of_a_payload_is_a_tag_or_a_field_and_the_other_way_round(string measurement, Type payload)
    {
        var schema = StorageSchema.Current[measurement];
        var properties = PayloadJson.Default.GetTypeInfo(payload)!.Properties.Where(p => !Envelope.Contains(p.Name)).ToDictionary(p => p.Name);
        var fromTopic = schema.Topic.Split('/').Where(l => l.StartsWith('{')).Select(l => l.Trim('{', '}')).Append("hub").ToList();

        Assert.Equal(
            properties.Keys.Union(fromTopic).Order(StringComparer.Ordinal),
            schema.Tags.Select(t => t.Name).Concat(schema.Fields.Select(f => f.Name)).Order(StringComparer.Ordinal));
        foreach (var field in schema.Fields)
            Assert.Equal((field.Name, TypeOf(properties[field.Name])), (field.Name, field.Type));
    }

    [Fact]
    public void Every_payload_that_features_become_has_a_measurement()
    {
        var stored = Contract.Select(row => row.Data.Item1).Order();

        Assert.Equal(stored, StorageSchema.Current.Measurements.Select(m => m.Name).Order());
    }

    [Fact]
    public void Every_field_of_a_quantity_says_its_unit_and_ends_in_it()
    {
        var endings = new Dictionary<string, string>
        {
            ["°"] = "_deg", ["m"] = "_m", ["m/s"] = "_mps", ["N"] = "_n", ["N·s"] = "_n_s", ["%"] = "_pct", ["kPa"] = "_kpa", ["s"] = "_s", ["ms"] = "_ms", ["Hz"] = "_hz", ["ppm"] = "_ppm",
        };
        foreach (var field in StorageSchema.Current.Measurements.SelectMany(m => m.Fields))
        {
            Assert.Equal(field.Type is FieldType.Float or FieldType.Integer, field.Unit is not null);
            if (field.Unit is not (null or "1"))
                Assert.EndsWith(endings[field.Unit], field.Name, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_name_that_is_both_tag_and_field_is_refused()
    {
        var tags = new[] { new TagSchema("side", "") };
        var fields = new[] { new FieldSchema("side", FieldType.String, null, "") };

        Assert.Throws<ArgumentException>(() => new MeasurementSchema("m", "", "", tags, fields));
    }

    [Fact]
    public void Tags_out_of_order_are_refused()
    {
        var tags = new[] { new TagSchema("b", ""), new TagSchema("a", "") };

        Assert.Throws<ArgumentException>(() => new MeasurementSchema("m", "", "", tags, []));
    }

    /// <summary>After a change of schema.json: UPDATE_GOLDEN=1 and this test.</summary>
    [Fact]
    public void The_documentation_is_in_step_with_the_schema()
    {
        var file = Repository.PathOf("docs", "schema.md");
        var expected = SchemaDocument.Write(StorageSchema.Current);
        if (Repository.UpdatesGoldenFiles)
            File.WriteAllText(file, expected);

        Assert.Equal(expected, File.ReadAllText(file), ignoreLineEndingDifferences: true);
    }

    private static FieldType TypeOf(JsonPropertyInfo property) => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) switch
    {
        var t when t == typeof(double) => FieldType.Float,
        var t when t == typeof(int) || t == typeof(long) => FieldType.Integer,
        var t when t == typeof(bool) => FieldType.Boolean,
        var t when t == typeof(string) => FieldType.String,
        var t => throw new InvalidOperationException($"No field can store the {t.Name} '{property.Name}'."),
    };
}

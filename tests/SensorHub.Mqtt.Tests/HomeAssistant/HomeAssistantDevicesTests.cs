using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SensorHub.Core.Protocol;
using SensorHub.Core.Units;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.HomeAssistant;
using SensorHub.Mqtt.Tests.Contract;

namespace SensorHub.Mqtt.Tests.HomeAssistant;

public sealed partial class HomeAssistantDevicesTests
{
    private static readonly HomeAssistantDevices Devices = new(Samples.Hub, "0.1.0");

    public static TheoryData<string> Names => ["hub", "clip", "roller"];

    private static (string Topic, byte[] Json) Device(string name) => name switch
    {
        "hub" => (new HomeAssistantOptions().ConfigTopic(Devices.HubId), Devices.Hub().ToJson()),
        "clip" => (new HomeAssistantOptions().ConfigTopic(Devices.SensorId(Samples.Clip)), Devices.Sensor(Samples.Clip, SensorKind.Clip).ToJson()),
        _ => (new HomeAssistantOptions().ConfigTopic(Devices.SensorId(Samples.Roller)), Devices.Sensor(Samples.Roller, SensorKind.Roller).ToJson()),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_device_is_announced_as_in_the_committed_file(string name)
    {
        var (topic, json) = Device(name);
        var indented = JsonNode.Parse(json)!.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        GoldenFile.Check($"tests/SensorHub.Mqtt.Tests/HomeAssistant/Golden/{name}.txt", $"{topic}\n{indented}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_field_of_a_device_is_one_that_Home_Assistants_published_schema_takes(string name)
    {
        var (topic, json) = Device(name);
        using var document = JsonDocument.Parse(json);
        Assert.Empty(PublishedSchema.Check(topic, document.RootElement));
    }

    [Theory]
    [InlineData("$.origin", "has no name", """{"name":""}""")]
    [InlineData("$.colour", "root has 'colour'", "1")]
    [InlineData("$.components.battery.unit_of_measurement", "battery: unit 'V' of a battery", "\"V\"")]
    [InlineData("$.components.battery.state_class", "battery: state class total of a battery", "\"total\"")]
    [InlineData("$.components.link.options", "link: options are not empty", "[]")]
    [InlineData("$.components.pressure.device_class", "pressure: device class weather", "\"weather\"")]
    [InlineData("$.components.force.icon", "force: icon force", "\"force\"")]
    [InlineData("$.components.strokes.value_template", "strokes: template", "\"{{ value_json.strokes\"")]
    [InlineData("$.components.cue.event_types", "cue: no event types", "[]")]
    public void The_table_of_the_schema_finds_what_is_wrong(string path, string trouble, string value)
    {
        var (topic, json) = Device("roller");
        var root = JsonNode.Parse(json)!;
        var parts = path.Split('.')[1..];
        var parent = parts[..^1].Aggregate(root, (node, part) => node[part]!);
        parent[parts[^1]] = JsonNode.Parse(value);
        using var document = JsonDocument.Parse(root.ToJsonString());
        Assert.Contains(PublishedSchema.Check(topic, document.RootElement), found => found.Contains(trouble, StringComparison.Ordinal));
    }

    /// <summary>A template that reads a field which no payload has would be silent for ever.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Each_template_reads_fields_of_the_payload_on_its_topic(string name)
    {
        using var document = JsonDocument.Parse(Device(name).Json);
        foreach (var component in document.RootElement.GetProperty("components").EnumerateObject())
        {
            Check(component.Value, "state_topic", "value_template");
            Check(component.Value, "json_attributes_topic", "json_attributes_template");
            if (component.Value.TryGetProperty("availability", out var available))
                foreach (var one in available.EnumerateArray())
                    Check(one, "topic", "value_template");
        }

        void Check(JsonElement element, string topicKey, string templateKey)
        {
            if (!element.TryGetProperty(topicKey, out var topic))
                return;
            var type = topic.GetString()!.Split('/')[^1] switch
            {
                "status" when topic.GetString()!.Contains("/sensors/", StringComparison.Ordinal) => typeof(SensorStatus),
                "status" => typeof(HubStatus),
                "session" => typeof(SessionPayload),
                "cues" => typeof(CuePayload),
                _ => name == "clip" ? typeof(PosturePayload) : typeof(RollingPayload),
            };
            var fields = PayloadJson.Default.GetTypeInfo(type)!.Properties.ToDictionary(p => p.Name, p => p.IsRequired);
            var template = element.GetProperty(templateKey).GetString()!;
            foreach (Match match in Field().Matches(template))
            {
                Assert.True(fields.TryGetValue(match.Groups[1].Value, out var required), $"{type.Name} has no {match.Groups[1].Value}: {template}");
                Assert.True(required || match.Groups[1].Value == "finality" || template.Contains("default(", StringComparison.Ordinal) || template.Contains("is defined", StringComparison.Ordinal), $"{template} without a default for what may be left out");
            }
        }
    }

    [Fact]
    public void Names_of_two_devices_and_of_two_entities_are_never_the_same()
    {
        // With '-' between, hub "a" and sensor "b-c" would be hub "a-b" and sensor "c".
        var one = new HomeAssistantDevices(Core.Slug.Parse("a"), "1").SensorId(Core.Slug.Parse("b-c"));
        var other = new HomeAssistantDevices(Core.Slug.Parse("a-b"), "1").SensorId(Core.Slug.Parse("c"));
        Assert.NotEqual(one, other);

        var ids = Names.SelectMany(row => JsonNode.Parse(Device(row.Data).Json)!["components"]!.AsObject().Select(c => c.Value!["unique_id"]!.GetValue<string>())).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void An_announcement_says_nothing_of_a_person()
    {
        foreach (var row in Names)
            Assert.DoesNotContain(Samples.Subject.ToString(), Encoding.UTF8.GetString(Device(row.Data).Json));
    }

    [Fact]
    public void The_README_names_every_entity()
    {
        var readme = File.ReadAllText(Repository.PathOf("src/SensorHub.Mqtt/README.md"));
        foreach (var row in Names)
            foreach (var (_, component) in JsonNode.Parse(Device(row.Data).Json)!["components"]!.AsObject())
                Assert.Contains(component!["name"]!.GetValue<string>(), readme);
    }

    [GeneratedRegex(@"value_json\.(\w+)")]
    private static partial Regex Field();
}

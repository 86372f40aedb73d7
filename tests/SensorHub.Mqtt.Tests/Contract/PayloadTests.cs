using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using CsCheck;
using MQTTnet;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.Tests.Contract;

public sealed class PayloadTests
{
    private static readonly HubMessages Messages = new(Samples.Hub);

    public static TheoryData<string> Names => [.. Samples.All.Select(s => s.Name)];

    private static Feature Sample(string name) => Samples.All.Single(s => s.Name == name).Feature;

    [Theory]
    [MemberData(nameof(Names))]
    public void Topic_and_payload_are_those_of_the_committed_file_and_read_back_as_what_was_written(string name)
    {
        var feature = Sample(name);
        var message = Messages.Write(feature);

        GoldenFile.Check($"tests/SensorHub.Mqtt.Tests/Contract/Golden/{name}.txt", $"{message.Topic}\n{message.Text()}");

        var read = PayloadReader.Read(message.Topic, message.PayloadSegment());
        Assert.Equal((PayloadStatus.Ok, ""), (read.Status, read.Reason));
        Assert.Equal(FeaturePayloads.From(feature), read.Payload);
        Assert.Equal(feature.Time, read.Time);
        Assert.Equal(Samples.Hub, read.Topic.Hub);
        Assert.Equal(feature is Core.Protocol.SensorHealth ? default : feature.Subject, read.Topic.Subject);
    }

    [Fact]
    public void The_newest_state_of_a_session_is_retained_though_it_is_told_late_and_no_older_one_and_none_that_was_taken_back()
    {
        var messages = new HubMessages(Samples.Hub);
        var session = (SessionState)Sample("session");
        var (late, live) = (session with { Finality = Finality.Historical }, session with { Time = session.Time + TimeSpan.FromMinutes(1) });
        Assert.True(messages.Write(late).Retain);
        Assert.True(messages.Write(late).Retain); // to a second broker
        Assert.False(messages.Write(late with { Time = late.Time - TimeSpan.FromSeconds(1) }).Retain);
        Assert.True(messages.Write(live).Retain);
        Assert.False(messages.Write(late).Retain);
        Assert.False(messages.Write(live with { Finality = Finality.Final }).Retain);
        Assert.False(messages.Write(live with { Time = live.Time + TimeSpan.FromSeconds(1), Finality = Finality.Superseded }).Retain);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_message_says_what_it_carries_in_its_MQTT_5_properties(string name)
    {
        var feature = Sample(name);
        var message = Messages.Write(feature);
        Assert.Equal("application/json", message.ContentType);
        Assert.Equal(MqttPayloadFormatIndicator.CharacterData, message.PayloadFormatIndicator);
        Assert.Equal(MqttQualityOfServiceLevel.AtLeastOnce, message.QualityOfServiceLevel);
        Assert.Equal(0u, message.MessageExpiryInterval);
        Assert.Equal(name.StartsWith("sensor", StringComparison.Ordinal) || name.StartsWith("session", StringComparison.Ordinal), message.Retain);
        var properties = message.UserProperties.ToDictionary(p => p.Name, p => Encoding.UTF8.GetString(p.ValueBuffer.Span));
        Assert.Equal(FeaturePayloads.From(feature).Schema, properties["schema"]);
        Assert.Equal(feature.Session.IsNone ? null : feature.Session.ToString(), properties.GetValueOrDefault("session"));
        Assert.Equal(Messages.Trace, properties["trace"]);
    }

    [Fact]
    public void The_trace_names_one_run_of_a_hub()
    {
        Assert.Matches("^[0-9a-f]{16}$", Messages.Trace);
        Assert.NotEqual(Messages.Trace, new HubMessages(Samples.Hub).Trace);
        Assert.Equal("of-a-test", new HubMessages(Samples.Hub, "of-a-test").Trace);
    }

    [Theory]
    [InlineData("posture")]
    [InlineData("rolling")]
    public void For_Home_Assistant_an_estimate_is_said_again_and_is_gone_when_it_is_not_fresh_any_more(string name)
    {
        var said = Messages.Write(Sample(name));
        var again = Messages.Home(Sample(name))!;
        Assert.Equal($"sensorhub/1/studio-1/home/{(name == "posture" ? Samples.Clip : Samples.Roller)}", again.Topic);
        Assert.Equal(said.Text(), again.Text());
        Assert.Equal((MqttQualityOfServiceLevel.AtMostOnce, false, 10u), (again.QualityOfServiceLevel, again.Retain, again.MessageExpiryInterval));
        Assert.Equal(PayloadStatus.NoPayload, PayloadReader.Read(again.Topic, again.PayloadSegment()).Status); // and is not stored twice
    }

    [Fact]
    public void For_Home_Assistant_nothing_but_estimates_is_said_again() =>
        Assert.All(Samples.All.Where(s => s.Feature is not (PostureEstimate or RollingEstimate)), s => Assert.Null(Messages.Home(s.Feature)));

    [Fact]
    public void The_status_of_a_hub_is_that_of_the_committed_file()
    {
        var message = Messages.Status(online: true, Samples.Time, "0.1.0");
        GoldenFile.Check("tests/SensorHub.Mqtt.Tests/Contract/Golden/hub.txt", $"{message.Topic}\n{message.Text()}");
        Assert.True(message.Retain);
        Assert.True(Assert.IsType<HubStatus>(PayloadReader.Read(message.Topic, message.PayloadSegment()).Payload).Online);
    }

    [Fact]
    public void The_clock_of_a_hub_is_that_of_the_committed_file()
    {
        var clock = new HubClockPayload
        {
            Schema = Schemas.Clock, Time = Samples.Time.ToString(), SystemTime = (Samples.Time - TimeSpan.FromMilliseconds(1.5)).ToString(), OffsetMs = 1.5, Utc = "synchronised", UtcEstimatedErrorMs = 0.231, UtcMaximumErrorMs = 18.4,
        };
        var message = Messages.Clock(clock);
        GoldenFile.Check("tests/SensorHub.Mqtt.Tests/Contract/Golden/hub-clock.txt", $"{message.Topic}\n{message.Text()}");
        Assert.Equal((MqttQualityOfServiceLevel.AtMostOnce, true), (message.QualityOfServiceLevel, message.Retain));
        Assert.Equal(clock, PayloadReader.Read(message.Topic, message.PayloadSegment()).Payload);
    }

    [Fact]
    public void The_committed_JSON_schemas_are_those_of_the_types()
    {
        Check<HubStatus>("hub");
        Check<HubClockPayload>("clock");
        Check<SensorStatus>("sensor");
        Check<PosturePayload>("posture");
        Check<RollingPayload>("rolling");
        Check<EventPayload>("event");
        Check<CuePayload>("cue");
        Check<SessionPayload>("session");
        Check<CommandPayload>("command");
        Check<StoredPayload>("stored");

        static void Check<T>(string name)
        {
            var schema = PayloadJson.Default.GetTypeInfo(typeof(T))!.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
            {
                TreatNullObliviousAsNonNullable = true,
                TransformSchemaNode = (context, node) => context.TypeInfo.Type switch
                {
                    // Our converter for numbers is opaque to the exporter; null fields are left out, never null.
                    var type when type == typeof(double) || type == typeof(double?) => new JsonObject { ["type"] = "number" },
                    _ => node,
                },
            });
            var titled = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = $"{name}/1" };
            foreach (var (key, value) in schema.AsObject().ToList())
                titled[key] = value?.DeepClone();
            GoldenFile.Check($"src/SensorHub.Mqtt/Contract/Schemas/{name}-1.schema.json", titled.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        }
    }

    [Fact]
    public void The_README_names_every_field_and_shows_the_committed_payloads()
    {
        var readme = File.ReadAllText(Repository.PathOf("src/SensorHub.Mqtt/README.md"));
        foreach (var type in new[] { typeof(HubStatus), typeof(HubClockPayload), typeof(SensorStatus), typeof(PosturePayload), typeof(RollingPayload), typeof(StrokeEvent), typeof(DwellEvent), typeof(SetEvent), typeof(DoseEvent), typeof(BendEvent), typeof(CalibrationEvent), typeof(PostureTotalsEvent), typeof(WearEvent), typeof(ProtocolEvent), typeof(GapEvent), typeof(DeviceEventPayload), typeof(SyncEvent), typeof(CuePayload), typeof(SessionPayload) })
            foreach (var property in PayloadJson.Default.GetTypeInfo(type)!.Properties)
                Assert.Contains($"`{property.Name}`", readme);
        foreach (var name in new[] { "hub", "hub-clock", "sensor", "posture", "rolling", "stroke", "dwell", "set", "dose", "bend", "calibration", "posture_totals", "wear", "protocol", "gap", "device", "cue", "session" })
            Assert.Contains("    " + File.ReadAllLines(Repository.PathOf($"tests/SensorHub.Mqtt.Tests/Contract/Golden/{name}.txt"))[1], readme);
        foreach (var (json, _) in CommandTests.Good.Select(row => row.Data))
            Assert.Contains(JsonNode.Parse(json)!["command"]!.ToString(), readme);
    }

    [Fact]
    public void Numbers_are_rounded_half_to_even_at_the_listed_decimals_and_never_minus_zero() =>
        Gen.Double[-1e4, 1e4].Sample(value =>
        {
            var posture = (PosturePayload)FeaturePayloads.From((PostureEstimate)Sample("posture") with { Lordosis = new Measured(value, Math.Abs(value)) });
            var rolling = (RollingPayload)FeaturePayloads.From((RollingEstimate)Sample("rolling") with { Force = new Measured(value, 1), Path = value, Tempo = value });
            Assert.Equal(Math.Round(value, 3) + 0.0, posture.LordosisDeg);
            Assert.Equal(Math.Round(value, 2) + 0.0, rolling.ForceN);
            Assert.Equal(Math.Round(value, 4) + 0.0, rolling.PathM);
            Assert.Equal(Math.Round(value, 3) + 0.0, rolling.TempoS);
            Assert.DoesNotContain(":-0,", Encoding.UTF8.GetString(FeaturePayloads.Serialize(rolling)));
        });

    [Fact]
    public void Any_numbers_survive_the_way_through_JSON_exactly() =>
        Gen.Select(Gen.Double[-1e6, 1e6], Gen.Double[0, 1e3], Gen.Long[0, 4_000_000_000_000_000_000]).Sample((value, u, time) =>
        {
            var message = Messages.Write((RollingEstimate)Sample("rolling") with { Time = new Timestamp(time), RollAngleDegrees = value, Pressure = new Measured(value, u) });
            var read = PayloadReader.Read(message.Topic, message.PayloadSegment());
            Assert.Equal(new Timestamp(time), read.Time);
            var payload = Assert.IsType<RollingPayload>(read.Payload);
            Assert.Equal(Math.Round(value, 3) + 0.0, payload.RollAngleDeg);
            Assert.Equal(Math.Round(u, 2), payload.PressureUKpa);
        });

    [Fact]
    public void What_is_not_a_finite_number_is_left_out_and_refused_where_a_number_is_required()
    {
        var posture = (PosturePayload)FeaturePayloads.From((PostureEstimate)Sample("posture") with { Lordosis = new Measured(double.NaN, 1), PelvicInclination = new Measured(1, double.PositiveInfinity) });
        Assert.Null(posture.LordosisDeg);
        Assert.Null(posture.LordosisUDeg);
        Assert.Equal(1, posture.PelvicInclinationDeg);
        Assert.Null(posture.PelvicInclinationUDeg);
        Assert.Throws<ArgumentException>(() => Messages.Write((RollingEstimate)Sample("rolling") with { Speed = double.NaN }));
    }

    public static TheoryData<string, string, PayloadStatus, string> Bad => new()
    {
        { "other/topic", "{}", PayloadStatus.ForeignTopic, "'other/topic' is not a topic of sensorhub/1" },
        { "sensorhub/2/h/status", "{}", PayloadStatus.ForeignTopic, "'sensorhub/2/h/status' is not a topic of sensorhub/1" },
        { "sensorhub/1/h/subjects/Jane Doe/posture", "{}", PayloadStatus.ForeignTopic, "'sensorhub/1/h/subjects/Jane Doe/posture' is not a topic of sensorhub/1" },
        { "sensorhub/1/h/frames/s", "x", PayloadStatus.NoPayload, "'sensorhub/1/h/frames/s' carries no JSON payload" },
        { "sensorhub/1/h/status", "", PayloadStatus.Malformed, "" },
        { "sensorhub/1/h/status", "[]", PayloadStatus.Malformed, "no 'schema'" },
        { "sensorhub/1/h/status", "null", PayloadStatus.Malformed, "no 'schema'" },
        { "sensorhub/1/h/status", "{\"schema\":1}", PayloadStatus.Malformed, "no 'schema'" },
        { "sensorhub/1/h/status", "{\"schema\":\"hub/2\",\"future\":[1,2]}", PayloadStatus.UnknownSchema, "schema 'hub/2' where 'hub/1' is read" },
        { "sensorhub/1/h/status", "{\"schema\":\"hub/1\",\"time\":\"2026-01-31T12:00:00Z\"}", PayloadStatus.Malformed, "" },
        { "sensorhub/1/h/status", "{\"schema\":\"hub/1\",\"time\":\"yesterday\",\"online\":true}", PayloadStatus.Malformed, "'yesterday' is not a time" },
        { "sensorhub/1/h/status", "{\"schema\":\"hub/1\",\"time\":\"2026-01-31T12:00:00Z\",\"online\":\"yes\"}", PayloadStatus.WrongType, "" },
        { "sensorhub/1/h/subjects/p/events", "{\"type\":\"earthquake\",\"schema\":\"event/1\",\"time\":\"2026-01-31T12:00:00Z\",\"sensor\":\"s\"}", PayloadStatus.Malformed, "" },
        { "sensorhub/1/h/subjects/p/session", "{\"schema\":\"session/1\",\"time\":\"2026-01-31T12:00:00Z\",\"event\":\"began\",\"duration_s\":1e999,\"phase\":\"standing\",\"muscle\":\"none\",\"side\":\"none\"}", PayloadStatus.WrongType, "" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_message_is_a_status_with_a_reason(string topic, string payload, PayloadStatus status, string reason)
    {
        var read = PayloadReader.Read(topic, Encoding.UTF8.GetBytes(payload));
        Assert.Equal(status, read.Status);
        Assert.Null(read.Payload);
        if (reason.Length > 0)
            Assert.Equal(reason, read.Reason);
        Assert.NotEmpty(read.Reason);
        Assert.DoesNotContain('\n', read.Reason);
    }

    [Fact]
    public void A_payload_with_fields_of_a_newer_minor_version_and_in_another_order_is_read()
    {
        var read = PayloadReader.Read("sensorhub/1/h/subjects/p/events",
            """{"sensor":"s","time":"2026-01-31T12:00:00Z","new":{"a":[1]},"schema":"event/1","code":"tap","argument":2,"type":"device"}"""u8);
        Assert.Equal(PayloadStatus.Ok, read.Status);
        Assert.Equal(2, Assert.IsType<DeviceEventPayload>(read.Payload).Argument);
    }

    [Fact]
    public void Mutated_payloads_never_throw()
    {
        var seeds = Samples.All.Select(s => Messages.Write(s.Feature)).Select(m => (m.Topic, Bytes: m.PayloadSegment().ToArray())).ToArray();
        Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Select(Gen.Int[0, 2000], Gen.Byte).Array[1, 6], Gen.Int[0, 2000]).Sample(
            (seed, changes, cut) =>
            {
                var bytes = seeds[seed].Bytes.ToArray();
                foreach (var (at, value) in changes)
                    bytes[at % bytes.Length] = value;
                var read = PayloadReader.Read(seeds[seed].Topic, bytes.AsSpan(0, cut > 1000 ? bytes.Length : cut % bytes.Length));
                Assert.Equal(read.Status == PayloadStatus.Ok, read.Payload is not null);
            }, iter: 20_000);
    }

    [Fact]
    public void Names_of_enumerations_go_both_ways()
    {
        Assert.Equal("tensor_fasciae_latae", Core.EnumNames.Of(Core.Sessions.Muscle.TensorFasciaeLatae));
        foreach (var muscle in Enum.GetValues<Core.Sessions.Muscle>())
            Assert.True(Core.EnumNames.TryParse<Core.Sessions.Muscle>(Core.EnumNames.Of(muscle), out var back) && back == muscle);
        Assert.False(Core.EnumNames.TryParse<Core.Sessions.Muscle>("psoas", out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Core.EnumNames.Of((Core.Sessions.Muscle)99));
    }
}

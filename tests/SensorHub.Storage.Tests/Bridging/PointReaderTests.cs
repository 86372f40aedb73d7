using System.Buffers;
using System.Text;
using CsCheck;
using MQTTnet;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Mqtt.Contract;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.LineProtocol;

namespace SensorHub.Storage.Tests.Bridging;

public class PointReaderTests
{
    private const string Nanoseconds = "1769860800123456789";

    private static readonly Timestamp Time = new(1_769_860_800_123_456_789);
    private static readonly Slug Clip = Slug.Parse("clip-1");
    private static readonly Slug Roller = Slug.Parse("roller-1");
    private static readonly Slug Subject = Slug.Parse("p1");
    private static readonly Slug Session = Slug.Parse("s1");

    public static TheoryData<Feature, string> Features => new()
    {
        {
            new PostureEstimate
            {
                Time = Time, Session = Session, Subject = Subject, Sensor = Clip, Phase = Phase.Standing, Method = "two-element-gravity", Quality = Quality.Good, Calibration = "19c1",
                PelvicInclination = new Measured(12.5, 1.5), UpperInclination = new Measured(-18.25, 1.5), Lordosis = new Measured(30.75, 2),
            },
            """posture,hub=home,method=two-element-gravity,sensor=clip-1,subject=p1 session="s1",finality="live",phase="standing",quality="good",calibration="19c1",pelvic_inclination_deg=12.5,pelvic_inclination_u_deg=1.5,upper_inclination_deg=-18.25,upper_inclination_u_deg=1.5,lordosis_deg=30.75,lordosis_u_deg=2"""
        },
        {
            new RollingEstimate
            {
                Time = Time, Session = Session, Subject = Subject, Finality = Finality.Final, Sensor = Roller, Muscle = Muscle.TensorFasciaeLatae, Side = Side.Left, RollAngleDegrees = 720.5, Path = 0.125,
                Speed = -0.05, InContact = true, Force = new Measured(250, 5), Pressure = new Measured(35, 14), PressureBand = (20, 50), Band = Band.Good, Strokes = 7, Tempo = 3.5,
                ContactTime = TimeSpan.FromSeconds(60.5), TimeInBand = TimeSpan.FromSeconds(42), Quality = Quality.Degraded,
            },
            """rolling,hub=home,muscle=tensor_fasciae_latae,sensor=roller-1,side=left,subject=p1 session="s1",finality="final",quality="degraded",roll_angle_deg=720.5,path_m=0.125,speed_mps=-0.05,contact=true,force_n=250,force_u_n=5,pressure_kpa=35,pressure_u_kpa=14,band_low_kpa=20,band_high_kpa=50,band="good",strokes=7i,tempo_s=3.5,contact_s=60.5,in_band_s=42,set_contact_s=0,still_s=0"""
        },
        {
            new Stroke { Time = Time, Session = Session, Subject = Subject, Sensor = Roller, Muscle = Muscle.Hamstrings, Side = Side.Right, Number = 3, Duration = TimeSpan.FromSeconds(3.25), Length = new Measured(0.31, 0.01), Direction = -1, MeanForce = new Measured(200, 4), PeakForce = 260 },
            """stroke,hub=home,muscle=hamstrings,sensor=roller-1,side=right,subject=p1 session="s1",finality="live",number=3i,duration_s=3.25,length_m=0.31,length_u_m=0.01,direction=-1i,mean_force_n=200,mean_force_u_n=4,peak_force_n=260,quality="good" """
        },
        {
            new SessionState { Time = Time, Session = Session, Subject = Subject, Event = SessionEvent.PhaseChanged, Duration = TimeSpan.FromSeconds(90), Phase = Phase.Rolling, Muscle = Muscle.Calf, Side = Side.None },
            """session,event=phase_changed,hub=home,muscle=calf,side=none,subject=p1 session="s1",finality="live",duration_s=90,phase="rolling" """
        },
        {
            new Cue { Time = Time, Session = Session, Subject = Subject, Sensor = default, Code = CueCode.Message, Level = CueLevel.Warn, Text = "Say \"a\", <b>b</b> é", SaidBy = "Dr Berg" },
            """cue,code=message,hub=home,sensor=none,subject=p1 session="s1",finality="live",level="warn",text="Say \"a\", <b>b</b> é",said_by="Dr Berg" """
        },
        {
            new SensorHealth { Time = Time, Sensor = Clip, Kind = SensorKind.Clip, Link = LinkState.Streaming, Battery = 87, Rate = 99.5, Received = 9_900, Lost = 100, Malformed = 1, ClockUncertainty = TimeSpan.FromMilliseconds(1.5), ClockDriftPpm = -12.5 },
            """sensor_health,hub=home,sensor=clip-1 finality="live",kind="clip",link="streaming",battery_pct=87,rate_hz=99.5,received=9900i,lost=100i,loss_pct=1,malformed=1i,clock_u_ms=1.5,clock_drift_ppm=-12.5"""
        },
        {
            new Gap { Time = Time, Sensor = Clip, Stream = 2, End = Time + TimeSpan.FromSeconds(2), Cause = GapCause.Disconnected, SamplesLost = 200 },
            """gap,hub=home,sensor=clip-1,stream=2 finality="live",cause="disconnected",state="open",duration_s=2,end="2026-01-31T12:00:02.123456789Z",samples_lost=200i"""
        },
        {
            new DeviceEvent { Time = Time, Session = Session, Subject = Subject, Sensor = Roller, Code = EventCode.Tap, Argument = 2 },
            """device_event,code=tap,hub=home,sensor=roller-1,subject=p1 session="s1",finality="live",argument=2i"""
        },
        {
            new SyncChecked
            {
                Time = Time, Session = Session, Subject = Subject, Sensor = Clip, OtherSensor = Roller, Knocks = 5, Verdict = SyncVerdict.InStep,
                Difference = TimeSpan.FromMilliseconds(-1.25), Uncertainty = TimeSpan.FromMilliseconds(0.75),
            },
            """sync_check,hub=home,other_sensor=roller-1,sensor=clip-1,subject=p1 session="s1",finality="live",verdict="in_step",knocks=5i,difference_ms=-1.25,difference_u_ms=0.75,advice="clip-1 and roller-1 agree within 1.3 ms (± 1.5 ms, 5 knocks): good." """
        },
    };

    [Theory]
    [MemberData(nameof(Features))]
    public void A_feature_that_was_published_is_this_line(Feature feature, string line)
    {
        var message = new HubMessages(Slug.Parse("home")).Write(feature);

        var result = PointReader.Read(message.Topic, message.Payload.ToArray());

        Assert.Equal("", result.Detail);
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(LineStatus.Ok, new LineWriter(output).Write(result.Point!));
        Assert.Equal($"{line.Trim()} {Nanoseconds}\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("elsewhere", "{}", "foreign-topic")]
    [InlineData("sensorhub/1/home/subjects/p1/session", "", "")]
    [InlineData("sensorhub/1/home/status", """{"schema":"hub/1","time":"2026-01-31T12:00:00Z","online":true}""", "")]
    [InlineData("sensorhub/1/home/frames/clip", "any bytes", "")]
    [InlineData("sensorhub/1/home/subjects/p1/session", "{", "not-json")]
    [InlineData("sensorhub/1/home/subjects/p1/session", "Dear Sir or Madam", "not-json")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}""", "not-json")]
    [InlineData("sensorhub/1/home/subjects/p1/session", "7", "wrong-schema")]
    [InlineData("sensorhub/1/home/subjects/p1/session", "[]", "wrong-schema")]
    [InlineData("sensorhub/1/home/subjects/p1/session", "{}", "wrong-schema")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":7}""", "malformed")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/2"}""", "unknown-version")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"posture/1"}""", "wrong-schema")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"sessions/1"}""", "wrong-schema")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":NaN,"phase":"sitting","muscle":"none","side":"none"}""", "not-finite")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":-Infinity,"phase":"sitting","muscle":"none","side":"none"}""", "not-finite")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1e999,"phase":"sitting","muscle":"none","side":"none"}""", "not-finite")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":"long","phase":"sitting","muscle":"none","side":"none"}""", "field-type-conflict")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":{},"phase":"sitting","muscle":"none","side":"none"}""", "field-type-conflict")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z"}""", "malformed")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"yesterday","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}""", "malformed")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"9999-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}""", "malformed")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"two words","side":"none"}""", "bad-tag")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"a\nposture f=1","side":"none"}""", "bad-tag")]
    [InlineData("sensorhub/1/home/subjects/p1/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"","side":"none"}""", "bad-tag")]
    [InlineData("sensorhub/1/home/subjects/p1/heartbeat", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}""", "foreign-topic")]
    [InlineData("sensorhub/1/home/subjects/Anna Schmidt/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}""", "foreign-topic")]
    [InlineData("sensorhub/1/home/subjects/../session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}""", "hostile-topic")]
    [InlineData("sensorhub/1/home/subjects/..\\etc/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}""", "hostile-topic")]
    [InlineData("sensorhub/1/home/subjects/+/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}""", "hostile-topic")]
    [InlineData("sensorhub/1/home/subjects/#/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}""", "hostile-topic")]
    [InlineData("sensorhub/1/home/subjects/p1\n/session", """{"schema":"session/1","time":"2026-01-31T12:00:00Z","event":"began","duration_s":1,"phase":"sitting","muscle":"none","side":"none"}""", "hostile-topic")]
    public void What_is_no_point_says_why(string topic, string payload, string reason)
    {
        var result = PointReader.Read(topic, Encoding.UTF8.GetBytes(payload));

        Assert.Equal((null, reason), (result.Point, result.Reason));
    }

    [Fact]
    public void What_is_too_large_or_too_long_or_not_text_says_why()
    {
        Assert.Equal("too-large", PointReader.Read("sensorhub/1/home/subjects/p1/session", new byte[PayloadReader.MaxBytes + 1]).Reason);
        Assert.Equal("hostile-topic", PointReader.Read($"sensorhub/1/home/subjects/{new string('p', 60_000)}/session", "{}"u8).Reason);
        Assert.Equal("not-json", PointReader.Read("sensorhub/1/home/subjects/p1/session", [0xFF, 0x00, 0xC3]).Reason);
    }

    [Fact]
    public void A_reason_is_one_short_line_whatever_the_sender_wrote()
    {
        var payload = Encoding.UTF8.GetBytes($$"""{"schema":"{{new string('x', 5_000)}}\u001b[31m\r\n\u202e"}""");

        var detail = PointReader.Read("sensorhub/1/home/subjects/p1/session", payload).Detail;

        Assert.InRange(detail.Length, 1, 201);
        Assert.DoesNotContain(detail, char.IsControl);
    }

    [Fact]
    public void Who_it_is_about_is_said_by_the_topic_and_not_by_the_payload()
    {
        var result = PointReader.Read("sensorhub/1/home/sensors/clip-1/status", """
            {"schema":"sensor/1","time":"2026-01-31T12:00:00Z","hub":"other","sensor":"other","kind":"clip","link":"lost","rate_hz":0,"received":0,"lost":0,"loss_pct":0,"malformed":0}
            """u8);

        Assert.Equal(["home", "clip-1"], result.Point!.Tags.ToArray());
    }

    [Theory]
    [MemberData(nameof(Features))]
    public void What_the_hub_writes_many_times_a_second_takes_the_quick_way(Feature feature, string line)
    {
        var message = new HubMessages(Slug.Parse("home")).Write(feature);

        var point = PointReader.Parse(message.Topic, message.Payload.ToArray());

        Assert.Equal(line.Split(',')[0] is "posture" or "rolling" or "session" or "sensor_health" or "cue", point is not null);
    }

    /// <summary>Payloads with parts left out, doubled, moved and replaced, and with bytes that were hit: whatever the quick way takes, the serializer takes, and they agree.</summary>
    [Fact]
    public void The_quick_way_never_differs_from_the_serializer()
    {
        var messages = Features.Select(row => new HubMessages(Slug.Parse("home")).Write(row.Data.Item1)).Where(m => !m.Topic.EndsWith("events", StringComparison.Ordinal)).ToList();
        string[] values = ["null", "true", "\"x\"", "\"two words\"", "\"gr\u00f6\u00dfe\"", "\"\\u0061\"", "1", "-0", "1.5", "1e3", "1e999", "99999999999", "{}", "[1,{\"a\":2}]", "\"2026-02-30T12:00:00.000000000Z\"", "\"2026-01-31T24:00:00.000000000Z\"", "\"2026-01-31T12:00:00Z\"", "01", ""];
        var taken = 0;

        Gen.Select(Gen.Int[0, messages.Count - 1], Gen.Int[0, 7], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Byte).Sample((which, change, a, b, hit) =>
        {
            var text = Encoding.UTF8.GetString(messages[which].Payload.ToArray());
            var parts = text[1..^1].Split(",\"").Select((part, i) => i == 0 ? part : "\"" + part).ToList();
            var part = parts[a % parts.Count];
            var name = part[..part.IndexOf(':', StringComparison.Ordinal)];
            if (change == 1)
                parts.Remove(part);
            else if (change == 2)
                parts.Insert(b % parts.Count, part);
            else if (change == 3)
                (parts[a % parts.Count], parts[b % parts.Count]) = (parts[b % parts.Count], parts[a % parts.Count]);
            else if (change == 4)
                parts[a % parts.Count] = $"{name}:{values[b % values.Length]}";
            else if (change == 5)
                parts.Insert(b % parts.Count, $"\"{(hit % 2 == 0 ? "unknown" : "$type")}\":{values[a % values.Length]}");
            var payload = Encoding.UTF8.GetBytes(change == 6 ? $" {{ {string.Join(" , ", parts)} }} {(hit % 2 == 0 ? "" : "x")}" : $"{{{string.Join(',', parts)}}}");
            if (change == 7)
                payload[(a + 1000 * b) % payload.Length] = hit;

            if (PointReader.Parse(messages[which].Topic, payload) is not { } point)
                return;
            var whole = PointReader.Deserialize(messages[which].Topic, payload);
            Assert.Equal("", whole.Detail);
            Assert.Equal(LineOf(whole.Point!), LineOf(point));
            taken++;
        }, iter: 50_000, threads: 1);
        Assert.InRange(taken, 10_000, 49_999);
    }

    private static string LineOf(Point point)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(LineStatus.Ok, new LineWriter(output).Write(point));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

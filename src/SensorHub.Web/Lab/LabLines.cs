using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Web.Lab;

/// <summary>Writes the lines of the stream: each a JSON object with a <c>kind</c>, and a line feed behind it. docs/lab-stream.md has every field.</summary>
internal static class LabLines
{
    public static byte[] Hello(Slug subject, LabKinds kinds, DateTimeOffset now) => Line("hello", json =>
    {
        json.WriteString("schema", "lab/1");
        json.WriteString("server_time", Timestamp.FromDateTimeOffset(now).ToString());
        if (!subject.IsNone)
            json.WriteString("subject", subject.ToString());
        json.WriteStartArray("kinds");
        foreach (var name in LabKindNames.NamesOf(kinds))
            json.WriteStringValue(name);
        json.WriteEndArray();
    });

    /// <param name="trouble">Why nothing comes from the broker; null while it is connected.</param>
    public static byte[] Heartbeat(DateTimeOffset now, string? trouble) => Line("heartbeat", json =>
    {
        json.WriteString("server_time", Timestamp.FromDateTimeOffset(now).ToString());
        if (trouble is not null)
            json.WriteString("broker_trouble", trouble);
    });

    public static byte[] Dropped(long lines, long total) => Line("dropped", json =>
    {
        json.WriteNumber("lines", lines);
        json.WriteNumber("total", total);
    });

    public static byte[] End(string reason) => Line("end", json => json.WriteString("reason", reason));

    /// <summary>A payload of the MQTT contract, unchanged.</summary>
    public static byte[] Carried(string kind, TopicName topic, ReadOnlyMemory<byte> payload) => Line(kind, json =>
    {
        json.WriteString("hub", topic.Hub.ToString());
        if (!topic.Subject.IsNone)
            json.WriteString("subject", topic.Subject.ToString());
        json.WritePropertyName("payload");
        json.WriteRawValue(payload.Span, skipInputValidation: true); // it was parsed on arrival
    });

    /// <param name="range">Of the frame's samples.</param>
    public static byte[] Samples(LabStreamOf of, ReadOnlyMemory<byte> bytes, SampleRange range, Timestamp received, bool late) => Line("raw", json =>
    {
        FrameCodec.Decode(bytes.Span, out var frame);
        var header = frame.Header;
        var skip = unchecked((int)(range.Sequence - header.Sequence));
        json.WriteString("schema", "raw/1");
        of.Write(json);
        json.WriteString("stream_kind", EnumNames.Of(of.Stream.Kind));
        if (of.Element is { } element)
            json.WriteString("element", EnumNames.Of(element));
        json.WriteNumber("boot_id", header.BootId);
        json.WriteNumber("sequence", range.Sequence);
        json.WriteNumber("samples", range.Count);
        var ticks = unchecked(header.Ticks + (ulong)skip * header.Period);
        json.WriteNumber("ticks", ticks);
        json.WriteNumber("period_ticks", header.Period);
        of.WriteTime(json, "time", header.BootId, ticks);
        if (of.Clock is { } clock && clock.BootId == header.BootId)
        {
            if (header.Period > 0)
                json.WriteNumber("step_ns", Math.Round(header.Period / clock.TicksPerSecond * 1e9, 3));
            if (of.ClockUncertaintyMs is { } u)
                json.WriteNumber("time_u_ms", u);
        }
        json.WriteString("received", received.ToString());
        if (late)
            json.WriteBoolean("late", true);
        if (header.Flags.HasFlag(FrameFlags.Saturated))
            json.WriteBoolean("saturated", true);
        json.WriteStartObject("channels");
        for (var channel = 0; channel < of.Stream.Channels.Count; channel++)
        {
            json.WriteStartArray(ChannelNames.Of(of.Stream.Channels[channel], channel));
            for (var sample = 0; sample < range.Count; sample++)
                json.WriteNumberValue(of.Stream.Read(frame.Samples, skip + sample, channel));
            json.WriteEndArray();
        }
        json.WriteEndObject();
    });

    /// <param name="missing">What is missing; null: it booted anew, and how much is missing is not known.</param>
    /// <param name="behind">The first sample behind the gap.</param>
    public static byte[] Gap(LabStreamOf of, SampleRange? missing, DeviceTime behind, uint period) => Line("gap", json =>
    {
        json.WriteString("schema", "raw/1");
        of.Write(json);
        json.WriteNumber("boot_id", behind.BootId);
        if (missing is { } range)
        {
            json.WriteNumber("sequence", range.Sequence);
            json.WriteNumber("samples_missing", range.Count);
            of.WriteTime(json, "time", behind.BootId, unchecked(behind.Ticks - (ulong)range.Count * period));
        }
        else
        {
            json.WriteString("cause", EnumNames.Of(GapCause.Reboot));
        }
        of.WriteTime(json, "end", behind.BootId, behind.Ticks);
    });

    private static byte[] Line(string kind, Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            write(json);
            json.WriteEndObject();
        }
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}

/// <summary>What a line says of the stream that it is of.</summary>
/// <param name="Session">That is on; none outside of one.</param>
/// <param name="Clock">Null until the sensor has told it.</param>
/// <param name="ClockUncertaintyMs">Standard uncertainty of a time.</param>
internal sealed record LabStreamOf(
    Slug Hub, Slug Subject, string? Session, Slug Sensor, StreamDescriptor Stream, ElementRole? Element, ClockMapping? Clock, double? ClockUncertaintyMs)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("hub", Hub.ToString());
        if (!Subject.IsNone)
            json.WriteString("subject", Subject.ToString());
        if (Session is not null)
            json.WriteString("session", Session);
        json.WriteString("sensor", Sensor.ToString());
        json.WriteNumber("stream", Stream.Id);
    }

    /// <summary>Left out while it is not known.</summary>
    public void WriteTime(Utf8JsonWriter json, string name, uint bootId, ulong ticks)
    {
        if (Clock is { } clock && clock.BootId == bootId)
            json.WriteString(name, clock.At(ticks).ToString());
    }
}

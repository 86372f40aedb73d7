using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Bridging;

/// <summary>
/// Reads a payload straight into its point, without an object between. It takes what the hub writes, and nothing else: whatever is out of the ordinary
/// is left to <see cref="PayloadReader"/>, whose word on a message holds. Tests keep the two in step.
/// </summary>
internal sealed class PayloadParser
{
    private readonly MeasurementSchema _measurement;
    private readonly string _schema;
    private readonly Property[] _properties;
    private readonly ulong _needed;
    private readonly int _time;
    private readonly int _schemaProperty;
    private readonly int _hub;
    private readonly int _subject;
    private readonly int _sensor;

    /// <param name="schema">What the payload says of itself: <c>posture/1</c>.</param>
    public PayloadParser(MeasurementSchema measurement, string schema, JsonTypeInfo payload)
    {
        _measurement = measurement;
        _schema = schema;
        _properties = [.. payload.Properties.Where(p => p.Set is not null).Select(p => new Property(JsonEncodedText.Encode(p.Name).EncodedUtf8Bytes.ToArray(), KindOf(p.PropertyType), measurement.IndexOfTag(p.Name), measurement.IndexOfField(p.Name)))];
        // What has a default, as the finality has, is left to the serializer when it is absent.
        _needed = payload.Properties.Where(p => p.Set is not null).Select((p, i) => p.IsRequired || !p.IsSetNullable ? 1UL << i : 0).Aggregate((a, b) => a | b);
        _time = Find("time"u8, 0);
        _schemaProperty = Find("schema"u8, 0);
        _hub = measurement.IndexOfTag("hub");
        _subject = measurement.IndexOfTag("subject");
        _sensor = measurement.IndexOfTag("sensor");
        if (_properties.Length > 64)
            throw new ArgumentException($"A payload of measurement '{measurement.Name}' has more than 64 properties.", nameof(payload));
    }

    private enum Kind : byte
    {
        Other = 0,
        Text,
        Float,
        Integer32,
        Integer64,
        Boolean,
    }

    /// <param name="Tag">Index in the measurement, or −1.</param>
    /// <param name="Field">Index in the measurement, or −1.</param>
    private readonly record struct Property(byte[] Name, Kind Kind, int Tag, int Field);

    /// <returns>Null for what is out of the ordinary: a payload of another kind, or one that is none.</returns>
    public Point? Read(in TopicName topic, ReadOnlySpan<byte> json)
    {
        try
        {
            return Parse(topic, json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private Point? Parse(in TopicName topic, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        var point = new Point(_measurement);
        var (seen, next) = (0UL, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueIsEscaped || reader.ValueSpan is [] or [(byte)'$', ..])
                return null;
            var index = Find(reader.ValueSpan, next);
            reader.Read();
            if (index < 0)
            {
                reader.Skip();
                continue;
            }
            if ((seen & 1UL << index) != 0)
                return null;
            seen |= 1UL << index;
            next = index + 1;
            if (index == _time)
            {
                if (reader.TokenType != JsonTokenType.String || !TryReadTime(reader.ValueSpan, out var time))
                    return null;
                point.Time = time;
            }
            else if (index == _schemaProperty ? reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals(_schema) : !TrySet(point, _properties[index], ref reader))
            {
                return null;
            }
        }
        if ((seen & _needed) != _needed || reader.TokenType != JsonTokenType.EndObject || reader.Read())
            return null;
        Set(point, _hub, topic.Hub);
        Set(point, _subject, topic.Subject);
        if (!topic.Sensor.IsNone)
            Set(point, _sensor, topic.Sensor);
        return point;
    }

    private static bool TrySet(Point point, in Property property, ref Utf8JsonReader reader)
    {
        FieldValue value;
        switch (property.Kind)
        {
            case Kind.Text when reader.TokenType == JsonTokenType.String:
                if (property is { Tag: < 0, Field: < 0 })
                    return true;
                var text = Texts.Get(ref reader);
                if (property.Tag < 0)
                {
                    value = text;
                    break;
                }
                point.SetTag(property.Tag, text);
                return PointReader.IsTag(text);
            case Kind.Float when reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number):
                value = number;
                break;
            case Kind.Integer32 when reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number):
                value = (long)number;
                break;
            case Kind.Integer64 when reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number):
                value = number;
                break;
            case Kind.Boolean when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                value = reader.TokenType == JsonTokenType.True;
                break;
            default:
                return false;
        }
        if (property.Tag >= 0)
            return false; // a tag that is no text, as a gap's stream
        if (property.Field >= 0)
            point.Set(property.Field, value);
        return true;
    }

    private static void Set(Point point, int tag, Slug value)
    {
        if (tag >= 0)
            point.SetTag(tag, value.ToString());
    }

    /// <summary>The property of this name, or −1. Properties come in their order, with some left out: it is looked for from the last one on.</summary>
    private int Find(ReadOnlySpan<byte> name, int from)
    {
        for (var i = from; i < _properties.Length; i++)
            if (name.SequenceEqual(_properties[i].Name))
                return i;
        for (var i = 0; i < from; i++)
            if (name.SequenceEqual(_properties[i].Name))
                return i;
        return -1;
    }

    /// <summary>The contract's form and no other: <c>2026-01-31T12:00:00.123456789Z</c>.</summary>
    private static bool TryReadTime(ReadOnlySpan<byte> text, out Timestamp time)
    {
        time = default;
        if (text is not [_, _, _, _, (byte)'-', _, _, (byte)'-', _, _, (byte)'T', _, _, (byte)':', _, _, (byte)':', _, _, (byte)'.', _, _, _, _, _, _, _, _, _, (byte)'Z'])
            return false;
        if (!TryReadDigits(text[..4], out var year) || !TryReadDigits(text[5..7], out var month) || !TryReadDigits(text[8..10], out var day)
            || !TryReadDigits(text[11..13], out var hour) || !TryReadDigits(text[14..16], out var minute) || !TryReadDigits(text[17..19], out var second) || !TryReadDigits(text[20..29], out var nanosecond))
            return false;
        if (year is < 1970 or > 2261 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;
        time = new Timestamp((new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks) * 100 + nanosecond);
        return true;
    }

    private static bool TryReadDigits(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            number = 10 * number + digit - '0';
        }
        return true;
    }

    private static Kind KindOf(Type type) =>
        type == typeof(string) ? Kind.Text
        : type == typeof(double) || type == typeof(double?) ? Kind.Float
        : type == typeof(int) || type == typeof(int?) ? Kind.Integer32
        : type == typeof(long) || type == typeof(long?) ? Kind.Integer64
        : type == typeof(bool) || type == typeof(bool?) ? Kind.Boolean
        : Kind.Other;

    /// <summary>Names of phases, sessions, sensors come again and again: a bounded table keeps one string of each.</summary>
    private static class Texts
    {
        private const int LongestKept = 40;
        private static readonly string?[] Kept = new string?[1024];

        public static string Get(ref Utf8JsonReader reader)
        {
            var utf8 = reader.ValueSpan;
            if (utf8.Length > LongestKept)
                return reader.GetString()!;
            var hash = new HashCode();
            hash.AddBytes(utf8);
            ref var kept = ref Kept[(uint)hash.ToHashCode() % Kept.Length];
            return kept is { } known && reader.ValueTextEquals(known) ? known : kept = reader.GetString()!;
        }
    }
}

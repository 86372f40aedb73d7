using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.LineProtocol;

/// <summary>
/// Points as InfluxDB line protocol: UTF-8, tags sorted, integers with <c>i</c>, floats in the shortest form that reads
/// back as the same number, nanosecond time. Allocates nothing per point.
/// </summary>
/// <remarks>https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/</remarks>
public sealed class LineWriter(IBufferWriter<byte> output)
{
    // Longest value that is no text: -1.7976931348623157E+308 is 24 bytes, -9223372036854775808i is 21.
    private const int LongestNumber = 24;

    /// <summary>Lines written.</summary>
    public long Written { get; private set; }

    /// <summary>Fields left out because InfluxDB has no NaN and no infinity.</summary>
    public long NotFinite { get; private set; }

    /// <summary>Writes the point with the newline that ends it, or nothing at all if line protocol cannot say it.</summary>
    public LineStatus Write(Point point)
    {
        var measurement = point.Measurement;
        var line = new Line(output.GetSpan(LongestLength(point)));
        line.Append(measurement.LineName);
        var tags = point.Tags;
        for (var i = 0; i < tags.Length; i++)
        {
            if (tags[i] is not { } value)
                continue;
            if (!Escaping.FitsTag(value))
                return LineStatus.UnfitTag;
            line.Append(measurement.TagKeys[i]);
            line.AppendEscaped(value, Escaping.InKey);
        }

        var end = line.Length;
        var fields = point.Fields;
        for (var i = 0; i < fields.Length; i++)
        {
            ref readonly var value = ref fields[i];
            if (!value.HasValue)
                continue;
            if (value.Type == FieldType.Float && !double.IsFinite(value.AsDouble()))
            {
                NotFinite++;
                continue;
            }
            line.Append(measurement.FieldKeys[i]);
            line.Append(value);
        }
        if (line.Length == end)
            return LineStatus.NoField;
        line[end] = (byte)' '; // where the first field's comma stands

        line.Append((byte)' ');
        line.Append(point.Time.UnixNanoseconds);
        line.Append((byte)'\n');
        output.Advance(line.Length);
        Written++;
        return LineStatus.Ok;
    }

    /// <summary>At least as many bytes as the line has: a UTF-16 unit is at most three bytes, or an escaped one.</summary>
    internal static int LongestLength(Point point)
    {
        var length = point.Measurement.LongestKeys + (point.Fields.Length + 1) * LongestNumber;
        foreach (var tag in point.Tags)
            length += 3 * (tag?.Length ?? 0);
        foreach (ref readonly var field in point.Fields)
            if (field.Type == FieldType.String)
                length += 3 * field.AsString().Length;
        return length;
    }

    /// <summary>The bytes of a line as they grow. There is room for them all.</summary>
    private ref struct Line(Span<byte> bytes)
    {
        private readonly Span<byte> _bytes = bytes;

        public int Length { get; private set; }

        public ref byte this[int index] => ref _bytes[index];

        public void Append(byte value) => _bytes[Length++] = value;

        public void Append(ReadOnlySpan<byte> value)
        {
            value.CopyTo(_bytes[Length..]);
            Length += value.Length;
        }

        public void Append(long value)
        {
            Utf8Formatter.TryFormat(value, _bytes[Length..], out var written);
            Length += written;
        }

        public void Append(in FieldValue value)
        {
            switch (value.Type)
            {
                case FieldType.Float:
                    Length += Floats.Format(value.AsDouble(), _bytes[Length..]);
                    break;
                case FieldType.Integer:
                    Append(value.AsInteger());
                    Append((byte)'i');
                    break;
                case FieldType.Boolean:
                    Append(value.AsBoolean() ? "true"u8 : "false"u8);
                    break;
                case FieldType.String:
                    Append((byte)'"');
                    AppendEscaped(value.AsString(), Escaping.InText);
                    Append((byte)'"');
                    break;
                default:
                    throw new UnreachableException();
            }
        }

        public void AppendEscaped(ReadOnlySpan<char> text, SearchValues<char> special)
        {
            while (text.Length > 0)
            {
                var next = text.IndexOfAny(special);
                var plain = next < 0 ? text : text[..next];
                Length += Encoding.UTF8.GetBytes(plain, _bytes[Length..]);
                if (next < 0)
                    return;
                Append((byte)'\\');
                Append((byte)text[next]);
                text = text[(next + 1)..];
            }
        }
    }
}

/// <summary>What became of a point.</summary>
public enum LineStatus : byte
{
    Ok = 0,

    /// <summary>It has no field that InfluxDB can store.</summary>
    NoField = 1,

    /// <summary>A tag has a control character or ends in a backslash.</summary>
    UnfitTag = 2,
}

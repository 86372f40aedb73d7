using System.Globalization;
using System.Text;

namespace SensorHub.Storage.Tests.LineProtocol;

/// <summary>
/// Line protocol read back, written from its specification and not from our writer: a backslash before a character that is
/// special in that place stands for it, any other backslash for itself.
/// </summary>
internal sealed record ParsedLine(string Measurement, IReadOnlyList<KeyValuePair<string, string>> Tags, IReadOnlyDictionary<string, object> Fields, long Time)
{
    public static List<ParsedLine> ParseAll(ReadOnlySpan<byte> utf8)
    {
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8);
        var lines = new List<ParsedLine>();
        for (var at = 0; at < text.Length;)
            lines.Add(Parse(text, ref at));
        return lines;
    }

    private static ParsedLine Parse(string text, ref int at)
    {
        var measurement = Until(text, ref at, ", ", ", ");
        var tags = new List<KeyValuePair<string, string>>();
        while (text[at] == ',')
        {
            at++;
            var key = Until(text, ref at, "=", ",= ");
            at++;
            tags.Add(new(key, Until(text, ref at, ", ", ",= ")));
        }
        var fields = new Dictionary<string, object>();
        do
        {
            at++;
            var key = Until(text, ref at, "=", ",= ");
            at++;
            fields.Add(key, Value(text, ref at));
        }
        while (text[at] == ',');
        at++;
        var end = text.IndexOf('\n', at) is >= 0 and var newline ? newline : text.Length;
        var time = long.Parse(text.AsSpan(at, end - at), CultureInfo.InvariantCulture);
        at = end + 1;
        return new ParsedLine(measurement, tags, fields, time);
    }

    private static object Value(string text, ref int at)
    {
        if (text[at] == '"')
        {
            at++;
            var value = Until(text, ref at, "\"", "\"\\");
            at++;
            return value;
        }
        var token = Until(text, ref at, ", ", "");
        return token switch
        {
            "true" => true,
            "false" => false,
            [.. var digits, 'i'] => long.Parse(digits, CultureInfo.InvariantCulture),
            _ => double.Parse(token, CultureInfo.InvariantCulture),
        };
    }

    private static string Until(string text, ref int at, string ends, string escapable)
    {
        var value = new StringBuilder();
        while (!ends.Contains(text[at], StringComparison.Ordinal))
        {
            if (text[at] == '\\' && escapable.Contains(text[at + 1], StringComparison.Ordinal))
                at++;
            value.Append(text[at++]);
        }
        return value.ToString();
    }
}

using System.Buffers;
using System.Text;

namespace SensorHub.Storage.LineProtocol;

/// <summary>
/// What line protocol escapes with a backslash: comma and space in a measurement's name; comma, equals sign and space in
/// keys and tag values; double quote and backslash in the string of a field.
/// </summary>
/// <remarks>https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/#special-characters</remarks>
internal static class Escaping
{
    public static readonly SearchValues<char> InName = SearchValues.Create(", ");
    public static readonly SearchValues<char> InKey = SearchValues.Create(",= ");
    public static readonly SearchValues<char> InText = SearchValues.Create("\"\\");

    public static byte[] Name(string name) => Escape(name, InName);

    public static byte[] Key(string key) => Escape(key, InKey);

    private static readonly SearchValues<char> Control = SearchValues.Create(Enumerable.Range(0, 32).Select(c => (char)c).ToArray());

    /// <summary>
    /// Whether line protocol can say this as a tag's value: nothing escapes a line's end, nor a backslash before the
    /// comma or space that ends the value. Other control characters are legal in some servers and refused by others.
    /// </summary>
    public static bool FitsTag(ReadOnlySpan<char> value) =>
        value.Length > 0 && value[^1] != '\\' && !value.ContainsAny(Control);

    private static byte[] Escape(string text, SearchValues<char> special)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
            (special.Contains(c) ? escaped.Append('\\') : escaped).Append(c);
        return Encoding.UTF8.GetBytes(escaped.ToString());
    }
}

using System.Text;

namespace SensorHub.Storage.LineProtocol;

/// <summary>
/// What line protocol escapes with a backslash: comma and space in a measurement's name; comma, equals sign and space in
/// keys and tag values; double quote and backslash in the string of a field.
/// </summary>
/// <remarks>https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/#special-characters</remarks>
internal static class Escaping
{
    public const string InName = ", ";
    public const string InKey = ",= ";
    public const string InText = "\"\\";

    public static byte[] Name(string name) => Escape(name, InName);

    public static byte[] Key(string key) => Escape(key, InKey);

    /// <summary>
    /// Whether line protocol can say this as a tag's value: nothing escapes a line's end, nor a backslash before the
    /// comma or space that ends the value. Other control characters are legal in some servers and refused by others.
    /// </summary>
    public static bool FitsTag(ReadOnlySpan<char> value) =>
        value.Length > 0 && value[^1] != '\\' && !value.ContainsAnyInRange('\0', '\x1f');

    private static byte[] Escape(string text, string special)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
            (special.Contains(c, StringComparison.Ordinal) ? escaped.Append('\\') : escaped).Append(c);
        return Encoding.UTF8.GetBytes(escaped.ToString());
    }
}

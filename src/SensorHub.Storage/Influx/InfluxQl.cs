using System.Text;

namespace SensorHub.Storage.Influx;

/// <summary>
/// Quoting of InfluxQL. Servers differ in whether they take bound parameters, so text is quoted, always by these two.
/// </summary>
/// <remarks>https://docs.influxdata.com/influxdb/v1/query_language/spec/#letters-and-digits: identifiers and strings.</remarks>
internal static class InfluxQl
{
    /// <summary>A name in double quotes.</summary>
    public static string Identifier(string name) => Quote(name, '"');

    /// <summary>A string in single quotes.</summary>
    public static string Text(string text) => Quote(text, '\'');

    private static string Quote(string text, char quote)
    {
        var quoted = new StringBuilder().Append(quote);
        foreach (var c in text)
        {
            if (c == '\n')
                quoted.Append("\\n"); // a line end inside quotes is an error
            else
                (c == quote || c == '\\' ? quoted.Append('\\') : quoted).Append(c);
        }
        return quoted.Append(quote).ToString();
    }
}

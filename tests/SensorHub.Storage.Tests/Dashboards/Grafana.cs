using System.Globalization;
using System.Text.RegularExpressions;
using SensorHub.Core.Timing;

namespace SensorHub.Storage.Tests.Dashboards;

/// <summary>What Grafana puts into a query before it sends it: the time range, the interval, the chosen values of variables.</summary>
/// <param name="Values">Of each variable those that are chosen; a single one that is a regular expression stays one.</param>
internal sealed partial record Grafana(Timestamp From, Timestamp To, IReadOnlyDictionary<string, IReadOnlyList<string>> Values)
{
    /// <summary>Points that a panel has room for.</summary>
    private const int Width = 1000;

    public string Expand(string query)
    {
        var seconds = Math.Max(1, (long)Math.Ceiling((To - From).TotalSeconds / Width));
        query = query
            .Replace("$timeFilter", string.Create(CultureInfo.InvariantCulture, $"time >= {From.UnixNanoseconds / 1_000_000}ms and time <= {To.UnixNanoseconds / 1_000_000}ms"), StringComparison.Ordinal)
            .Replace("$__interval", string.Create(CultureInfo.InvariantCulture, $"{seconds}s"), StringComparison.Ordinal);
        query = Variable().Replace(query, match => Values[match.Groups[1].Value] is var chosen && chosen is [".*"]
            ? ".*"
            : chosen is [var one] ? Escape(one) : $"({string.Join('|', chosen.Select(Escape))})");
        return Forgotten().IsMatch(query) ? throw new FormatException($"Grafana would not know what to put in here: {query}") : query;
    }

    /// <summary>Grafana's format regex, as <c>${name:regex}</c> asks for.</summary>
    private static string Escape(string value) => Regex.Replace(value, @"[\\^$*+?.()|[\]{}\/]", @"\$&");

    /// <summary>A dollar that is not the end of a regular expression.</summary>
    [GeneratedRegex(@"\$(?!/)")]
    private static partial Regex Forgotten();

    [GeneratedRegex(@"\$\{(\w+):regex\}")]
    private static partial Regex Variable();
}

namespace SensorHub.Mqtt.Broker;

/// <summary>Topic filters of MQTT, one within another (MQTT 5 §4.7).</summary>
internal static class TopicFilters
{
    /// <summary>
    /// Whether everything that <paramref name="inner"/>, a filter or a topic, matches is matched by <paramref name="outer"/>. Wildcards at the first level do
    /// not match topics that begin with <c>$</c>.
    /// </summary>
    public static bool Covers(string outer, string inner)
    {
        if (inner.StartsWith('$') && !outer.StartsWith('$'))
            return false;
        var (allowed, asked) = (outer.Split('/'), inner.Split('/'));
        for (var i = 0; i < allowed.Length; i++)
        {
            if (allowed[i] == "#")
                return true; // "a/#" matches "a" too
            if (i == asked.Length || asked[i] == "#" || allowed[i] != "+" && allowed[i] != asked[i])
                return false;
        }
        return allowed.Length == asked.Length;
    }

    /// <summary>Whether wildcards stand alone in their level, and <c>#</c> in the last.</summary>
    public static bool IsWellFormed(string filter)
    {
        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
            if (levels[i].AsSpan().ContainsAny('+', '#') && (levels[i].Length > 1 || levels[i] == "#" && i < levels.Length - 1))
                return false;
        return filter.Length > 0 && !filter.Contains('\0', StringComparison.Ordinal);
    }

    public static bool HasWildcard(string filter) => filter.AsSpan().ContainsAny('+', '#');
}

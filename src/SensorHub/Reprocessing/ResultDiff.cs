using System.Globalization;
using System.Text.Json;

namespace SensorHub.Reprocessing;

/// <summary>What two results of one recording differ in. Both are read side by side; only what has no counterpart yet is held.</summary>
internal sealed class ResultDiff
{
    private readonly SortedDictionary<string, Kind> _kinds = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Kind> Kinds => _kinds;

    public bool IsEqual => _kinds.Values.All(k => k is { OnlyFirst: 0, OnlySecond: 0, Changed: 0 });

    public static ResultDiff Of(IEnumerable<JsonElement> first, IEnumerable<JsonElement> second)
    {
        var diff = new ResultDiff();
        Dictionary<string, JsonElement> inFirst = new(StringComparer.Ordinal), inSecond = new(StringComparer.Ordinal);
        using var a = first.GetEnumerator();
        using var b = second.GetEnumerator();
        for (bool more = true; more;)
        {
            more = false;
            if (a.MoveNext())
            {
                more = true;
                diff.Match(a.Current, inSecond, inFirst, isFirst: true);
            }
            if (b.MoveNext())
            {
                more = true;
                diff.Match(b.Current, inFirst, inSecond, isFirst: false);
            }
        }
        foreach (var payload in inFirst.Values)
            diff.Of(payload).OnlyFirst++;
        foreach (var payload in inSecond.Values)
            diff.Of(payload).OnlySecond++;
        return diff;
    }

    /// <summary>A row for each kind and each field that differs, for a table.</summary>
    public IEnumerable<string> Csv()
    {
        foreach (var (name, kind) in _kinds)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{name},,{kind.Both},{kind.Changed},{kind.OnlyFirst},{kind.OnlySecond},,");
            foreach (var (field, change) in kind.Fields)
                yield return string.Create(CultureInfo.InvariantCulture, $"{name},{field},{kind.Both},{change.Count},,,{(change.Numbers == 0 ? "" : change.Largest.ToString("R", CultureInfo.InvariantCulture))},{(change.Numbers == 0 ? "" : (change.Sum / change.Numbers).ToString("R", CultureInfo.InvariantCulture))}");
        }
    }

    public const string CsvHeader = "kind,field,in_both,changed,only_first,only_second,largest_change,mean_change";

    private void Match(JsonElement payload, Dictionary<string, JsonElement> others, Dictionary<string, JsonElement> own, bool isFirst)
    {
        var key = KeyOf(payload);
        if (!others.Remove(key, out var other))
        {
            own[key] = payload;
            return;
        }
        var kind = Of(payload);
        kind.Both++;
        if (Compare(kind, isFirst ? payload : other, isFirst ? other : payload))
            kind.Changed++;
    }

    private static bool Compare(Kind kind, JsonElement first, JsonElement second)
    {
        var changed = false;
        foreach (var name in first.EnumerateObject().Select(p => p.Name).Union(second.EnumerateObject().Select(p => p.Name)))
        {
            var (has, had) = (second.TryGetProperty(name, out var now), first.TryGetProperty(name, out var before));
            if (has && had && JsonElement.DeepEquals(now, before))
                continue;
            changed = true;
            if (!kind.Fields.TryGetValue(name, out var change))
                kind.Fields.Add(name, change = new Change());
            change.Count++;
            if (has && had && now.ValueKind == JsonValueKind.Number && before.ValueKind == JsonValueKind.Number)
            {
                var by = now.GetDouble() - before.GetDouble();
                change.Numbers++;
                change.Sum += by;
                change.Largest = Math.Max(change.Largest, Math.Abs(by));
            }
        }
        return changed;
    }

    private Kind Of(JsonElement payload)
    {
        var name = KindOf(payload);
        if (!_kinds.TryGetValue(name, out var kind))
            _kinds.Add(name, kind = new Kind());
        return kind;
    }

    private static string KindOf(JsonElement payload) => Text(payload, "type") is { } type ? $"{Text(payload, "schema")} {type}" : Text(payload, "schema") ?? "";

    /// <summary>By what the same thing is known in both: what it is, of which sensor, when; a dose also by its muscle.</summary>
    private static string KeyOf(JsonElement payload) =>
        string.Join('|', KindOf(payload), Text(payload, "sensor"), Text(payload, "time"), Text(payload, "event"), Text(payload, "type") == "dose" ? $"{Text(payload, "muscle")}/{Text(payload, "side")}" : "");

    private static string? Text(JsonElement payload, string name) => payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>One kind of payload.</summary>
    public sealed class Kind
    {
        public long Both { get; set; }

        /// <summary>In both, and not the same.</summary>
        public long Changed { get; set; }

        public long OnlyFirst { get; set; }

        public long OnlySecond { get; set; }

        public SortedDictionary<string, Change> Fields { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>How a field changed.</summary>
    public sealed class Change
    {
        public long Count { get; set; }

        /// <summary>Of those, how many are numbers in both.</summary>
        public long Numbers { get; set; }

        public double Sum { get; set; }

        /// <summary>Absolute.</summary>
        public double Largest { get; set; }
    }
}

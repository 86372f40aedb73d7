using SensorHub.Storage;
using SensorHub.Storage.Schema;

namespace SensorHub.Faults;

/// <summary>What an output has, held against what it should have.</summary>
internal sealed class Comparison
{
    private static readonly FieldValue Live = "live";
    private static readonly FieldValue Historical = "historical";

    private readonly Dictionary<string, Counts> _measurements = new(StringComparer.Ordinal);

    public Comparison(Expected expected, Found found)
    {
        Output = found.Output;
        foreach (var (key, fields) in expected.Rows)
        {
            var counts = Of(key);
            counts.Expected++;
            if (!found.Rows.TryGetValue(key, out var stored))
                Note(Missing, ref counts.Missing, key);
            else
            {
                if (Differs(key, fields, stored, out var late) is { } difference)
                {
                    counts.Other++;
                    Other.Add($"{key}: {difference}");
                }
                counts.Late += late ? 1 : 0;
            }
        }
        foreach (var key in found.Rows.Keys)
        {
            var counts = Of(key);
            counts.Found++;
            if (expected.Rows.ContainsKey(key) || expected.TakenBack.Contains(key))
                continue;
            if (expected.IsInSession(key.Time))
                Note(Unexpected, ref counts.Unexpected, key);
            else
                Note(Outside, ref counts.Outside, key);
        }
        foreach (var key in found.Twice)
            Note(Twice, ref Of(key).Twice, key);
    }

    public string Output { get; }

    public IEnumerable<KeyValuePair<string, Counts>> Measurements => _measurements.OrderBy(m => m.Key, StringComparer.Ordinal);

    public List<RowKey> Missing { get; } = [];

    public List<RowKey> Twice { get; } = [];

    /// <summary>In a session, and not to be concluded from its recording.</summary>
    public List<RowKey> Unexpected { get; } = [];

    /// <summary>Of times before or after a session, which are in no recording.</summary>
    public List<RowKey> Outside { get; } = [];

    /// <summary>There, and saying something else than was said last.</summary>
    public List<string> Other { get; } = [];

    public bool IsRight => Missing.Count + Twice.Count + Unexpected.Count + Other.Count == 0;

    private Counts Of(RowKey key) => _measurements.TryGetValue(key.Measurement, out var counts) ? counts : _measurements[key.Measurement] = new Counts();

    private static void Note(List<RowKey> keys, ref int count, RowKey key)
    {
        keys.Add(key);
        count++;
    }

    /// <summary>
    /// Only what was said last counts: a field that it does not have is what was said before. What waited in an outbox says so, and is right.
    /// </summary>
    private static string? Differs(RowKey key, FieldValue[] expected, FieldValue[] stored, out bool late)
    {
        late = false;
        var fields = StorageSchema.Current[key.Measurement].Fields;
        for (var i = 0; i < expected.Length; i++)
        {
            if (!expected[i].HasValue || expected[i] == stored[i])
                continue;
            if (fields[i].Name != "finality" || expected[i] != Live || stored[i] != Historical)
                return $"{fields[i].Name} is {(stored[i].HasValue ? stored[i] : "absent")}, not {expected[i]}";
            late = true;
        }
        return null;
    }

    public sealed class Counts
    {
        public int Expected;
        public int Found;
        public int Missing;
        public int Twice;
        public int Unexpected;
        public int Other;

        /// <summary>Delivered late, and so historical instead of live.</summary>
        public int Late;

        public int Outside;
    }
}

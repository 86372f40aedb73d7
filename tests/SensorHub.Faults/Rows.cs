using SensorHub.Core.Timing;
using SensorHub.Storage;
using SensorHub.Storage.Schema;

namespace SensorHub.Faults;

/// <summary>What makes two rows one, in InfluxDB as in the store.</summary>
/// <param name="Tags"><c>name=value</c> with commas between, by name; absent tags are left out.</param>
internal readonly record struct RowKey(string Measurement, string Tags, Timestamp Time)
{
    public static RowKey Of(Point point) => Of(point.Measurement, point.Tags, point.Time);

    /// <param name="tags">In the order of the schema; null or empty = absent.</param>
    public static RowKey Of(MeasurementSchema measurement, ReadOnlySpan<string?> tags, Timestamp time)
    {
        var text = "";
        for (var i = 0; i < tags.Length; i++)
            if (!string.IsNullOrEmpty(tags[i]))
                text += $"{(text.Length > 0 ? "," : "")}{measurement.Tags[i].Name}={tags[i]}";
        return new RowKey(measurement.Name, string.Intern(text), time);
    }

    public override string ToString() => $"{Measurement},{Tags} {Time}";
}

/// <summary>The rows that an output has.</summary>
/// <param name="Output">Its name.</param>
/// <param name="Rows">By key; the fields in the order of the schema, default = absent.</param>
/// <param name="Twice">Keys that were there more than once.</param>
internal sealed record Found(string Output, Dictionary<RowKey, FieldValue[]> Rows, IReadOnlyList<RowKey> Twice)
{
    /// <summary>Collects rows as they are read.</summary>
    public sealed class Reader(string output)
    {
        private readonly Dictionary<RowKey, FieldValue[]> _rows = [];
        private readonly List<RowKey> _twice = [];

        public void Add(RowKey key, FieldValue[] fields)
        {
            if (!_rows.TryAdd(key, fields))
                _twice.Add(key);
        }

        public Found Done() => new(output, _rows, _twice);
    }
}

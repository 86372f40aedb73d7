using System.Diagnostics.CodeAnalysis;
using SensorHub.Storage.LineProtocol;

namespace SensorHub.Storage.Schema;

/// <summary>One kind of row.</summary>
public sealed class MeasurementSchema
{
    private readonly Dictionary<string, int> _fieldIndex;

    /// <param name="name">Name of the measurement and of its table.</param>
    /// <param name="topic">Where its messages come from, below the hub's level: <c>subjects/{subject}/posture</c>. A level in braces is a tag.</param>
    /// <param name="description">One line for people.</param>
    /// <param name="tags">What tells series apart: few, and bounded in number of values. Sorted by name.</param>
    /// <param name="fields">What was measured.</param>
    /// <param name="rollups">It comes many times a second or for hours: it is rolled up, and its points are kept for a time only.</param>
    /// <exception cref="ArgumentException">A name stands for two things, or the tags are not sorted.</exception>
    public MeasurementSchema(string name, string topic, string description, IReadOnlyList<TagSchema> tags, IReadOnlyList<FieldSchema> fields, bool rollups = false)
    {
        Name = name;
        Topic = topic;
        Description = description;
        Tags = tags;
        Fields = fields;
        Rollups = rollups;

        var names = tags.Select(t => t.Name).Concat(fields.Select(f => f.Name)).Append("time").ToList();
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
            throw new ArgumentException($"A name of measurement '{name}' stands for two things; InfluxDB 3 allows one.", nameof(fields));
        // InfluxDB stores sorted tags fastest; sorting them here, once, spares it for every point.
        if (!tags.Select(t => t.Name).SequenceEqual(tags.Select(t => t.Name).Order(StringComparer.Ordinal)))
            throw new ArgumentException($"The tags of measurement '{name}' are not sorted.", nameof(tags));

        _fieldIndex = fields.Select((field, index) => (field.Name, index)).ToDictionary(StringComparer.Ordinal);
        LineName = Escaping.Name(name);
        TagKeys = [.. tags.Select(t => Key(t.Name))];
        FieldKeys = [.. fields.Select(f => Key(f.Name))];
        LongestKeys = LineName.Length + TagKeys.Concat(FieldKeys).Sum(k => k.Length) + 2 * fields.Count + 2;

        static byte[] Key(string name) => [(byte)',', .. Escaping.Key(name), (byte)'='];
    }

    public string Name { get; }

    public string Topic { get; }

    public string Description { get; }

    public IReadOnlyList<TagSchema> Tags { get; }

    public IReadOnlyList<FieldSchema> Fields { get; }

    /// <summary>Whether there are roll-ups of it. The others are events: few enough to be kept.</summary>
    public bool Rollups { get; }

    /// <summary>The name as line protocol has it.</summary>
    internal byte[] LineName { get; }

    /// <summary><c>,name=</c> of each tag, as line protocol has it.</summary>
    internal byte[][] TagKeys { get; }

    /// <inheritdoc cref="TagKeys"/>
    internal byte[][] FieldKeys { get; }

    /// <summary>Bytes of a line without its values: name, keys, quotes, and what stands around the time.</summary>
    internal int LongestKeys { get; }

    /// <summary>The field's place in <see cref="Fields"/>, or −1.</summary>
    public int IndexOfField(string field) => _fieldIndex.GetValueOrDefault(field, -1);

    /// <summary>The tag's place in <see cref="Tags"/>, or −1.</summary>
    public int IndexOfTag(string tag)
    {
        for (var i = 0; i < Tags.Count; i++)
            if (Tags[i].Name == tag)
                return i;
        return -1;
    }

    public override string ToString() => Name;
}

/// <param name="Name">As in topics, JSON and queries.</param>
/// <param name="Description">One line for people.</param>
public sealed record TagSchema(string Name, string Description);

/// <param name="Name">The JSON name of the payload's property; ends in its unit.</param>
/// <param name="Unit">As the SI writes it, <c>°</c>, <c>%</c>, <c>ppm</c>, or <c>1</c> for a count; null for what is not a quantity.</param>
/// <param name="Description">One line for people.</param>
public sealed record FieldSchema(string Name, FieldType Type, string? Unit, string Description);

/// <summary>InfluxDB's types of fields. A field keeps its type for ever: a database refuses another.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The names that InfluxDB gives them.")]
public enum FieldType : byte
{
    /// <summary>64-bit IEEE 754, finite.</summary>
    Float = 1,

    /// <summary>Signed, 64 bits.</summary>
    Integer = 2,

    Boolean = 3,

    String = 4,
}

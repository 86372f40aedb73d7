using System.Diagnostics;
using SensorHub.Core.Timing;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage;

/// <summary>
/// One row of a measurement. Two points of the same measurement, tags and time are one: their fields merge, and the
/// later value of a field wins. Writing a point twice is therefore harmless.
/// </summary>
public sealed class Point(MeasurementSchema measurement, Timestamp time)
{
    /// <summary>A point whose time is still to be read.</summary>
    internal Point(MeasurementSchema measurement) : this(measurement, default)
    {
    }

    private readonly string?[] _tags = new string?[measurement.Tags.Count];
    private readonly FieldValue[] _fields = new FieldValue[measurement.Fields.Count];

    public MeasurementSchema Measurement => measurement;

    /// <summary>Event time.</summary>
    public Timestamp Time { get; internal set; } = time;

    /// <summary>In the order of <see cref="MeasurementSchema.Tags"/>; null = absent.</summary>
    public ReadOnlySpan<string?> Tags => _tags;

    /// <summary>In the order of <see cref="MeasurementSchema.Fields"/>.</summary>
    public ReadOnlySpan<FieldValue> Fields => _fields;

    /// <exception cref="KeyNotFoundException">The measurement has no such field.</exception>
    /// <exception cref="ArgumentException">The value is not of the field's type.</exception>
    public FieldValue this[string field]
    {
        get => _fields[IndexOfField(field)];
        set => Set(IndexOfField(field), value);
    }

    /// <summary>Sets a tag; empty = absent, as databases have it.</summary>
    /// <exception cref="KeyNotFoundException">The measurement has no such tag.</exception>
    public Point WithTag(string tag, string? value)
    {
        var index = measurement.IndexOfTag(tag);
        if (index < 0)
            throw new KeyNotFoundException($"The measurement '{measurement.Name}' has no tag '{tag}'.");
        SetTag(index, value);
        return this;
    }

    internal void SetTag(int index, string? value) => _tags[index] = string.IsNullOrEmpty(value) ? null : value;

    internal void Set(int index, FieldValue value)
    {
        var field = measurement.Fields[index];
        if (value.HasValue && value.Type != field.Type)
            throw new ArgumentException($"The field '{field.Name}' of '{measurement.Name}' is a {field.Type}, not a {value.Type}.", nameof(value));
        _fields[index] = value;
    }

    private int IndexOfField(string field)
    {
        var index = measurement.IndexOfField(field);
        return index >= 0 ? index : throw new KeyNotFoundException($"The measurement '{measurement.Name}' has no field '{field}'.");
    }
}

/// <summary>The value of a field, of one of InfluxDB's four types. <c>default</c> = absent.</summary>
public readonly record struct FieldValue
{
    private readonly long _bits;
    private readonly string? _text;

    private FieldValue(FieldType type, long bits, string? text = null)
    {
        Type = type;
        _bits = bits;
        _text = text;
    }

    public static FieldValue None => default;

    /// <summary>Only of a value that is there.</summary>
    public FieldType Type { get; }

    public bool HasValue => Type != 0;

    public static implicit operator FieldValue(double value) => new(FieldType.Float, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator FieldValue(long value) => new(FieldType.Integer, value);

    public static implicit operator FieldValue(bool value) => new(FieldType.Boolean, value ? 1 : 0);

    /// <summary>Null = absent.</summary>
    public static implicit operator FieldValue(string? value) => value is null ? default : new(FieldType.String, 0, value);

    /// <exception cref="InvalidOperationException">It is neither a float nor an integer.</exception>
    public double AsDouble() => Type switch
    {
        FieldType.Float => BitConverter.Int64BitsToDouble(_bits),
        FieldType.Integer => _bits,
        _ => throw new InvalidOperationException($"{this} is not a number."),
    };

    /// <exception cref="InvalidOperationException">It is not an integer.</exception>
    public long AsInteger() => Type == FieldType.Integer ? _bits : throw new InvalidOperationException($"{this} is not an integer.");

    /// <exception cref="InvalidOperationException">It is not a boolean.</exception>
    public bool AsBoolean() => Type == FieldType.Boolean ? _bits != 0 : throw new InvalidOperationException($"{this} is not a boolean.");

    /// <exception cref="InvalidOperationException">It is not a string.</exception>
    public string AsString() => _text ?? throw new InvalidOperationException($"{this} is not a string.");

    public override string ToString() => Type switch
    {
        0 => "",
        FieldType.Float => FormattableString.Invariant($"{AsDouble():R}"),
        FieldType.Integer => FormattableString.Invariant($"{_bits}"),
        FieldType.Boolean => _bits != 0 ? "true" : "false",
        FieldType.String => _text!,
        _ => throw new UnreachableException(),
    };
}

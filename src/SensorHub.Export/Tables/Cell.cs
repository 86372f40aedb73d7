using System.Globalization;

namespace SensorHub.Export.Tables;

/// <summary>One value of a row. <c>default</c> = absent. A number that is not finite is absent, too.</summary>
public readonly record struct Cell
{
    private readonly long _bits;
    private readonly string? _text;

    private Cell(ColumnType type, long bits, string? text = null) => (Type, _bits, _text) = (type, bits, text);

    /// <summary>Only of a value that is there.</summary>
    public ColumnType Type { get; }

    public bool HasValue => Type != 0;

    public static implicit operator Cell(double value) => double.IsFinite(value) ? new(ColumnType.Float, BitConverter.DoubleToInt64Bits(value)) : default;

    public static implicit operator Cell(double? value) => value is { } number ? number : default(Cell);

    public static implicit operator Cell(long value) => new(ColumnType.Integer, value);

    public static implicit operator Cell(long? value) => value is { } number ? number : default(Cell);

    public static implicit operator Cell(bool value) => new(ColumnType.Boolean, value ? 1 : 0);

    public static implicit operator Cell(string? value) => value is null ? default : new(ColumnType.Text, 0, value);

    public double Number => Type == ColumnType.Integer ? _bits : BitConverter.Int64BitsToDouble(_bits);

    public long Whole => _bits;

    public bool Boolean => _bits != 0;

    public string Text => _text ?? "";

    /// <summary>Numbers in the shortest form that reads back as the same; empty for nothing.</summary>
    public override string ToString() => Type switch
    {
        ColumnType.Float => Number.ToString("R", CultureInfo.InvariantCulture),
        ColumnType.Integer => Whole.ToString(CultureInfo.InvariantCulture),
        ColumnType.Boolean => Boolean ? "true" : "false",
        ColumnType.Text => Text,
        _ => "",
    };
}

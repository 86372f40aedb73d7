using System.Diagnostics.CodeAnalysis;

namespace SensorHub.Export.Tables;

/// <summary>The columns of a table, as every format has them.</summary>
/// <param name="Name">Of the table and of its files: <c>posture</c>, <c>raw_lower</c>.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Columns">In their order; the first is <see cref="Time"/>.</param>
public sealed record TableSchema(string Name, string Description, IReadOnlyList<Column> Columns)
{
    /// <summary>Of every table: event time on the hub's axis.</summary>
    public static readonly Column Time = new("time_unix_ns", ColumnType.Integer, "ns", "Event time: nanoseconds since 1970-01-01T00:00:00Z.");
}

/// <param name="Name">Ends in its unit, as in topics and queries.</param>
/// <param name="Unit">As the SI writes it, <c>°</c>, <c>%</c>, or <c>1</c> for a count; null for what is not a quantity.</param>
/// <param name="Description">One line for people.</param>
/// <param name="IsTag">Tells series apart.</param>
public sealed record Column(string Name, ColumnType Type, string? Unit, string Description, bool IsTag = false);

[SuppressMessage("Naming", "CA1720", Justification = "The names that tables give them.")]
public enum ColumnType : byte
{
    /// <summary>64-bit IEEE 754, finite.</summary>
    Float = 1,

    /// <summary>Signed, 64 bits.</summary>
    Integer = 2,

    Boolean = 3,

    Text = 4,
}

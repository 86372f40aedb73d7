using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Timing;

namespace SensorHub.Rights;

/// <summary>What a place has of a person.</summary>
/// <param name="Count">Recordings, rows, messages, files: what the place consists of.</param>
/// <param name="Bytes">Of files that are theirs alone; 0 where they share one.</param>
/// <param name="First">The earliest; null when the place has no times.</param>
/// <param name="Last">The latest.</param>
/// <param name="Sessions">Names of sessions that are found there: what names the person elsewhere too.</param>
public sealed record Holding(long Count, long Bytes = 0, Timestamp? First = null, Timestamp? Last = null)
{
    public static readonly Holding None = new(0);

    public IReadOnlyCollection<Slug> Sessions { get; init; } = [];

    public Holding And(Holding other) => new(Count + other.Count, Bytes + other.Bytes, Earlier(First, other.First), Later(Last, other.Last))
    {
        Sessions = [.. Sessions.Concat(other.Sessions).Distinct()],
    };

    /// <summary>Such as <c>3 recordings, 4.2 MB, 2026-11-02 to 2026-11-30</c>.</summary>
    /// <param name="unit">Of <see cref="Count"/>, several: <c>recordings</c>.</param>
    public string ToString(string unit) => string.Create(CultureInfo.InvariantCulture,
        $"{Count:#,0} {(Count == 1 ? unit.TrimEnd('s') : unit)}{(Bytes > 0 ? $", {Bytes / 1e6:0.0} MB" : "")}{(First is { } first && Last is { } last ? $", {Day(first)} to {Day(last)}" : "")}");

    private static string Day(Timestamp at) => at.ToDateTimeOffset().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Timestamp? Earlier(Timestamp? a, Timestamp? b) => a is { } x && b is { } y ? x < y ? a : b : a ?? b;

    private static Timestamp? Later(Timestamp? a, Timestamp? b) => a is { } x && b is { } y ? x > y ? a : b : a ?? b;
}

using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Embedded;

/// <summary>One resolution of the roll-ups that are kept beside the points: a table <c>measurement_suffix</c> each.</summary>
/// <param name="Suffix">Ends the table's name.</param>
/// <param name="StepNs">Length of a window, nanoseconds. Windows begin at multiples of it since 1970.</param>
internal sealed record Tier(string Suffix, long StepNs)
{
    public static readonly Tier Second = new("1s", 1_000_000_000);

    /// <summary>Also the unit in which roll-ups are computed: a minute is rolled up as a whole, from its points.</summary>
    public static readonly Tier Minute = new("1min", 60_000_000_000);

    /// <summary>The coarsest first.</summary>
    public static readonly IReadOnlyList<Tier> All = [Minute, Second];

    public string Table(MeasurementSchema measurement) => $"{measurement.Name}_{Suffix}";

    /// <summary>The beginning of the window that the time lies in.</summary>
    public long Floor(long time) => time - ((time % StepNs) + StepNs) % StepNs;

    /// <summary>The first beginning of a window at the time or after it.</summary>
    public long Ceiling(long time) => Floor(time) is var floor && floor == time ? floor : floor + StepNs;
}

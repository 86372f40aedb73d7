namespace SensorHub.Export.Bids;

/// <summary>What a dataset says of itself.</summary>
public sealed record BidsOptions
{
    public string Name { get; init; } = "SensorHub recordings";

    public IReadOnlyList<string> Authors { get; init; } = [];

    /// <summary>An SPDX name such as CC0-1.0; null = not told.</summary>
    public string? License { get; init; }

    /// <summary>Of the sensors: they do not say it themselves.</summary>
    public string? Manufacturer { get; init; }

    /// <summary>The place where it was recorded; null = not told.</summary>
    public string? Institution { get; init; }
}

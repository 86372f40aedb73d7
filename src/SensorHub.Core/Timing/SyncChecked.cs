using System.Globalization;

namespace SensorHub.Core.Timing;

/// <summary>What knocking two sensors together showed of their clocks. <see cref="Feature.Time"/> is the end of the check.</summary>
public sealed record SyncChecked : Feature
{
    public required Slug Sensor { get; init; }

    /// <summary>None when only one sensor measured.</summary>
    public required Slug OtherSensor { get; init; }

    /// <summary>Stamps of <see cref="Sensor"/> less those of <see cref="OtherSensor"/>, of the same knocks; null when these were too few.</summary>
    public TimeSpan? Difference { get; init; }

    /// <summary>Standard, of <see cref="Difference"/> as a measurement: scatter of the knocks and sampling. Not what the clocks themselves state.</summary>
    public TimeSpan? Uncertainty { get; init; }

    /// <summary>That both felt.</summary>
    public required int Knocks { get; init; }

    public required SyncVerdict Verdict { get; init; }

    /// <summary>For the person who knocked: what was found and what to do, one or two sentences.</summary>
    public string Message => Verdict switch
    {
        SyncVerdict.InStep => string.Create(CultureInfo.InvariantCulture, $"{Sensor} and {OtherSensor} agree within {Math.Abs(Difference!.Value.TotalMilliseconds):0.0} ms (± {2 * Uncertainty!.Value.TotalMilliseconds:0.0} ms, {Knocks} knocks): good."),
        SyncVerdict.Apart => string.Create(CultureInfo.InvariantCulture, $"{Sensor} and {OtherSensor} differ by {Difference!.Value.TotalMilliseconds:0.0} ms (± {2 * Uncertainty!.Value.TotalMilliseconds:0.0} ms, {Knocks} knocks). Wait half a minute and check again; if it stays so, switch both off and on, and update their firmware."),
        _ when OtherSensor.IsNone => $"Only {Sensor} was measuring. Connect the other sensor and check again.",
        _ => $"{Sensor} and {OtherSensor} felt {Knocks} knocks together, which is too few. Hold one in each hand, still, and knock them together firmly, once a second.",
    };
}

public enum SyncVerdict : byte
{
    TooFewKnocks = 0,

    /// <summary>No further apart than <see cref="SyncCheckOptions.Limit"/>.</summary>
    InStep = 1,

    Apart = 2,
}

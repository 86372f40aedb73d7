namespace SensorHub.Core.Posture.Reminders;

/// <summary>
/// What a person did in one minute of sample time: a day's view adds them up, and takes the largest of the bouts.
/// <see cref="Feature.Time"/> is when its first estimate came. Time that was not seen is in none of them.
/// </summary>
public sealed record PostureTotals : Feature
{
    public required Slug Sensor { get; init; }

    public TimeSpan Standing { get; init; }

    /// <summary>Slouching included.</summary>
    public TimeSpan Sitting { get; init; }

    public TimeSpan Lying { get; init; }

    public TimeSpan Walking { get; init; }

    public TimeSpan Rolling { get; init; }

    public TimeSpan Bending { get; init; }

    /// <summary>Worn and heard, but not known what.</summary>
    public TimeSpan Unknown { get; init; }

    public TimeSpan NotWorn { get; init; }

    /// <summary>Slumped by the rule of the reminder, sitting or standing.</summary>
    public TimeSpan Slouched { get; init; }

    /// <summary>How long the longest bout of slouching that ended in this minute, or still lasts at its end, has lasted so far.</summary>
    public TimeSpan LongestSlouch { get; init; }

    /// <summary>Reminders of slouching given.</summary>
    public int Reminders { get; init; }

    /// <summary>Reminded bouts that ended by sitting or standing up straight.</summary>
    public int Corrections { get; init; }

    /// <summary>From the reminder to that, summed over <see cref="Corrections"/>.</summary>
    public TimeSpan TimeToCorrect { get; init; }

    /// <summary>How long the person has been sitting without a break, at the end of the minute.</summary>
    public TimeSpan SittingWithoutBreak { get; init; }

    /// <summary>Walks that were long enough to be a break of sitting, completed in this minute.</summary>
    public int Breaks { get; init; }
}

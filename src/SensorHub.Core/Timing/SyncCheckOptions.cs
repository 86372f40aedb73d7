namespace SensorHub.Core.Timing;

/// <summary>What <see cref="SyncCheck"/> takes for a knock, and for in step.</summary>
public sealed record SyncCheckOptions
{
    /// <summary>Specific force against that of the rest before, from which it is a knock. Lower = gentle ones count, and so do steps.</summary>
    [Constant(2, 40, "m/s²", Evidence.Engineering, "walking stays below 5 m/s² at the lower back; a knock of two cases against each other has tens")]
    public double Threshold { get; init; } = 8;

    /// <summary>What the specific force may vary in the rest before a knock, root mean square.</summary>
    [Constant(0.1, 10, "m/s²", Evidence.Engineering, "sensors held in two hands")]
    public double Rest { get; init; } = 2;

    /// <summary>From one knock to the next, at least.</summary>
    [Constant(0.2, 2, "s", Evidence.Engineering, "nobody means two knocks within half a second")]
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How far apart two sensors may stamp one knock. Below half of <see cref="Pause"/>, so that a knock has one partner.</summary>
    [Constant(0.02, 1, "s", Evidence.Engineering, "ten times what is asked of the clocks, and more")]
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(0.24);

    /// <summary>Fewer knocks say nothing.</summary>
    [Constant(2, 20, "knocks", Evidence.Engineering, "the least that has a spread and outvotes a chance movement")]
    public int Knocks { get; init; } = 3;

    /// <summary>Sensors whose stamps differ by less are in step.</summary>
    [Constant(0.001, 0.1, "s", Evidence.Engineering, "one sample at 100 Hz; what docs/accuracy/clock.md shows of all conditions")]
    public TimeSpan Limit { get; init; } = TimeSpan.FromMilliseconds(10);
}

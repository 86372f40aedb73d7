namespace SensorHub.Core.Sessions.Guided;

/// <summary>Parameters of the protocol before and after rolling.</summary>
public sealed record ProtocolOptions
{
    /// <summary>From putting the clip on to the first measurement.</summary>
    [Constant(0, 600, "s", Evidence.Engineering, "tape and skin give way at first")]
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Length of a stand, and of sitting upright and slumped.</summary>
    [Constant(3, 60, "s", Evidence.Engineering, "several breaths, before standing drifts by 3° in a minute (J Biomech 114:110149)")]
    public TimeSpan Still { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Stands of a run, of which the median counts.</summary>
    [Constant(1, 9, "1", Evidence.Derived, "half of people stand 10 to 20 % differently from stand to stand (J Biomech 70:67)")]
    public int Stands { get; init; } = 3;

    /// <summary>Bends of a run, and raises of a leg, of which the mean counts.</summary>
    [Constant(1, 9, "1", Evidence.Engineering, "the mean of three")]
    public int Bends { get; init; } = 3;

    /// <summary>Shortest bend, down and up. Asked for are 3 s down, 2 s hold and 3 s up.</summary>
    [Constant(1, 20, "s", Evidence.Engineering, "half of what is asked for")]
    public TimeSpan ShortestBend { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>First run after rolling.</summary>
    [Constant(0, 3600, "s", Evidence.Engineering, "what rolling does to the range of motion is largest at first")]
    public TimeSpan FirstAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Second run after rolling.</summary>
    [Constant(0, 7200, "s", Evidence.Engineering, "and fades within a quarter of an hour")]
    public TimeSpan SecondAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Largest standard deviation of an inclination that is still.</summary>
    [Constant(0.2, 10, "°", Evidence.Engineering, "breathing and sway stay below 1°")]
    public double Sway { get; init; } = 1.5;

    /// <summary>Pelvis and lordosis within this of the calibrated stand, and the person stands.</summary>
    [Constant(1, 15, "°", Evidence.Derived, "from standing to sitting the sacrum turns by 15°, lordosis by 26° (Was16, Adv Rehab 30:29)")]
    public double AsStanding { get; init; } = 6;

    /// <summary>Longest stretch without estimates within a step.</summary>
    [Constant(0.1, 5, "s", Evidence.Engineering, "as long as orientation bridges a gap")]
    public TimeSpan LongestGap { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Share of a step's estimates that must be there and good.</summary>
    [Constant(0.3, 1, "1", Evidence.Engineering, "a fifth may be lost without moving a mean")]
    public double GoodShare { get; init; } = 0.8;

    /// <summary>Least lordosis by which slumped sitting differs from upright.</summary>
    [Constant(1, 40, "°", Evidence.Engineering, "above the sway of sitting")]
    public double Slump { get; init; } = 5;

    /// <summary>Smallest raise of a leg.</summary>
    [Constant(5, 60, "°", Evidence.Engineering, "less is a twitch")]
    public double ShallowestRaise { get; init; } = 20;

    /// <summary>A leg within this of where it lay lies again.</summary>
    [Constant(2, 30, "°", Evidence.Engineering, "a leg never comes back to the same place")]
    public double LegDown { get; init; } = 8;

    /// <summary>The leg lies still for so long before it is raised.</summary>
    [Constant(0.2, 10, "s", Evidence.Engineering, "several samples of a leg at rest")]
    public TimeSpan LegRest { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A step that has not come about after this many of its own durations is asked for again, with the reason.</summary>
    [Constant(1.5, 20, "1", Evidence.Engineering, "time to get ready, and for one more try")]
    public double Patience { get; init; } = 3;

    /// <summary>How long the person stands after rolling before rolling is taken to be over.</summary>
    [Constant(1, 120, "s", Evidence.Engineering, "people get up between two muscles as well, but not to stand")]
    public TimeSpan UpAgain { get; init; } = TimeSpan.FromSeconds(8);
}

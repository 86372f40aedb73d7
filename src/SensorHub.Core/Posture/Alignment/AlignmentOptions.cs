namespace SensorHub.Core.Posture.Alignment;

/// <summary>Parameters of calibrating a clip to the body, and of noticing that it has shifted since.</summary>
public sealed record AlignmentOptions
{
    /// <summary>Shortest stand, or upright sitting, that calibrates. Ten seconds average the sway better.</summary>
    [Constant(1, 60, "s", Evidence.Engineering, "several periods of sway; 10 s is usual")]
    public TimeSpan StandShortest { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Largest standard deviation of the direction of gravity in a stand that calibrates.</summary>
    [Constant(0.1, 10, "°", Evidence.Engineering, "standing drifts by about 3° in a minute (J Biomech 114:110149)")]
    public double StandSway { get; init; } = 2;

    /// <summary>Largest inclination of either element in a stand: beyond it the person bends or lies.</summary>
    [Constant(30, 80, "°", Evidence.Derived, "sacral inclination 23 ± 8° at most (doi 10.1155/2016/3817270): three standard deviations, and some")]
    public double StandLean { get; init; } = 50;

    /// <summary>Share of a window that each element must have been heard in.</summary>
    [Constant(0.1, 1, "1", Evidence.Engineering, "half of it, and the mean is still one of the stand")]
    public double Coverage { get; init; } = 0.5;

    /// <summary>Longest gap inside a window.</summary>
    [Constant(0.05, 5, "s", Evidence.Engineering, "longer ones are not bridged by the orientation filter either")]
    public TimeSpan LongestGap { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>A named mounting holds this far to each side of it.</summary>
    [Constant(5, 44, "°", Evidence.Engineering, "two thirds of the way to the middle between two of them")]
    public double MountingTolerance { get; init; } = 30;

    /// <summary>Share of the variance of the angular rate above which the bends show one axis.</summary>
    [Constant(0.6, 0.999, "1", Evidence.Engineering, "standing to sitting explains 58 to 68 %, straight bends above 95 %")]
    public double AxisExplained { get; init; } = 0.9;

    /// <summary>Least forward turn of each element in the bends.</summary>
    [Constant(5, 60, "°", Evidence.Derived, "pelvis 46 to 59° in a full bend (PMC6339318): a third of it")]
    public double BendDepth { get; init; } = 20;

    /// <summary>Largest turn the other way, as a share of the forward turn.</summary>
    [Constant(0.1, 0.9, "1", Evidence.Engineering, "coming up a little too far is no backward bend")]
    public double Backswing { get; init; } = 0.5;

    /// <summary>Largest angle of the axis from the horizontal, and from the plate, in forward bends: beyond it they went sideways, or the person lay.</summary>
    [Constant(20, 70, "°", Evidence.Engineering, "half-way to the wrong axis")]
    public double AxisTilt { get; init; } = 45;

    /// <summary>How long a calibration holds.</summary>
    [Constant(60, 172_800, "s", Evidence.Engineering, "a working day with one plaster")]
    public TimeSpan Expiry { get; init; } = TimeSpan.FromHours(8);

    /// <summary>Lordosis in the stand below which lower and upper element look swapped.</summary>
    [Constant(-40, 0, "°", Evidence.Derived, "31.6 ± 10.0° (doi 10.1155/2016/3817270): four standard deviations below; swapped it would be near −32°")]
    public double SwappedLordosis { get; init; } = -10;

    /// <summary>How much further the lower element turns than the upper one in bends of swapped elements.</summary>
    [Constant(2, 60, "°", Evidence.Derived, "the pelvis turns 59° of the trunk's 111° (PMC6339318); it hardly turns further in any hip hinge")]
    public double SwappedBend { get; init; } = 10;

    /// <summary>Two elements: from this difference of lordosis between two stands on, the clip has shifted or the person stands differently.</summary>
    [Constant(2, 30, "°", Evidence.Published, "smallest detectable change of the standing lumbar curve, same day: 5.9° (doi 10.1155/2016/3817270)")]
    public double ShiftLordosis { get; init; } = 5.9;

    /// <summary>The same of the inclination of the only element.</summary>
    [Constant(2, 30, "°", Evidence.Published, "smallest detectable change of the sacral inclination, same day: 4.5° (doi 10.1155/2016/3817270)")]
    public double ShiftInclination { get; init; } = 4.5;

    /// <summary>The same of the lean of one element to the side against the other.</summary>
    [Constant(3, 45, "°", Evidence.Engineering, "weight on one leg tilts the pelvis by less")]
    public double ShiftSideways { get; init; } = 10;

    /// <summary>Turn of one element's flexion axis in a bend, while the other's has turned by less than half of it, that tells a shifted clip.</summary>
    [Constant(5, 60, "°", Evidence.Engineering, "a twisted bend turns both axes alike")]
    public double ShiftAxis { get; init; } = 20;

    /// <summary>Depth of the trunk's bend from which its axis is looked at.</summary>
    [Constant(20, 90, "°", Evidence.Engineering, "a shallow bend shows its axis badly")]
    public double WatchedBend { get; init; } = 40;

    /// <summary>The inclination at which such a bend begins and ends.</summary>
    [Constant(5, 40, "°", Evidence.Engineering, "beyond sway")]
    public double WatchedBendEnd { get; init; } = 15;

    /// <summary>A knock: an element that turned by this much …</summary>
    [Constant(2, 45, "°", Evidence.Engineering, "about the smallest detectable change of its inclination")]
    public double KnockTurn { get; init; } = 5;

    /// <summary>… while the other turned by less than this …</summary>
    [Constant(0.2, 10, "°", Evidence.Engineering, "sway")]
    public double KnockOther { get; init; } = 1.5;

    /// <summary>… within this time …</summary>
    [Constant(0.05, 2, "s", Evidence.Engineering, "a pelvis tilts by 5° in half a second and more")]
    public TimeSpan KnockTime { get; init; } = TimeSpan.FromSeconds(0.3);

    /// <summary>… between two times of at least this length …</summary>
    [Constant(0.1, 5, "s", Evidence.Engineering, "the orientation filter has settled")]
    public TimeSpan KnockQuiet { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>… in which both turned slower than this.</summary>
    [Constant(1, 50, "°/s", Evidence.Engineering, "standing or sitting: below 10 °/s")]
    public double KnockRate { get; init; } = 10;
}

namespace SensorHub.Core.Posture.Bends;

/// <summary>Parameters of <see cref="BendDetector"/>. Angles of the trunk are T, forward from the calibrated stand.</summary>
public sealed record BendOptions
{
    /// <summary>The trunk is upright below it: a repetition lasts from leaving this angle to coming back to it.</summary>
    [Constant(3, 25, "°", Evidence.Engineering, "above sway and the drift of about 3° in a minute of standing (J Biomech 114:110149)")]
    public double Upright { get; init; } = 10;

    /// <summary>Smallest maximum of T that counts as a bend. Nothing is said of a shallower one.</summary>
    [Constant(20, 90, "°", Evidence.Derived, "u(LR) = √(u_L² + LR²·u_T²)/T: below 30° the share is not known to 0.1")]
    public double Shallowest { get; init; } = 30;

    /// <summary>Coming up by this much, but not to upright, and going down as much again is one more dip of the same repetition.</summary>
    [Constant(3, 45, "°", Evidence.Engineering, "more than the wobble of a held bend")]
    public double Dip { get; init; } = 15;

    /// <summary>Near the deepest point: T within this share of its maximum.</summary>
    [Constant(0.01, 0.2, "1", Evidence.Engineering, "95 % of the way, as usual for the ends of a movement")]
    public double HoldShare { get; init; } = 0.05;

    /// <summary>Pelvis rolled back by this much at the end, and the person has sat down: no bend.</summary>
    [Constant(3, 30, "°", Evidence.Derived, "as PhaseOptions.SitEnter")]
    public double SatDown { get; init; } = 10;

    /// <summary>How long after the end it is watched whether the person sits.</summary>
    [Constant(0, 5, "s", Evidence.Engineering, "the trunk is upright about half a second before it has sat down")]
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A missing stretch above it makes a repetition <see cref="Quality.NotObservable"/>.</summary>
    [Constant(0.04, 2, "s", Evidence.Engineering, "in half a second of a bend of 3 s the trunk goes 13°")]
    public TimeSpan LongestGap { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>A missing stretch above it makes a repetition <see cref="Quality.Degraded"/>.</summary>
    [Constant(0.04, 1, "s", Evidence.Engineering, "two estimates of 25 a second")]
    public TimeSpan ShortestGap { get; init; } = TimeSpan.FromSeconds(0.1);

    /// <summary>Longest repetition. What lasts longer is a posture.</summary>
    [Constant(5, 120, "s", Evidence.Engineering, "a slow bend with a long hold")]
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Smallest depth of a calibration bend: a shallower one does not tell L_max.</summary>
    [Constant(30, 110, "°", Evidence.Derived, "the trunk goes 111°, with back pain 93° (PMC6339318); 60° is more than half of it")]
    public double CalibrationDepth { get; init; } = 60;

    /// <summary>A hip hinge has a lumbar share of at most this.</summary>
    [Constant(0.1, 0.5, "1", Evidence.Engineering, "people without back pain: 52/111 = 0.47 at the deepest (PMC6339318)")]
    public double HipHingeShare { get; init; } = 0.30;

    /// <summary>… and at most this LF%.</summary>
    [Constant(10, 60, "%", Evidence.Engineering, "far from the end of range")]
    public double HipHingePercent { get; init; } = 35;

    /// <summary>From this LF% on it is a lumbar bend whatever the share.</summary>
    [Constant(40, 100, "%", Evidence.Engineering, "near the end of range")]
    public double LumbarPercent { get; init; } = 70;

    /// <summary>From this lumbar share on it is a lumbar bend, when <see cref="LumbarSharePercent"/> is reached too.</summary>
    [Constant(0.4, 0.9, "1", Evidence.Engineering, "more than half from the lower back")]
    public double LumbarShare { get; init; } = 0.55;

    [Constant(20, 90, "%", Evidence.Engineering, "a small bend from the lower back is no matter")]
    public double LumbarSharePercent { get; init; } = 50;

    /// <summary>By so much of LF% the last verdict's limits are wider.</summary>
    [Constant(0, 20, "%", Evidence.Engineering, "hysteresis; within the detectable change of 8 to 15 points (PMC5034504)")]
    public double PercentHysteresis { get; init; } = 5;

    /// <summary>By so much of LR the last verdict's limits are wider.</summary>
    [Constant(0, 0.2, "1", Evidence.Engineering, "hysteresis")]
    public double ShareHysteresis { get; init; } = 0.05;

    /// <summary>How long a lumbar bend must be seen before it is said.</summary>
    [Constant(0, 0.25, "s", Evidence.Engineering, "longer than a jolt, well within the 0.3 s in which a cue must come")]
    public TimeSpan CueDwell { get; init; } = TimeSpan.FromSeconds(0.12);

    /// <summary>The way down is over when the trunk has not gone deeper, by <see cref="Deeper"/>, for this long.</summary>
    [Constant(0.08, 0.28, "s", Evidence.Engineering, "well within the 0.3 s in which a cue must come")]
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(0.2);

    [Constant(0.1, 5, "°", Evidence.Engineering, "2.5 °/s: slower than any bend, faster than the sway of a held one")]
    public double Deeper { get; init; } = 0.5;
}

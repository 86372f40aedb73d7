namespace SensorHub.Core.Posture;

/// <summary>Parameters of <see cref="PostureEstimator"/>.</summary>
public sealed record PostureOptions
{
    /// <summary>Time from one estimate to the next. Shorter costs more messages and shows no more.</summary>
    [Constant(0.01, 1, "s", Evidence.Engineering, "25 Hz: a smooth display; the trunk moves below 5 Hz")]
    public TimeSpan Period { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>How long, in sample time, an element that stays behind is waited for.</summary>
    [Constant(0.02, 5, "s", Evidence.Engineering, "two lost frames of 60 ms in a row, and some")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Oldest sample that an estimate may rest on.</summary>
    [Constant(0.01, 1, "s", Evidence.Engineering, "a lost frame of 60 ms is bridged by the last angular rate")]
    public TimeSpan OldestSample { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>From this age of its sample on, an estimate is <see cref="Quality.Degraded"/>.</summary>
    [Constant(0.005, 1, "s", Evidence.Engineering, "three samples of 100 Hz")]
    public TimeSpan FreshSample { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>Standard uncertainty of the inclination of skin over bone, within one attachment.</summary>
    [Constant(0, 10, "°", Evidence.Derived, "2.13°/√2: standing lumbar curve, same day (doi 10.1155/2016/3817270)")]
    public double SkinUncertainty { get; init; } = 1.5;

    /// <summary>Largest angle of the flexion axis from horizontal at which gravity still shows flexion.</summary>
    [Constant(10, 80, "°", Evidence.Derived, "beyond it an error of gravity counts twice and more in the sagittal plane")]
    public double FlexionAxisLimit { get; init; } = 60;

    /// <summary>From this standard uncertainty of an inclination on, an estimate is <see cref="Quality.Degraded"/>.</summary>
    [Constant(0.5, 20, "°", Evidence.Engineering, "twice a good one")]
    public double DegradedUncertainty { get; init; } = 4;

    /// <summary>Largest standard deviation of an inclination in a stand that calibrates.</summary>
    [Constant(0.1, 10, "°", Evidence.Engineering, "standing drifts by about 3° in a minute (J Biomech 114:110149)")]
    public double StandSway { get; init; } = 2;

    /// <summary>Share of the stand's duration that each element must have been heard in.</summary>
    [Constant(0.1, 1, "1", Evidence.Engineering, "half of it, and the mean is still one of the stand")]
    public double StandCoverage { get; init; } = 0.5;

    /// <summary>One element: change of lordosis per change of pelvic inclination, standing.</summary>
    [Constant(0, 2, "1", Evidence.Engineering, "slopes 0.95 and 1.03 (PMID 8866271), 0.89 (PMID 22915074), 1.28 (PMC6107819)")]
    public double OneElementSlope { get; init; } = 1.0;

    /// <summary>Standard uncertainty of <see cref="OneElementSlope"/>.</summary>
    [Constant(0, 1, "1", Evidence.Engineering, "spread of those slopes, and of people")]
    public double OneElementSlopeUncertainty { get; init; } = 0.3;

    /// <summary>One element: largest change of inclination that says something about lordosis.</summary>
    [Constant(0, 45, "°", Evidence.Engineering, "in a bend the relation turns round (PMC6339318)")]
    public double OneElementRange { get; init; } = 20;

    /// <summary>One element: slower than this for <see cref="OneElementQuiet"/>.</summary>
    [Constant(1, 100, "°/s", Evidence.Engineering, "posture, not motion")]
    public double OneElementRate { get; init; } = 20;

    [Constant(0, 10, "s", Evidence.Engineering, "posture, not motion")]
    public TimeSpan OneElementQuiet { get; init; } = TimeSpan.FromSeconds(1);

    public PhaseOptions Phases { get; init; } = new();
}

namespace SensorHub.Core.Orientation;

/// <summary>Parameters of <see cref="OrientationFilter"/>: those of the filter itself, what is done about gaps, and what its uncertainty is made of.</summary>
public sealed record OrientationOptions
{
    public VqfOptions Vqf { get; init; } = new();

    /// <summary>
    /// For a sensor on a body, which sways while it rests and rocks slowly while it rolls: 12 mg is above the sway of standing, below that of
    /// rocking (the paper's 51 mg is for things that lie on a table). A trunk moves slower than IMUs by hand, and what drift corrections show
    /// makes smaller errors. Both found on simulated people, docs/accuracy/simulated.md.
    /// </summary>
    public static OrientationOptions OnBody { get; } = new()
    {
        Vqf = new VqfOptions { RestMayTurn = true, RestForceThreshold = 0.12 },
        DriftLag = TimeSpan.FromSeconds(8.5),
    };

    /// <summary>Part of the period that a sample may be early or late without being taken for one behind a gap.</summary>
    [Constant(0.05, 0.49, "1", Evidence.Engineering, "less than half, or a lost sample could not be told from a late one")]
    public double PeriodJitter { get; init; } = 0.4;

    /// <summary>So many steps in a row that the period does not fit make a new one.</summary>
    [Constant(2, 1000, "1", Evidence.Engineering, "whole frames may be lost one after the other, but not between every two samples")]
    public int StepsToChange { get; init; } = 8;

    /// <summary>A slower stream is not one of motion: each of its samples stands alone.</summary>
    [Constant(0.02, 1, "s", Evidence.Engineering, "a trunk moves below 5 Hz")]
    public TimeSpan LongestPeriod { get; init; } = TimeSpan.FromSeconds(0.1);

    /// <summary>Longest gap that is bridged by interpolation of the samples before and after it; after a longer one gravity is found anew.</summary>
    [Constant(0, 5, "s", Evidence.Engineering, "the rate of a trunk hardly stays on a line for longer")]
    public TimeSpan LongestBridgedGap { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Standard uncertainty of the mean rate over a gap, on top of what the rate changes across it.</summary>
    [Constant(0, 100, "°/s", Evidence.Engineering, "slow motion of the trunk")]
    public double GapRateUncertainty { get; init; } = 6;

    /// <summary>Standard uncertainty of the mean rate over a gap as a share of how much the rate changes across it.</summary>
    [Constant(0, 5, "1", Evidence.Engineering, "fitted to recordings with frames lost, docs/accuracy/orientation.md")]
    public double GapRateShare { get; init; } = 0.09;

    /// <summary>What remains of the inclination's uncertainty however long the rest: offset and scale of the accelerometer.</summary>
    [Constant(0, 5, "°", Evidence.Engineering, "an offset of 3 mg, as after a factory calibration")]
    public double AccelerometerUncertainty { get; init; } = 0.08;

    /// <summary>Standard uncertainty of the gyroscope's scale and axes. Larger states more uncertainty in fast turns.</summary>
    [Constant(0, 0.05, "1", Evidence.Engineering, "fitted to recordings with optical reference, docs/accuracy/orientation.md")]
    public double RateScaleUncertainty { get; init; } = 0.0006;

    /// <summary>
    /// Uncertainty of the inclination for each °/s of uncertainty of the bias, once corrections have shown for a while what drift there is:
    /// at first the filter's own time constant stands in its place.
    /// </summary>
    [Constant(0, 30, "s", Evidence.Engineering, "a seventh of the filter's time constant: most of the bias shows in the corrections")]
    public TimeSpan BiasLag { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Uncertainty of the inclination for each °/s that the corrections turn it by in the mean.</summary>
    [Constant(0, 30, "s", Evidence.Engineering, "fitted to recordings with optical reference, docs/accuracy/orientation.md")]
    public TimeSpan DriftLag { get; init; } = TimeSpan.FromSeconds(14.5);

    /// <summary>Time constant over which corrections are averaged: what acceleration does to and fro cancels out.</summary>
    [Constant(0.1, 60, "s", Evidence.Engineering, "two to three time constants of the filter")]
    public TimeSpan DriftTimeConstant { get; init; } = TimeSpan.FromSeconds(9);

    /// <summary>For how long averaged corrections count, in motion. Longer makes the uncertainty steadier and slower.</summary>
    [Constant(0.1, 120, "s", Evidence.Engineering, "errors of the filter last a few of its time constants")]
    public TimeSpan DriftMemory { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Standard deviation of the unknown acceleration at the first sample.</summary>
    [Constant(0, 10, "m/s²", Evidence.Engineering, "a trunk in slow motion")]
    public double InitialAcceleration { get; init; } = 0.5;
}

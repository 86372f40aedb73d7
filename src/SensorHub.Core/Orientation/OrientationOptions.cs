namespace SensorHub.Core.Orientation;

/// <summary>Parameters of <see cref="OrientationFilter"/>.</summary>
public sealed record OrientationOptions
{
    /// <summary>
    /// Time constant of the low-pass filter of the specific force. Longer trusts the gyroscope more: less disturbed by
    /// acceleration, more by a bias not learnt yet. Shorter than VQF's 3 s, whose bias is also learnt in motion.
    /// </summary>
    [Constant(0.1, 30, "s", Evidence.Engineering, "best mean over BROAD and the two-IMU joint recordings")]
    public TimeSpan AccelerometerTimeConstant { get; init; } = TimeSpan.FromSeconds(2);

    public RestBiasOptions Bias { get; init; } = new();

    /// <summary>Longest gap that is bridged by the mean of the rates before and after it; after a longer one gravity is found anew.</summary>
    [Constant(0, 5, "s", Evidence.Engineering, "the rate of a trunk hardly stays the same for longer")]
    public TimeSpan LongestBridgedGap { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>A step of time above it counts as a gap: three samples of 100 Hz.</summary>
    [Constant(0.005, 1, "s", Evidence.Engineering, "no sensor of ours is slower than 50 Hz")]
    public TimeSpan ShortestGap { get; init; } = TimeSpan.FromSeconds(0.03);

    /// <summary>Standard uncertainty of the mean rate over a gap, on top of half the change across it.</summary>
    [Constant(0, 100, "°/s", Evidence.Engineering, "slow motion of the trunk")]
    public double GapRateUncertainty { get; init; } = 10;

    /// <summary>What remains of the inclination's standard uncertainty however long the rest: offset and scale of the accelerometer.</summary>
    [Constant(0, 5, "°", Evidence.Engineering, "an offset of 10 mg")]
    public double AccelerometerUncertainty { get; init; } = 0.6;

    /// <summary>Standard uncertainty of the gyroscope's scale. Larger states more uncertainty in fast turns.</summary>
    [Constant(0, 0.05, "1", Evidence.Engineering, "a factory-calibrated MEMS gyroscope, axes included")]
    public double RateScaleUncertainty { get; init; } = 0.003;

    /// <summary>Standard deviation of the unknown acceleration at the first sample.</summary>
    [Constant(0, 10, "m/s²", Evidence.Engineering, "a trunk in slow motion")]
    public double InitialAcceleration { get; init; } = 0.5;
}

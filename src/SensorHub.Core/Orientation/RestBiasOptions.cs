namespace SensorHub.Core.Orientation;

/// <summary>
/// Parameters of <see cref="RestDetector"/> and <see cref="RestBias"/>. "VQF" is D. Laidig, T. Seel, "VQF: Highly accurate
/// IMU orientation estimation with bias estimation and magnetic disturbance rejection", Information Fusion 91 (2023).
/// </summary>
public sealed record RestBiasOptions
{
    /// <summary>Time constant of the low-pass filters that rest is judged by.</summary>
    [Constant(0.05, 5, "s", Evidence.Published, "VQF, restFilterTau")]
    public TimeSpan RestTimeConstant { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How long everything must be still to be at rest. Shorter takes slow motion for rest.</summary>
    [Constant(0.5, 10, "s", Evidence.Published, "VQF, restMinT")]
    public TimeSpan RestDuration { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Largest deviation of the angular rate from its mean at rest.</summary>
    [Constant(0.1, 10, "°/s", Evidence.Published, "VQF, restThGyr")]
    public double RestRateThreshold { get; init; } = 2;

    /// <summary>Largest deviation of the specific force from its mean at rest.</summary>
    [Constant(0.05, 3, "m/s²", Evidence.Published, "VQF, restThAcc")]
    public double RestForceThreshold { get; init; } = 0.5;

    /// <summary>Largest bias a sensor may have; a mean rate above it is motion, not rest.</summary>
    [Constant(0.5, 20, "°/s", Evidence.Engineering, "1 °/s of bias and the sway of a body; VQF, biasClip, takes 2")]
    public double BiasLimit { get; init; } = 3;

    /// <summary>
    /// For how long the sway of a body at rest keeps its direction. Longer trusts each second of an unquiet rest less.
    /// </summary>
    [Constant(0, 10, "s", Evidence.Engineering, "sway goes to and fro, so that its rate averages out faster than its period")]
    public TimeSpan SwayCorrelationTime { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>Standard uncertainty of the bias before the first rest.</summary>
    [Constant(0.01, 10, "°/s", Evidence.Engineering, "zero-rate offset of a MEMS gyroscope after its calibration; VQF takes 0.5")]
    public double InitialBiasUncertainty { get; init; } = 1;

    /// <summary>Standard uncertainty of the bias after a long rest. Larger adapts faster.</summary>
    [Constant(0.001, 1, "°/s", Evidence.Published, "VQF, biasSigmaRest")]
    public double RestBiasUncertainty { get; init; } = 0.03;

    /// <summary>Time in which the bias wanders by 0.1 °/s.</summary>
    [Constant(1, 10_000, "s", Evidence.Published, "VQF, biasForgettingTime")]
    public TimeSpan BiasForgettingTime { get; init; } = TimeSpan.FromSeconds(100);
}

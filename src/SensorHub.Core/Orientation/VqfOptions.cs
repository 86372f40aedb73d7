namespace SensorHub.Core.Orientation;

/// <summary>
/// Parameters of <see cref="Vqf"/>. "VQF" is D. Laidig, T. Seel, "VQF: Highly accurate IMU orientation estimation with bias
/// estimation and magnetic disturbance rejection", Information Fusion 91 (2023); the defaults are its defaults.
/// </summary>
public sealed record VqfOptions
{
    /// <summary>
    /// Time constant of the low-pass filter of the specific force. Longer trusts the gyroscope more: less disturbed by
    /// acceleration, more by what is left of the bias.
    /// </summary>
    [Constant(0.1, 30, "s", Evidence.Published, "VQF, tauAcc")]
    public TimeSpan AccelerometerTimeConstant { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Learn the bias from how the integrated rates drift against gravity. Off: at most at rest.</summary>
    public bool LearnBiasInMotion { get; init; } = true;

    /// <summary>Detect rest, and learn the bias from the rate that remains then. Off: no rest is detected.</summary>
    public bool LearnBiasAtRest { get; init; } = true;

    /// <summary>
    /// Take the slow turn of gravity off the rate that is learnt at rest. A body never quite rests: without this, a trunk that sways or rocks
    /// slowly passes for rest, and its motion for bias. Off: as in the paper.
    /// </summary>
    public bool RestMayTurn { get; init; }

    /// <summary>Standard uncertainty of the bias at the start. Larger learns faster then, and believes more in the first motion.</summary>
    [Constant(0.01, 10, "°/s", Evidence.Published, "VQF, biasSigmaInit")]
    public double InitialBiasUncertainty { get; init; } = 0.5;

    /// <summary>Time in which the bias wanders by 0.1 °/s. Longer takes it for more constant.</summary>
    [Constant(1, 10_000, "s", Evidence.Published, "VQF, biasForgettingTime")]
    public TimeSpan BiasForgettingTime { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// Largest bias a sensor may have, each axis. Nothing larger is learnt, and a mean rate above it is motion, not rest.
    /// </summary>
    [Constant(0.1, 20, "°/s", Evidence.Published, "VQF, biasClip")]
    public double BiasLimit { get; init; } = 2;

    /// <summary>Standard uncertainty of the bias after long motion. Smaller learns faster in motion.</summary>
    [Constant(0.001, 10, "°/s", Evidence.Published, "VQF, biasSigmaMotion")]
    public double MotionBiasUncertainty { get; init; } = 0.1;

    /// <summary>
    /// Weight, in motion, of the assumption that the bias about the vertical, which gravity does not show, is zero. It keeps
    /// that part from growing without bound; larger pulls it to zero faster.
    /// </summary>
    [Constant(1e-10, 1, "1", Evidence.Published, "VQF, biasVerticalForgettingFactor")]
    public double VerticalForgettingFactor { get; init; } = 1e-4;

    /// <summary>Standard uncertainty of the bias after a long rest. Smaller learns faster at rest.</summary>
    [Constant(0.001, 1, "°/s", Evidence.Published, "VQF, biasSigmaRest")]
    public double RestBiasUncertainty { get; init; } = 0.03;

    /// <summary>How long everything must be still to be at rest. Shorter takes slow motion for rest.</summary>
    [Constant(0.5, 10, "s", Evidence.Published, "VQF, restMinT")]
    public TimeSpan RestDuration { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Time constant of the low-pass filters that rest is judged by.</summary>
    [Constant(0.05, 5, "s", Evidence.Published, "VQF, restFilterTau")]
    public TimeSpan RestTimeConstant { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Largest deviation of the angular rate from its mean at rest.</summary>
    [Constant(0.1, 10, "°/s", Evidence.Published, "VQF, restThGyr")]
    public double RestRateThreshold { get; init; } = 2;

    /// <summary>Largest deviation of the specific force from its mean at rest.</summary>
    [Constant(0.05, 3, "m/s²", Evidence.Published, "VQF, restThAcc")]
    public double RestForceThreshold { get; init; } = 0.5;
}

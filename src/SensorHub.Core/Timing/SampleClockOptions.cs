namespace SensorHub.Core.Timing;

/// <summary>What <see cref="SampleClock"/> assumes of clocks and links.</summary>
public sealed record SampleClockOptions
{
    /// <summary>
    /// The largest error of a device clock's rate against the hub's. Too small: bounds contradict each other and are
    /// dropped. Too large: the clock needs longer to know the drift. Crystals of sensors have 10 to 100 ppm.
    /// </summary>
    [Constant(20, 1000, "ppm", Evidence.Engineering, "Bluetooth Core Specification, Vol 6 Part B §4.2, allows 50 ppm while active and 500 ppm asleep")]
    public double MaxDrift { get; init; } = 200;

    /// <summary>How far the rate wanders with temperature while a bound is kept.</summary>
    [Constant(0, 50, "ppm", Evidence.Engineering, "a tuning-fork crystal loses 0.034 ppm/°C² away from 25 °C: 2 ppm are 8 °C")]
    public double Wander { get; init; } = 2;

    /// <summary>Before the first exchange: the longest that the quickest frame can have travelled.</summary>
    [Constant(0.005, 1, "s", Evidence.Engineering, "a long connection interval")]
    public TimeSpan AssumedLatency { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Half of the interval that holds the truth in 95 % of cases, as a share of half of what the bounds allow; half of it is u.
    /// 0.905 when both bounds fall short by even distributions of one width (<see cref="SampleClock"/>); less, because the
    /// bounds are widened by the worst of the possible rates.
    /// </summary>
    [Constant(0.5, 1.16, "", Evidence.Engineering, "simulated links, so that docs/accuracy/clock.md has 90 to 98 % in each row")]
    public double Spread { get; init; } = 0.81;

    /// <summary>How much faster or slower stamps may run while they catch up with a better estimate.</summary>
    [Constant(50, 5000, "ppm", Evidence.Engineering, "0.1 % of an integrated angle, below the scale error of a gyroscope")]
    public double MaxSlew { get; init; } = 1000;

    /// <summary>Device time without a sample after which stamps may step: nothing is integrated across it.</summary>
    [Constant(0.5, 60, "s", Evidence.Engineering, "longer than the longest frame")]
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often arrivals alone renew the estimate, in device time. Exchanges always do.</summary>
    [Constant(0.1, 60, "s", Evidence.Engineering, "often enough for the slew to follow")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Device time out of which one bound of each kind is kept: the span of the minimum filter.</summary>
    [Constant(1, 600, "s", Evidence.Engineering, "about the distance of two exchanges")]
    public TimeSpan Bucket { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bounds of each kind that are kept; 10 minutes' worth, the time in which a body warms a sensor.</summary>
    [Constant(2, 1000, "bounds", Evidence.Engineering, "10 minutes")]
    public int Buckets { get; init; } = 60;

    /// <summary>How far a sample may seem to be taken after its arrival before the frame is called garbage.</summary>
    [Constant(0.01, 60, "s", Evidence.Engineering, "more than any clock errs, less than any garbage")]
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromSeconds(1);
}

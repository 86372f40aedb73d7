namespace SensorHub.Core.Timing;

/// <summary>What <see cref="SampleClock"/> assumes of clocks and links.</summary>
public sealed record SampleClockOptions
{
    /// <summary>
    /// The largest error of a device clock's rate against the hub's, parts per million; 20 to 1000, engineering default.
    /// Crystals of sensors have 10 to 100 ppm; Bluetooth allows 50 ppm while active (Core Specification, Vol 6 Part B §4.2.1).
    /// Too small: bounds contradict each other and are dropped. Too large: the clock needs longer to know the drift.
    /// </summary>
    public double MaxDrift { get; init; } = 200;

    /// <summary>
    /// How far the rate wanders with temperature while a bound is kept, parts per million; 0 to 50, engineering default.
    /// A tuning-fork crystal loses 0.034 ppm/°C² away from 25 °C.
    /// </summary>
    public double Wander { get; init; } = 2;

    /// <summary>
    /// Before the first exchange: the longest that the quickest frame can have travelled; engineering default, a
    /// connection interval of 50 ms.
    /// </summary>
    public TimeSpan AssumedLatency { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How much faster or slower stamps may run while they catch up with a better estimate, parts per million; 50 to
    /// 5000, engineering default. 1000 ppm adds 0.1 % to an integrated angle, below the scale error of a gyroscope.
    /// </summary>
    public double MaxSlew { get; init; } = 1000;

    /// <summary>Device time without a sample after which stamps may step: nothing is integrated across it. Engineering default.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often arrivals alone renew the estimate, in device time. Exchanges always do.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Device time out of which one bound of each kind is kept: the span of the minimum filter.</summary>
    public TimeSpan Bucket { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bounds of each kind that are kept; 10 minutes' worth.</summary>
    public int Buckets { get; init; } = 60;

    /// <summary>How far a sample may seem to be taken after its arrival before the frame is called garbage.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromSeconds(1);
}

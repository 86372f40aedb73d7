using SensorHub.Core;

namespace SensorHub.Pipelines.Stamping;

/// <summary>When a sensor that misbehaves is said to be in trouble.</summary>
public sealed record TroubleOptions
{
    /// <summary>
    /// How far the rate at which samples come may lie from the declared one. Smaller: delays of the radio look like a wrong rate. Larger: more of a lie is believed.
    /// </summary>
    [Constant(0.5, 20, "%", Evidence.Derived, "two frames at the ends of 20 s, each late by 200 ms at most, are wrong by 1 %; clocks within Bluetooth's 500 ppm by 0.05 %")]
    public double Rate { get; init; } = 2;

    /// <summary>Time without a gap over which the rate is taken.</summary>
    [Constant(10, 600, "s", Evidence.Engineering, "long against the delays of a radio")]
    public TimeSpan RateSpan { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Newest frames of which those are counted that cannot be read.</summary>
    [Constant(20, 10_000, "frames", Evidence.Engineering, "about ten seconds of one stream")]
    public int Frames { get; init; } = 200;

    /// <summary>Unreadable ones among them from which on it is trouble.</summary>
    [Constant(1, 10_000, "frames", Evidence.Engineering, "a link layer with a 24-bit CRC lets no bit error through in years: more than one oddity is the sensor's")]
    public int Malformed { get; init; } = 5;

    /// <summary>For how long a frame of an unknown stream is held against the sensor.</summary>
    [Constant(1, 600, "s", Evidence.Engineering, "longer than the slowest stream's period but one")]
    public TimeSpan UnknownStream { get; init; } = TimeSpan.FromSeconds(30);
}

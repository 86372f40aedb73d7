using SensorHub.Core;

namespace SensorHub.Pipelines.Quality;

/// <summary>What is taken off the score of a sensor's recording, and for what.</summary>
public sealed record QualityOptions
{
    /// <summary>For each per cent of samples that are missing.</summary>
    [Constant(0, 100, "points/%", Evidence.Engineering, "half of the samples: nothing is left")]
    public double PerMissing { get; init; } = 2;

    /// <summary>A gap as long as this is one that an estimate does not bridge.</summary>
    [Constant(0.1, 60, "s", Evidence.Engineering, "longer than an orientation filter can be left to its gyroscope without a trace")]
    public TimeSpan LongGap { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For each long gap, up to four.</summary>
    [Constant(0, 100, "points", Evidence.Engineering, "worth a look each")]
    public double PerLongGap { get; init; } = 5;

    /// <summary>How far the effective rate of a stream may lie from the declared one, gaps aside.</summary>
    [Constant(0.1, 20, "%", Evidence.Engineering, "crystals are within 0.05 %: more is a sensor that does not keep its word")]
    public double Rate { get; init; } = 2;

    /// <summary>For a stream outside of that.</summary>
    [Constant(0, 100, "points", Evidence.Engineering, "times are right, what was filtered for a rate is not")]
    public double ForRate { get; init; } = 10;

    /// <summary>Largest standard uncertainty of the stamps that is as good as none.</summary>
    [Constant(0.1, 100, "ms", Evidence.Engineering, "a sample at 100 Hz")]
    public double Clock { get; init; } = 10;

    /// <summary>For a clock that is less certain.</summary>
    [Constant(0, 100, "points", Evidence.Engineering, "angles are right, their times are not good enough to be laid beside another system")]
    public double ForClock { get; init; } = 15;

    /// <summary>Part of the frames that may have hit the end of the range of a channel.</summary>
    [Constant(0, 10, "%", Evidence.Engineering, "a knock now and then")]
    public double Saturated { get; init; } = 0.1;

    /// <summary>For more than that.</summary>
    [Constant(0, 100, "points", Evidence.Engineering, "what was cut off is missing from every integral")]
    public double ForSaturation { get; init; } = 10;

    /// <summary>For a clip without a calibration in the session.</summary>
    [Constant(0, 100, "points", Evidence.Engineering, "only changes can be said")]
    public double ForNoCalibration { get; init; } = 20;

    /// <summary>Share of the variance of the angular rate that the axis of the bends should explain.</summary>
    [Constant(0.5, 1, "1", Evidence.Engineering, "a bend in one plane")]
    public double Explained { get; init; } = 0.85;

    /// <summary>For bends that explained less, or none.</summary>
    [Constant(0, 100, "points", Evidence.Engineering, "the axis is taken as it lies on the plate")]
    public double ForAxis { get; init; } = 5;

    /// <summary>For each time that the clip was found to have moved, up to three.</summary>
    [Constant(0, 100, "points", Evidence.Engineering, "what follows it, until the next calibration, is off by an unknown angle")]
    public double PerMove { get; init; } = 10;

    /// <summary>Battery at the end.</summary>
    [Constant(0, 100, "%", Evidence.Engineering, "the next session may not end")]
    public double Battery { get; init; } = 10;

    /// <summary>For a battery below that.</summary>
    [Constant(0, 100, "points", Evidence.Engineering, "says nothing against this recording")]
    public double ForBattery { get; init; } = 1;

    /// <summary>Part of the frames that cannot be read.</summary>
    [Constant(0, 10, "%", Evidence.Engineering, "a link layer with a 24-bit CRC lets none through in years")]
    public double Malformed { get; init; } = 0.01;

    /// <summary>For more than that.</summary>
    [Constant(0, 100, "points", Evidence.Engineering, "the sensor or its driver is faulty")]
    public double ForMalformed { get; init; } = 10;
}

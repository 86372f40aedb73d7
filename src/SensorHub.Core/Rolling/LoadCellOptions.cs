namespace SensorHub.Core.Rolling;

/// <summary>Parameters of <see cref="LoadCellCalibration"/>.</summary>
public sealed record LoadCellOptions
{
    /// <summary>Standard uncertainty of the weight itself, as a share of it. It is the same in all placements and does not average out.</summary>
    [Constant(0, 0.1, "1", Evidence.Engineering, "a kitchen or bathroom scale, 0.5 %; gravity from pole to equator, 0.15 %; the weight leaning, 0.3 %")]
    public double WeightUncertainty { get; init; } = 0.006;

    /// <summary>How differently the roller answers when the same weight is put down again, as a share of it: standard deviation.</summary>
    [Constant(0.0001, 0.2, "1", Evidence.Engineering, "creep and hysteresis of cells of the 1 % class")]
    public double Repeatability { get; init; } = 0.01;

    /// <summary>Standard uncertainty of the force without load.</summary>
    [Constant(0.01, 50, "N", Evidence.Engineering, "noise, and drift of the zero since it was taken")]
    public double Floor { get; init; } = 1;

    /// <summary>The gain is kept only when it is as certain as this: standard uncertainty, as a share of it.</summary>
    [Constant(0.001, 0.2, "1", Evidence.Engineering, "2 %, what direct cells calibrated at home are taken for")]
    public double WantedUncertainty { get; init; } = 0.02;

    /// <summary>Each cell gets a gain of its own only when every one is as certain as this.</summary>
    [Constant(0.001, 0.5, "1", Evidence.Engineering, "twice how much cells of a kind differ, 1 to 3 %")]
    public double SeparableUncertainty { get; init; } = 0.05;

    /// <summary>Gains that change by more than this factor, either way, are not believed.</summary>
    [Constant(1.01, 10, "1", Evidence.Engineering, "pounds for kilograms are 2.2; no cell that works drifts by a half")]
    public double LargestFactor { get; init; } = 1.6;

    /// <summary>Below this share of the weight, the cells have not felt it.</summary>
    [Constant(0.001, 0.5, "1", Evidence.Engineering, "beside the cells, or they are dead")]
    public double LeastFelt { get; init; } = 0.1;

    /// <summary>Placements that still miss the weight by more than this, as a share of it, contradict one another: root mean square.</summary>
    [Constant(0.001, 0.5, "1", Evidence.Engineering, "three times the repeatability")]
    public double LargestResidual { get; init; } = 0.03;

    /// <summary>The weight lies still when the sum of the cells varies by no more than this: standard deviation.</summary>
    [Constant(0.1, 100, "N", Evidence.Engineering, "a hand that still touches the weight varies by more")]
    public double Stillness { get; init; } = 2;

    /// <summary>How long a weighing takes.</summary>
    [Constant(0.5, 60, "s", Evidence.Engineering, "100 samples at 50 Hz")]
    public TimeSpan WeighingTime { get; init; } = TimeSpan.FromSeconds(2);
}

using SensorHub.Core.Orientation;

namespace SensorHub.Core.Rolling;

/// <summary>Parameters of <see cref="RollingEstimator"/>.</summary>
public sealed record RollingOptions
{
    /// <summary>Time from one estimate to the next.</summary>
    [Constant(0.01, 1, "s", Evidence.Engineering, "25 Hz: a smooth gauge")]
    public TimeSpan Period { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>How long, in sample time, a stream that stays behind is waited for.</summary>
    [Constant(0.02, 5, "s", Evidence.Engineering, "two lost frames of 60 ms in a row, and some")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Oldest sample that an estimate may rest on.</summary>
    [Constant(0.01, 1, "s", Evidence.Engineering, "a lost frame of 60 ms is bridged by the last rate and force")]
    public TimeSpan OldestSample { get; init; } = TimeSpan.FromMilliseconds(120);

    /// <summary>From this age of a sample on, an estimate is <see cref="Quality.Degraded"/>.</summary>
    [Constant(0.005, 1, "s", Evidence.Engineering, "two samples of 50 Hz")]
    public TimeSpan FreshSample { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Longest gap bridged by a straight line between the samples before and after it; a longer one ends stroke and contact.</summary>
    [Constant(0.05, 5, "s", Evidence.Engineering, "a sixth of a stroke of 3 s")]
    public TimeSpan LongestBridgedGap { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Share by which the loaded roller rolls on a smaller radius than its own.</summary>
    [Constant(0, 0.2, "1", Evidence.Engineering, "R_b = R₀ · (1 − 0.03 ± 0.03) until calibrated against a tape")]
    public double RadiusReduction { get; init; } = 0.03;

    /// <summary>Standard uncertainty of <see cref="RadiusReduction"/>.</summary>
    [Constant(0, 0.2, "1", Evidence.Engineering, "R_b = R₀ · (1 − 0.03 ± 0.03) until calibrated against a tape")]
    public double RadiusReductionUncertainty { get; init; } = 0.03;

    /// <summary>Standard uncertainty of a stroke's length by slip, as a share of it.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "skin slides on foam by a few per cent")]
    public double SlipUncertainty { get; init; } = 0.02;

    /// <summary>Angular rate above which the roller rolls.</summary>
    [Constant(2, 100, "°/s", Evidence.Engineering, "a stroke of 30 cm in 10 s turns a roller of 5 cm radius at 34 °/s")]
    public double StrokeRate { get; init; } = 15;

    /// <summary>How long it must, to set the direction of a stroke.</summary>
    [Constant(0.02, 1, "s", Evidence.Engineering, "shorter than any stroke, longer than a knock")]
    public TimeSpan StrokeConfirmation { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Shortest path of a stroke that counts.</summary>
    [Constant(0.005, 0.2, "m", Evidence.Engineering, "less is fidgeting")]
    public double ShortestStroke { get; init; } = 0.03;

    /// <summary>Angular rate below which the roller stands still.</summary>
    [Constant(0.5, 50, "°/s", Evidence.Engineering, "tremor of a held leg")]
    public double DwellRate { get; init; } = 8;

    /// <summary>Still for so long is a dwell: the stroke before it has ended.</summary>
    [Constant(0.2, 10, "s", Evidence.Engineering, "turning round takes less")]
    public TimeSpan DwellDuration { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Force that begins contact.</summary>
    [Constant(5, 200, "N", Evidence.Engineering, "above the weight of a leg that brushes the roller")]
    public double ContactOn { get; init; } = 30;

    /// <summary>Force below which contact ends.</summary>
    [Constant(1, 200, "N", Evidence.Engineering, "hysteresis")]
    public double ContactOff { get; init; } = 15;

    /// <summary>Time of rolling after which its axis may be told from the principal component of the rate.</summary>
    [Constant(0.1, 60, "s", Evidence.Engineering, "a part of the first stroke")]
    public TimeSpan AxisDuration { get; init; } = TimeSpan.FromSeconds(0.3);

    /// <summary>Share of the rate's variance that the principal component must explain to be the axis.</summary>
    [Constant(0.5, 1, "1", Evidence.Engineering, "as for the flexion axis of the trunk")]
    public double AxisExplained { get; init; } = 0.9;

    /// <summary>Standard uncertainty of the sum of direct cells, as a share of the force.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "calibration and creep of load cells")]
    public double DirectUncertainty { get; init; } = 0.03;

    /// <summary>The same for a bladder.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "its effective area changes with its shape")]
    public double BladderUncertainty { get; init; } = 0.1;

    /// <summary>The same for a ring that sees floor and body.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "force-sensing resistors")]
    public double RingUncertainty { get; init; } = 0.15;

    /// <summary>The same for pairs of strain gauges.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "bending depends on where the body lies")]
    public double StrainPairsUncertainty { get; init; } = 0.08;

    /// <summary>Standard uncertainty of the force without load.</summary>
    [Constant(0, 50, "N", Evidence.Engineering, "drift of the zero")]
    public double ForceFloor { get; init; } = 2;

    /// <summary>Standard uncertainty of the body mass that was told, as a share of it.</summary>
    [Constant(0, 0.2, "1", Evidence.Engineering, "clothes, meals, the bathroom scale")]
    public double BodyMassUncertainty { get; init; } = 0.02;

    /// <summary>Contact area of the lateral thigh on a rigid roller.</summary>
    [Constant(5, 500, "cm²", Evidence.Published, "47 ± 16 cm² (PMID 19160916)")]
    public double FirmArea { get; init; } = 47;

    [Constant(0, 0.9, "1", Evidence.Published, "16 of 47 cm² (PMID 19160916)")]
    public double FirmAreaUncertainty { get; init; } = 0.34;

    /// <summary>The force at which that area was measured.</summary>
    [Constant(20, 1000, "N", Evidence.Derived, "51.8 kPa · 47 cm² (PMID 19160916)")]
    public double FirmForce { get; init; } = 243;

    /// <summary>Contact area of the lateral thigh on a soft foam roller.</summary>
    [Constant(5, 500, "cm²", Evidence.Published, "68 ± 25 cm² (PMID 19160916)")]
    public double SoftArea { get; init; } = 68;

    [Constant(0, 0.9, "1", Evidence.Published, "25 of 68 cm² (PMID 19160916)")]
    public double SoftAreaUncertainty { get; init; } = 0.37;

    /// <summary>The force at which that area was measured.</summary>
    [Constant(20, 1000, "N", Evidence.Derived, "33.4 kPa · 68 cm² (PMID 19160916)")]
    public double SoftForce { get; init; } = 227;

    /// <summary>Standard uncertainty of the force at which the areas were measured, as a share of it.</summary>
    [Constant(0, 0.9, "1", Evidence.Derived, "spread of the pressures, 10.7 of 51.8 and 6.4 of 33.4 kPa (PMID 19160916)")]
    public double ReferenceForceUncertainty { get; init; } = 0.2;

    /// <summary>How the contact area grows with force: A = A_ref · (F/F_ref)^exponent.</summary>
    [Constant(0, 1, "1", Evidence.Engineering, "between a stiff (0) and a fluid (1) body")]
    public double AreaExponent { get; init; } = 0.5;

    /// <summary>Standard uncertainty of <see cref="AreaExponent"/>.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "0.3 to 0.7 at 2u")]
    public double AreaExponentUncertainty { get; init; } = 0.1;

    /// <summary>The gyroscope's bias: learnt from 1 s of rest on, while nobody is on the roller.</summary>
    public RestBiasOptions Bias { get; init; } = new() { RestDuration = TimeSpan.FromSeconds(1) };
}

using SensorHub.Core.Posture.Alignment;

namespace SensorHub.Core.Posture;

/// <summary>Parameters of <see cref="PostureEstimator"/>.</summary>
public sealed record PostureOptions
{
    /// <summary>Time from one estimate to the next. Shorter costs more messages and shows no more.</summary>
    [Constant(0.01, 1, "s", Evidence.Engineering, "25 Hz: a smooth display; the trunk moves below 5 Hz")]
    public TimeSpan Period { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>How long, in sample time, an element that stays behind is waited for.</summary>
    [Constant(0.02, 5, "s", Evidence.Engineering, "two lost frames of 60 ms in a row, and some")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Oldest sample that an estimate may rest on.</summary>
    [Constant(0.01, 1, "s", Evidence.Engineering, "a lost frame of 60 ms is bridged by the last angular rate")]
    public TimeSpan OldestSample { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>From this age of its sample on, an estimate is <see cref="Quality.Degraded"/>.</summary>
    [Constant(0.005, 1, "s", Evidence.Engineering, "three samples of 100 Hz")]
    public TimeSpan FreshSample { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>How fast the angular rate may change while the last sample is carried on. Larger states more uncertainty in a gap.</summary>
    [Constant(0, 2000, "°/s²", Evidence.Engineering, "a bend of 100° in 2 s by a minimum-jerk curve reaches 145 °/s²")]
    public double BridgeAcceleration { get; init; } = 150;

    /// <summary>
    /// Standard uncertainty of skin over bone, of each element as the person holds still, within one attachment. With gravity's it makes 1.5° of lordosis; putting the
    /// clip on anew adds as much again in square.
    /// </summary>
    [Constant(0, 10, "°", Evidence.Derived, "2.13° of the lumbar curve, measured anew on the same day (doi 10.1155/2016/3817270), less placing and less the sensors")]
    public double SkinUncertainty { get; init; } = 0.7;

    /// <summary>What the skin moves over bone under each element, as a share of the lumbar flexion since the stand.</summary>
    [Constant(0, 0.5, "1", Evidence.Derived, "1.3 to 1.8° of lumbar flexion against optical markers in bends (doi 10.1186/s12891-017-1489-1, 10.1186/s12891-022-05866-w)")]
    public double SkinShare { get; init; } = 0.03;

    /// <summary>Standard uncertainty of an inclination by the accelerometer's offset. It drops out of changes as far as the element is held the same way.</summary>
    [Constant(0, 5, "°", Evidence.Engineering, "10 mg: a small MEMS sensor, soldered and warm")]
    public double OffsetUncertainty { get; init; } = 0.57;

    /// <summary>Largest angle of the flexion axis from horizontal at which gravity still shows flexion.</summary>
    [Constant(10, 80, "°", Evidence.Derived, "beyond it an error of gravity counts twice and more in the sagittal plane")]
    public double FlexionAxisLimit { get; init; } = 60;

    /// <summary>From this standard uncertainty of an inclination on, an estimate is <see cref="Quality.Degraded"/>.</summary>
    [Constant(0.5, 20, "°", Evidence.Engineering, "twice a good one")]
    public double DegradedUncertainty { get; init; } = 4;

    /// <summary>One element: change of lordosis per change of pelvic inclination, standing.</summary>
    [Constant(0, 2, "1", Evidence.Engineering, "slopes 0.95 and 1.03 (PMID 8866271), 0.89 (PMID 22915074), 1.28 (PMC6107819)")]
    public double OneElementSlope { get; init; } = 1.0;

    /// <summary>Standard uncertainty of <see cref="OneElementSlope"/>.</summary>
    [Constant(0, 1, "1", Evidence.Engineering, "spread of those slopes, and of people")]
    public double OneElementSlopeUncertainty { get; init; } = 0.3;

    /// <summary>The same while sitting, against a calibrated sitting.</summary>
    [Constant(0, 1, "1", Evidence.Engineering, "sitting has more ways to be done")]
    public double OneElementSlopeUncertaintySitting { get; init; } = 0.4;

    /// <summary>One element: largest change of inclination that says something about lordosis.</summary>
    [Constant(0, 45, "°", Evidence.Engineering, "in a bend the relation turns round (PMC6339318)")]
    public double OneElementRange { get; init; } = 20;

    /// <summary>One element: slower than this for <see cref="OneElementQuiet"/>.</summary>
    [Constant(1, 100, "°/s", Evidence.Engineering, "posture, not motion")]
    public double OneElementRate { get; init; } = 20;

    [Constant(0, 10, "s", Evidence.Engineering, "posture, not motion")]
    public TimeSpan OneElementQuiet { get; init; } = TimeSpan.FromSeconds(1);

    public AlignmentOptions Alignment { get; init; } = new();

    public PhaseOptions Phases { get; init; } = new();
}

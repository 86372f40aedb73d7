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

    /// <summary>Standard uncertainty of a stroke's length by slip that is the same both ways and leaves no trace, as a share of it.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "skin slides on foam by a few per cent")]
    public double SlipUncertainty { get; init; } = 0.01;

    /// <summary>How much the skin usually slips in one direction, as a share of a stroke: the standard deviation over people. Larger trusts the drift of the end-points sooner.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "skin slides on foam by a few per cent")]
    public double UsualSlip { get; init; } = 0.03;

    /// <summary>How differently people turn round from stroke to stroke, as a share of a stroke: standard deviation. Larger trusts the drift of the end-points later.</summary>
    [Constant(0.001, 0.5, "1", Evidence.Engineering, "2.5 cm of 30 cm")]
    public double EndPointScatter { get; init; } = 0.08;

    /// <summary>Standard uncertainty of what is given back for slip, as a share of it: the person may have wandered along the muscle instead.</summary>
    [Constant(0, 1, "1", Evidence.Engineering, "as if one set in four wanders")]
    public double SlipAmbiguity { get; init; } = 0.5;

    /// <summary>Slip above which a path is doubted.</summary>
    [Constant(1, 100, "%", Evidence.Engineering, "drift of the returned end-points in a cycle, of a stroke")]
    public double SlipLimit { get; init; } = 15;

    /// <summary>Whole cycles to and fro after which slip may be told.</summary>
    [Constant(1, 50, "1", Evidence.Engineering, "people begin and turn unevenly")]
    public int SlipCycles { get; init; } = 3;

    /// <summary>Range of the gyroscope on each axis.</summary>
    [Constant(100, 5000, "°/s", Evidence.Engineering, "the roller's core: ±1000 °/s")]
    public double RateRange { get; init; } = 1000;

    /// <summary>Gravity corrects the roll angle only below this angular rate.</summary>
    [Constant(0, 100, "°/s", Evidence.Engineering, "faster, r₀·ω² and R·α pass for tilt")]
    public double GravityRate { get; init; } = 30;

    /// <summary>Gravity corrects the roll angle only while the specific force differs from g by less than this share of it.</summary>
    [Constant(0.001, 0.5, "g", Evidence.Engineering, "faster, r₀·ω² and R·α pass for tilt")]
    public double GravityForce { get; init; } = 0.03;

    /// <summary>Standard uncertainty of the roll angle by gravity. Larger corrects less.</summary>
    [Constant(0.1, 20, "°", Evidence.Engineering, "10 mg of accelerometer bias are 0.6°, the gate of 0.03 g lets 1.7° pass")]
    public double GravityAngleUncertainty { get; init; } = 1.5;

    /// <summary>For how long the error of the roll angle by gravity stays the same. Longer corrects less.</summary>
    [Constant(0.01, 10, "s", Evidence.Engineering, "the time of a turning point")]
    public TimeSpan GravityCorrelationTime { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Steepest axis with which a roller rolls, and with which gravity shows its angle.</summary>
    [Constant(5, 80, "°", Evidence.Engineering, "the axis of a roller on the floor is level; one that is carried points anywhere")]
    public double AxisSlope { get; init; } = 30;

    /// <summary>Angular rate above which the roller rolls.</summary>
    [Constant(2, 100, "°/s", Evidence.Engineering, "a stroke of 30 cm in 10 s turns a roller of 5 cm radius at 34 °/s")]
    public double StrokeRate { get; init; } = 15;

    /// <summary>How long it must, to set the direction of a stroke.</summary>
    [Constant(0.02, 1, "s", Evidence.Engineering, "shorter than any stroke, longer than a knock")]
    public TimeSpan StrokeConfirmation { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Slower than this is standing at the turning point, as far as its time goes.</summary>
    [Constant(0.1, 20, "°/s", Evidence.Engineering, "well below the rate that sets a direction")]
    public double TurningRate { get; init; } = 2;

    /// <summary>The turning point is where the angle comes as near as this to its extreme.</summary>
    [Constant(0.05, 10, "°", Evidence.Engineering, "a stroke of 30 cm turns a roller of 5 cm radius by 340°")]
    public double TurningAngle { get; init; } = 0.5;

    /// <summary>When the axis turns out to lie further off than this, what gravity and rest showed about it counts no more.</summary>
    [Constant(1, 45, "°", Evidence.Engineering, "the bias along it changes by 9 % of that across it")]
    public double SameAxis { get; init; } = 5;

    /// <summary>Over which a vertical acceleration is judged for lifting: knocks are shorter.</summary>
    [Constant(0.01, 1, "s", Evidence.Engineering, "knocks of a rolling core last a few samples")]
    public TimeSpan LiftTimeConstant { get; init; } = TimeSpan.FromSeconds(0.05);

    /// <summary>The usual scatter of end-points counts as much as so many cycles of this set.</summary>
    [Constant(0, 50, "1", Evidence.Engineering, "a person's own scatter is known after a few cycles")]
    public double UsualSlipCycles { get; init; } = 4;

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

    /// <summary>A specific force that differs from g by more than this share of it is lifting or putting down: without load cells, not rolling.</summary>
    [Constant(0.02, 1, "g", Evidence.Engineering, "rolling accelerates along the floor, across gravity: 0.16 g at a stroke of 30 cm a second make 0.013 g")]
    public double LiftForce { get; init; } = 0.05;

    /// <summary>How far from the axis the IMU may sit: its centripetal force is not taken for lifting.</summary>
    [Constant(0, 0.05, "m", Evidence.Engineering, "the half of a circuit board in the core")]
    public double CoreOffset { get; init; } = 0.01;

    /// <summary>How long it counts as lifted after that.</summary>
    [Constant(0.05, 5, "s", Evidence.Engineering, "between lifting and putting down a roller moves evenly for a moment")]
    public TimeSpan LiftHold { get; init; } = TimeSpan.FromSeconds(0.3);

    /// <summary>Time of rolling that the axis is told from. Longer is steadier; shorter follows a core that slips in its shell.</summary>
    [Constant(5, 3600, "s", Evidence.Engineering, "a set")]
    public TimeSpan AxisMemory { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time without contact after which a set has ended. Shorter lifts do not split it.</summary>
    [Constant(1, 60, "s", Evidence.Engineering, "lifting, shifting and going on takes 3 s")]
    public TimeSpan SetRest { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time in contact that makes a set even without a stroke.</summary>
    [Constant(0, 60, "s", Evidence.Engineering, "less is putting the roller in place")]
    public TimeSpan ShortestSet { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Force above which there is a warning, when the body mass is known.</summary>
    [Constant(20, 100, "% of body weight", Evidence.Engineering, "the upper end of the forces tried (doi 10.5061/dryad.1ns1rn93x); more gives no more range")]
    public double OverForce { get; init; } = 55;

    /// <summary>By so much less it must have become before there is another.</summary>
    [Constant(0, 30, "% of body weight", Evidence.Engineering, "a tenth: the swing of the force in a stroke")]
    public double OverForceHysteresis { get; init; } = 5;

    /// <summary>Mean contact pressure above which there is a warning, when the body mass is not known.</summary>
    [Constant(20, 300, "kPa", Evidence.Engineering, "well above the 52 ± 11 kPa of a rigid roller (PMID 19160916)")]
    public double OverPressure { get; init; } = 80;

    /// <summary>By so much less it must have become before there is another.</summary>
    [Constant(0, 50, "kPa", Evidence.Engineering, "a tenth")]
    public double OverPressureHysteresis { get; init; } = 8;

    /// <summary>For how long it must be too much.</summary>
    [Constant(0.1, 30, "s", Evidence.Engineering, "a shift of the body is no warning")]
    public TimeSpan OverForceDuration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest still hold.</summary>
    [Constant(5, 300, "s", Evidence.Engineering, "longer presses on one nerve or vessel")]
    public TimeSpan LongestHold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pain, 0 to 10, from which on the session is to be stopped.</summary>
    [Constant(1, 10, "1", Evidence.Engineering, "discomfort of 4 to 6 is aimed at; 8 gave no more than 4 (doi 10.1519/JSC.0000000000001906)")]
    public double PainLimit { get; init; } = 8;

    /// <summary>Force that people rest on the roller under the calf, where it is not measured.</summary>
    [Constant(1, 100, "% of body weight", Evidence.Published, "mean of 20 men (PMC6359537)")]
    public double CalfShare { get; init; } = 34;

    /// <summary>The same under the front thigh.</summary>
    [Constant(1, 100, "% of body weight", Evidence.Published, "mean of 20 men (PMC6359537)")]
    public double ThighShare { get; init; } = 32;

    /// <summary>Standard deviation between people of the two.</summary>
    [Constant(0, 50, "% of body weight", Evidence.Derived, "the highest of 20 people, 51 to 55 (PMC6359537), lies 1.9 standard deviations above the mean")]
    public double MeasuredShareUncertainty { get; init; } = 10;

    /// <summary>Force that people rest on the roller under another muscle.</summary>
    [Constant(1, 100, "% of body weight", Evidence.Engineering, "as under calf and front thigh (PMC6359537)")]
    public double OtherShare { get; init; } = 33;

    /// <summary>Standard deviation of it.</summary>
    [Constant(0, 50, "% of body weight", Evidence.Engineering, "half as much again, for a muscle that was not measured")]
    public double OtherShareUncertainty { get; init; } = 15;

    /// <summary>Force below which the roller may be without load, and its zero is followed.</summary>
    [Constant(0, 50, "N", Evidence.Engineering, "below the end of contact, by a limb that brushes it")]
    public double ZeroForce { get; init; } = 8;

    /// <summary>Time constant of the low-pass filter before that is judged.</summary>
    [Constant(0.01, 5, "s", Evidence.Engineering, "noise of the cells is no load")]
    public TimeSpan ZeroSmoothing { get; init; } = TimeSpan.FromSeconds(0.3);

    /// <summary>How steady it must be.</summary>
    [Constant(0.1, 20, "N", Evidence.Engineering, "nobody holds a limb so still")]
    public double ZeroSteadiness { get; init; } = 2;

    /// <summary>For how long it must be without load, steady and still.</summary>
    [Constant(0.5, 60, "s", Evidence.Engineering, "longer than a lift between strokes")]
    public TimeSpan ZeroDuration { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time constant of following.</summary>
    [Constant(0.1, 60, "s", Evidence.Engineering, "noise averages out; warmth changes in minutes")]
    public TimeSpan ZeroTimeConstant { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Farthest shift of the zero of one cell: what is further off is doubted and not mended.</summary>
    [Constant(0, 100, "N", Evidence.Engineering, "drift by creep and warmth, not a wrong calibration")]
    public double ZeroBound { get; init; } = 15;

    /// <summary>A cell that changes by less than this share of the mean change of all is dead.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "cells at the ends of a roller bear between a half and twice the even share")]
    public double DeadCellShare { get; init; } = 0.15;

    /// <summary>Time in contact after which that is judged,</summary>
    [Constant(0.5, 60, "s", Evidence.Engineering, "a stroke there and back brings load to every cell")]
    public TimeSpan CellWatchDuration { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>and only if the cells have changed by so much on average.</summary>
    [Constant(1, 100, "N", Evidence.Engineering, "the noise of a dead cell stays below the share")]
    public double DeadCellForce { get; init; } = 20;

    /// <summary>A cell that changes by less than this has not changed.</summary>
    [Constant(0, 1, "N", Evidence.Engineering, "below the noise of a sound cell")]
    public double CellResolution { get; init; } = 0.001;

    /// <summary>A cell that has not changed for so long is stuck or saturated,</summary>
    [Constant(0.1, 10, "s", Evidence.Engineering, "25 samples")]
    public TimeSpan CellStuckDuration { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>if the others together have changed by this much.</summary>
    [Constant(0.5, 100, "N", Evidence.Engineering, "well above noise")]
    public double CellStuckForce { get; init; } = 5;

    /// <summary>Standard uncertainty of the sum of direct cells, as a share of the force.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "load cells of the 1 % class calibrated at home, 2 %; each cell's own, 1.5 % over four; creep, 1 %")]
    public double DirectUncertainty { get; init; } = 0.025;

    /// <summary>The same for a bladder.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "its effective area changes with its shape: 6 % between bladders, 5 % with the load")]
    public double BladderUncertainty { get; init; } = 0.08;

    /// <summary>The part of the load of the last <see cref="CreepTime"/> that a ring of force-sensing resistors still reads when it is gone.</summary>
    [Constant(0, 0.1, "1", Evidence.Engineering, "force-sensing resistors creep by up to 5 % in each decade of time, by their maker")]
    public double RingCreep { get; init; } = 0.05;

    [Constant(1, 300, "s", Evidence.Engineering, "as long as a load lasts, half a set")]
    public TimeSpan CreepTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same for a ring that sees floor and body.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "force-sensing resistors: 8 % in common, 10 % of each over the few that are pressed, 3 % of creep")]
    public double RingUncertainty { get; init; } = 0.09;

    /// <summary>The same for pairs of strain gauges.</summary>
    [Constant(0, 0.5, "1", Evidence.Engineering, "strain gauges on a tube: 5 % in common, 3 % of each; creep, 1 %")]
    public double StrainPairsUncertainty { get; init; } = 0.06;

    /// <summary>Standard uncertainty of the force without load.</summary>
    [Constant(0, 50, "N", Evidence.Engineering, "noise, and what drift of the zero is left after following it")]
    public double ForceFloor { get; init; } = 1;

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

namespace SensorHub.Core.Posture;

/// <summary>Parameters of <see cref="PhaseClassifier"/>. Angles are changes from the calibrated standing.</summary>
public sealed record PhaseOptions
{
    /// <summary>How long something else must be seen before the phase changes. Longer flaps less and tells later.</summary>
    [Constant(0, 5, "s", Evidence.Engineering, "transitions of posture take 1 to 2 s")]
    public TimeSpan Dwell { get; init; } = TimeSpan.FromSeconds(0.3);

    /// <summary>The same for walking and lying.</summary>
    [Constant(0, 30, "s", Evidence.Engineering, "a step or a stumble is no walk")]
    public TimeSpan LongDwell { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Forward inclination of the upper element above which it is a bend.</summary>
    [Constant(10, 90, "°", Evidence.Engineering, "below 30° of trunk a bend's lumbopelvic rhythm cannot be told either")]
    public double BendEnter { get; init; } = 30;

    [Constant(5, 90, "°", Evidence.Engineering, "hysteresis")]
    public double BendLeave { get; init; } = 20;

    /// <summary>Posterior rotation of the pelvis above which it is sitting.</summary>
    [Constant(3, 60, "°", Evidence.Derived, "sacral inclination 19° standing, 3.8° sitting (Was16, Adv Rehab 30:29): two thirds of the way")]
    public double SitEnter { get; init; } = 10;

    [Constant(1, 60, "°", Evidence.Engineering, "hysteresis")]
    public double SitLeave { get; init; } = 6;

    /// <summary>Lumbar flexion of upright sitting, until the person's own is calibrated.</summary>
    [Constant(0, 60, "°", Evidence.Published, "lumbar curve 32° standing, 5.8° sitting (Advances in Rehabilitation 30:29)")]
    public double SittingFlexion { get; init; } = 26;

    /// <summary>Lumbar flexion beyond upright sitting above which sitting is slouching.</summary>
    [Constant(5, 25, "°", Evidence.Engineering, "as ReminderOptions.SittingEnter")]
    public double SlouchEnter { get; init; } = 10;

    [Constant(2, 25, "°", Evidence.Engineering, "hysteresis")]
    public double SlouchLeave { get; init; } = 6;

    /// <summary>Angle of the trunk from vertical above which it lies, when not bent forward.</summary>
    [Constant(30, 90, "°", Evidence.Engineering, "a deck chair is not lying")]
    public double LieEnter { get; init; } = 60;

    [Constant(20, 90, "°", Evidence.Engineering, "hysteresis")]
    public double LieLeave { get; init; } = 50;

    /// <summary>Inclined forward that far, by one who did not stand before, for longer than this is lying face down.</summary>
    [Constant(0, 30, "s", Evidence.Engineering, "nobody bends down that far from a chair for long")]
    public TimeSpan LieTurned { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The same by one who stood: it may be a bend.</summary>
    [Constant(2, 300, "s", Evidence.Engineering, "nobody holds a forward bend for long")]
    public TimeSpan LieProne { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Root mean square of the vertical acceleration in the band of steps, above which it is walking.</summary>
    [Constant(0.2, 5, "m/s²", Evidence.Engineering, "at the lower back 1.2 to 4.7 in recorded walks, below 0.5 in changes of posture")]
    public double WalkEnter { get; init; } = 0.7;

    [Constant(0.1, 5, "m/s²", Evidence.Engineering, "hysteresis")]
    public double WalkLeave { get; init; } = 0.55;

    /// <summary>Window of that mean square.</summary>
    [Constant(0.2, 5, "s", Evidence.Engineering, "a step, 1.4 to 2.2 a second")]
    public TimeSpan StepWindow { get; init; } = TimeSpan.FromSeconds(0.6);

    /// <summary>Time constant of the high-pass filter of the band of steps.</summary>
    [Constant(0.05, 2, "s", Evidence.Engineering, "0.8 Hz: above changes of posture, below steps")]
    public TimeSpan StepSlow { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>Time constant of its low-pass filter.</summary>
    [Constant(0.005, 0.2, "s", Evidence.Engineering, "4 Hz: heel strikes and noise count less")]
    public TimeSpan StepFast { get; init; } = TimeSpan.FromSeconds(0.04);

    /// <summary>
    /// Falling by this much within <see cref="HeightWindow"/> is sitting down, rising by it is standing up. The height leaks: not all of
    /// the way is seen.
    /// </summary>
    [Constant(0.05, 0.5, "m", Evidence.Engineering, "0.27 seen in a recording of sitting down and up, at most 0.14 in recorded walks")]
    public double SeatHeight { get; init; } = 0.17;

    /// <summary>Within it nobody does both: what seems to be the way back is the leak.</summary>
    [Constant(0.5, 10, "s", Evidence.Engineering, "sitting down and standing up take 1.5 to 2 s")]
    public TimeSpan HeightWindow { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The trunk must be less inclined than this for a fall to be sitting down: deeper it is a bend or a squat.</summary>
    [Constant(10, 90, "°", Evidence.Engineering, "the trunk leans 30 to 50° in the middle of sitting down")]
    public double SeatTrunk { get; init; } = 55;

    /// <summary>While sinking or rising by this much a lean of less than <see cref="SeatTrunk"/> is part of sitting down or standing up.</summary>
    [Constant(0.02, 0.3, "m", Evidence.Engineering, "half of SeatHeight, above the 5 cm of a bend")]
    public double LeanHeight { get; init; } = 0.08;

    /// <summary>Time constant with which velocity and height leak.</summary>
    [Constant(0.5, 20, "s", Evidence.Engineering, "longer than sitting down takes, shorter than an error of 0.1 m/s² needs to reach SeatHeight")]
    public TimeSpan HeightMemory { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Turning slower than this, and …</summary>
    [Constant(0.5, 30, "°/s", Evidence.Engineering, "sway while standing is below 2°/s")]
    public double StillRate { get; init; } = 6;

    /// <summary>… accelerating less than this, for <see cref="StillFor"/>, is stillness: velocity and height are zero.</summary>
    [Constant(0.05, 2, "m/s²", Evidence.Engineering, "sitting down takes 0.8 m/s² and more")]
    public double StillAcceleration { get; init; } = 0.25;

    [Constant(0.05, 2, "s", Evidence.Engineering, "longer than the moment of greatest speed, when the acceleration is zero")]
    public TimeSpan StillFor { get; init; } = TimeSpan.FromSeconds(0.6);

    /// <summary>Time between two samples after which the height is not known.</summary>
    [Constant(0.02, 2, "s", Evidence.Engineering, "three lost frames of 60 ms")]
    public TimeSpan LongestStep { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>Where only the pelvis tells, it must say something else for so long.</summary>
    [Constant(0, 30, "s", Evidence.Engineering, "who turns over on the floor is upright for a moment")]
    public TimeSpan SeatDwell { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Posterior rotation of the pelvis that no standing person holds: a sitting down was missed.</summary>
    [Constant(10, 60, "°", Evidence.Engineering, "a standing slouch is about 10°")]
    public double SurelySitting { get; init; } = 22;

    /// <summary>How long it takes that, or a pelvis not rolled back at all of one who sits, to overrule what the height said.</summary>
    [Constant(1, 120, "s", Evidence.Engineering, "longer than any sway")]
    public TimeSpan Overrule { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The roller's contact lasts on for so long, unless the person stands up: between strokes a leg is lifted.</summary>
    [Constant(0, 30, "s", Evidence.Engineering, "a change of grip")]
    public TimeSpan RollingHold { get; init; } = TimeSpan.FromSeconds(5);
}

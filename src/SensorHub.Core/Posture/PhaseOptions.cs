namespace SensorHub.Core.Posture;

/// <summary>Parameters of <see cref="PhaseClassifier"/>. Angles are changes from the calibrated standing.</summary>
public sealed record PhaseOptions
{
    /// <summary>How long something else must be seen before the phase changes. Longer flaps less and tells later.</summary>
    [Constant(0, 5, "s", Evidence.Engineering, "transitions of posture take 1 to 2 s")]
    public TimeSpan Dwell { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The same for walking and lying.</summary>
    [Constant(0, 30, "s", Evidence.Engineering, "a step or a stumble is no walk")]
    public TimeSpan LongDwell { get; init; } = TimeSpan.FromSeconds(2);

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

    /// <summary>Lumbar flexion above which sitting is slouching.</summary>
    [Constant(10, 80, "°", Evidence.Derived, "26° from standing to sitting (Was16), and 10° more")]
    public double SlouchEnter { get; init; } = 36;

    [Constant(5, 80, "°", Evidence.Engineering, "26° and 6° more")]
    public double SlouchLeave { get; init; } = 32;

    /// <summary>Angle of the trunk from vertical above which it lies, when not bent forward.</summary>
    [Constant(30, 90, "°", Evidence.Engineering, "a deck chair is not lying")]
    public double LieEnter { get; init; } = 60;

    [Constant(20, 90, "°", Evidence.Engineering, "hysteresis")]
    public double LieLeave { get; init; } = 50;

    /// <summary>Bent forward for longer than this is lying face down.</summary>
    [Constant(2, 300, "s", Evidence.Engineering, "nobody holds a forward bend for long")]
    public TimeSpan LieProne { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Root mean square of the trunk's angular rate above which standing is walking.</summary>
    [Constant(5, 200, "°/s", Evidence.Engineering, "40 to 80 °/s at the sacrum in a recorded walk, below 10 °/s standing")]
    public double WalkEnter { get; init; } = 30;

    [Constant(5, 200, "°/s", Evidence.Engineering, "hysteresis")]
    public double WalkLeave { get; init; } = 20;

    /// <summary>Time constant of that mean square.</summary>
    [Constant(0.1, 10, "s", Evidence.Engineering, "a stride")]
    public TimeSpan WalkTimeConstant { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The roller's contact lasts on for so long: between strokes a leg is lifted.</summary>
    [Constant(0, 30, "s", Evidence.Engineering, "a change of grip")]
    public TimeSpan RollingHold { get; init; } = TimeSpan.FromSeconds(2);
}

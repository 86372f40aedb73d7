namespace SensorHub.Core.Posture.Wear;

/// <summary>
/// Parameters of <see cref="WearDetector"/>. It looks for the slow turning that breathing and sway give a clip on a body: the standard deviation of
/// the angular rate, in means of <see cref="Mean"/> (which take the sensor's noise away), over windows of <see cref="Window"/>.
/// </summary>
public sealed record WearOptions
{
    [Constant(0.05, 1, "s", Evidence.Engineering, "breathing is below 0.5 Hz, sway below 2 Hz")]
    public TimeSpan Mean { get; init; } = TimeSpan.FromSeconds(0.25);

    [Constant(1, 30, "s", Evidence.Engineering, "a breath")]
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A window with less than this has no body under it.</summary>
    [Constant(0.01, 1, "°/s", Evidence.Engineering, "rigid body at rest at most 0.026 (BROAD recordings); standing and sitting people at least 0.09 in the recordings at hand")]
    public double Still { get; init; } = 0.05;

    /// <summary>A window with more than this moves as a body does, or more.</summary>
    [Constant(0.01, 1, "°/s", Evidence.Engineering, "hysteresis")]
    public double Alive { get; init; } = 0.08;

    /// <summary>Gravity turns by no more than this while a clip is off: a steady slow turn has no deviation either.</summary>
    [Constant(0.1, 20, "°", Evidence.Engineering, "noise and temperature turn it by less than 0.5°")]
    public double Turn { get; init; } = 2;

    /// <summary>The clip is off when all windows were still for so long.</summary>
    [Constant(10, 600, "s", Evidence.Engineering, "nobody holds the breath and does not sway for a minute")]
    public TimeSpan OffAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The clip is worn when all windows were alive for so long. Shorter, and a clip that is moved on the table is worn.</summary>
    [Constant(4, 120, "s", Evidence.Engineering, "putting it aside takes a few seconds")]
    public TimeSpan WornAfter { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Missing stretch after which a window begins anew.</summary>
    [Constant(0.02, 5, "s", Evidence.Engineering, "a window with a hole says less")]
    public TimeSpan LongestGap { get; init; } = TimeSpan.FromSeconds(0.5);
}

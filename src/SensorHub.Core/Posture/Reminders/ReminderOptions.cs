namespace SensorHub.Core.Posture.Reminders;

/// <summary>
/// Parameters of <see cref="PostureReminders"/>. They remind and claim nothing more: that posture alerts help is not settled (null: doi
/// 10.1136/oemed-2019-106293; a positive pilot: PMC4446825; no benefit for pain: PMC8512480).
/// </summary>
public sealed record ReminderOptions
{
    /// <summary>Sitting: posterior change from the neutral above which it is slouching. Not below 5°: people drift by 3° on their own.</summary>
    [Constant(5, 25, "°", Evidence.Engineering, "three times the natural drift of 3° (J Biomech 114:110149)")]
    public double SittingEnter { get; init; } = 10;

    /// <summary>Sitting: below this it is over, after <see cref="Leave"/>.</summary>
    [Constant(2, 25, "°", Evidence.Engineering, "hysteresis")]
    public double SittingLeave { get; init; } = 6;

    [Constant(5, 25, "°", Evidence.Engineering, "standing has less room than sitting")]
    public double StandingEnter { get; init; } = 8;

    [Constant(2, 25, "°", Evidence.Engineering, "hysteresis")]
    public double StandingLeave { get; init; } = 5;

    /// <summary>Sitting: how long before the reminder.</summary>
    [Constant(3, 600, "s", Evidence.Engineering, "reaching for something is no slouch")]
    public TimeSpan SittingHold { get; init; } = TimeSpan.FromSeconds(60);

    [Constant(3, 600, "s", Evidence.Engineering, "standing is shorter than sitting")]
    public TimeSpan StandingHold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sitting or standing, while the person trains.</summary>
    [Constant(3, 600, "s", Evidence.Engineering, "feedback while the movement is still felt")]
    public TimeSpan TrainingHold { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether the person trains, until they say otherwise: <see cref="TrainingHold"/> instead of the longer ones.</summary>
    public bool Training { get; init; }

    /// <summary>How long it must be better before the bout is over.</summary>
    [Constant(0.5, 30, "s", Evidence.Engineering, "a breath")]
    public TimeSpan Leave { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>No reminder of slouching for this long after one.</summary>
    [Constant(10, 3600, "s", Evidence.Engineering, "a reminder that nags is switched off")]
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most reminders of slouching in any hour.</summary>
    [Constant(1, 60, "1/h", Evidence.Engineering, "a reminder that nags is switched off")]
    public double MostPerHour { get; init; } = 6;

    /// <summary>Lumbar flexion from the calibrated stand to upright sitting, until the person's own is known.</summary>
    [Constant(0, 60, "°", Evidence.Published, "lumbar curve 32° standing, 5.8° sitting (Advances in Rehabilitation 30:29)")]
    public double SittingFlexion { get; init; } = 26;

    /// <summary>The same of the pelvis, rolled back: for a clip with one element.</summary>
    [Constant(0, 60, "°", Evidence.Published, "sacral inclination 19° standing, 3.8° sitting (Advances in Rehabilitation 30:29)")]
    public double SittingRotation { get; init; } = 15;

    /// <summary>Sitting without a break for this long is reminded of.</summary>
    [Constant(300, 7200, "s", Evidence.Published, "walk at least every 30 min (ANSES, opinion of 28 August 2025; doi 10.1249/MSS.0000000000003109)")]
    public TimeSpan SittingLong { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Walking that ends a time of sitting. Standing alone does not: the trials that found an effect walked.</summary>
    [Constant(30, 600, "s", Evidence.Published, "3 to 5 min (ANSES, opinion of 28 August 2025); 5 min each 30 min was the best dose tried (doi 10.1249/MSS.0000000000003109)")]
    public TimeSpan Break { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Sitting for this long between two stretches of walking begins the break anew.</summary>
    [Constant(0, 600, "s", Evidence.Engineering, "to tie a shoe is not the end of a walk")]
    public TimeSpan BreakPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Who goes on sitting is reminded again after this.</summary>
    [Constant(60, 7200, "s", Evidence.Engineering, "the same dose again")]
    public TimeSpan SittingAgain { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Share of a sitting calibration that must have been seen for the person's own neutral.</summary>
    [Constant(0.1, 1, "1", Evidence.Engineering, "half of it, and the mean is still one of that sitting")]
    public double SittingCoverage { get; init; } = 0.5;

    /// <summary>Longest time between two estimates that counts as seen.</summary>
    [Constant(0.04, 2, "s", Evidence.Engineering, "five estimates of 25 a second")]
    public TimeSpan LongestStep { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>Longest time without an estimate that a bout of slouching outlasts.</summary>
    [Constant(0.1, 60, "s", Evidence.Engineering, "as Leave: what might have been upright cannot be counted as slouched")]
    public TimeSpan SlouchGap { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest time not worn or not heard that a time of sitting outlasts.</summary>
    [Constant(1, 3600, "s", Evidence.Engineering, "as Break: one may have been walked")]
    public TimeSpan SittingGap { get; init; } = TimeSpan.FromMinutes(3);
}

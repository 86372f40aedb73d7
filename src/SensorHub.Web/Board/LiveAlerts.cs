using SensorHub.Core.Rolling;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Web.Board;

/// <summary>What a therapist should look at now, in the order of its weight. Reminders to look, never a finding.</summary>
public static class LiveAlerts
{
    /// <param name="session">The session's newest state; null before the first.</param>
    /// <param name="rolling">The newest estimate of the roller; null without one.</param>
    /// <param name="options">Null = defaults.</param>
    /// <param name="limits">Where too much force begins; null = defaults.</param>
    public static IReadOnlyList<CareAlert> Of(SessionPayload? session, RollingPayload? rolling, CareAlertOptions? options = null, RollingOptions? limits = null)
    {
        options ??= new CareAlertOptions();
        limits ??= new RollingOptions();
        List<CareAlert> alerts = [];
        if (Pain(session?.PainNrs, session?.PainStartNrs, options, limits) is { } pain)
            alerts.Add(pain);
        if (rolling is { Contact: true })
        {
            if (rolling.BodyWeightPct is { } share)
            {
                if (share > limits.OverForce)
                    alerts.Add(new(CareAlertKind.OverForce, FormattableString.Invariant($"Force {share:0} % of body weight")));
            }
            else if (rolling.PressureKpa > limits.OverPressure)
            {
                alerts.Add(new(CareAlertKind.OverForce, FormattableString.Invariant($"Pressure {rolling.PressureKpa:0} kPa")));
            }
        }
        return alerts;
    }

    /// <param name="now">What the person said last, 0 to 10; null when nothing.</param>
    /// <param name="start">What they said first in the session.</param>
    public static CareAlert? Pain(double? now, double? start, CareAlertOptions? options = null, RollingOptions? limits = null) => now switch
    {
        null => null,
        { } level when level >= (limits ??= new RollingOptions()).PainLimit => new(CareAlertKind.Pain, FormattableString.Invariant($"Pain {level:0.#} of 10")),
        { } level when level - start >= (options ??= new CareAlertOptions()).PainRise =>
            new(CareAlertKind.Pain, FormattableString.Invariant($"Pain {level:0.#} of 10, from {start:0.#}")),
        _ => null,
    };
}

public enum CareAlertKind : byte
{
    Pain = 0,
    OverForce = 1,
    MissedDays = 2,
    Asymmetry = 3,
}

/// <param name="Text">One line for a therapist.</param>
public sealed record CareAlert(CareAlertKind Kind, string Text);

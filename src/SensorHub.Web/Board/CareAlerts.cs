using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Sessions.Programmes;

namespace SensorHub.Web.Board;

/// <summary>When a therapist is asked to look.</summary>
public sealed record CareAlertOptions
{
    /// <summary>Rise of pain within a session.</summary>
    [Constant(0.5, 10, "1", Evidence.Engineering, "just above the smallest detectable change of 1.77 (doi 10.1055/a-1304-3677)")]
    public double PainRise { get; init; } = 2;

    /// <summary>Sessions in a row that show the same difference of the sides.</summary>
    [Constant(1, 20, "1", Evidence.Engineering, "one may be chance, and two may be one bad placing of the roller")]
    public int AsymmetrySessions { get; init; } = 3;

    /// <summary>Sessions that a person may be behind their programme.</summary>
    [Constant(1, 14, "1", Evidence.Engineering, "a missed evening is no news")]
    public int SessionsBehind { get; init; } = 2;

    /// <summary>Days without a session, for a plan without a programme.</summary>
    [Constant(1, 90, "d", Evidence.Engineering, "a week")]
    public int IdleDays { get; init; } = 7;
}

/// <summary>What sessions of days and weeks ask a therapist to look at. Reminders to look, never a finding.</summary>
public static class CareAlerts
{
    /// <summary>Behind the programme: fewer sessions than it has planned until yesterday, for today is not over.</summary>
    /// <param name="programme">What was set.</param>
    /// <param name="start">Its first day.</param>
    /// <param name="sessions">A day for each session.</param>
    public static CareAlert? MissedDays(Programme programme, DateOnly start, IEnumerable<DateOnly> sessions, DateOnly today, CareAlertOptions? options = null)
    {
        options = Constants.Check(options ?? new CareAlertOptions());
        var yesterday = today.AddDays(-1);
        if (yesterday < start || programme.FindFault() is not null)
            return null;
        DateOnly[] days = [.. sessions];
        var progress = ProgrammeProgress.Of(programme, start, days, yesterday);
        var behind = progress.Due - progress.Done - days.Count(day => day == today);
        return behind >= options.SessionsBehind
            ? new(CareAlertKind.MissedDays, FormattableString.Invariant($"{behind} sessions behind “{programme.Name}”"))
            : null;
    }

    /// <summary>A plan without a programme names no days: a long silence is told.</summary>
    /// <param name="planned">The day on which the plan was set.</param>
    public static CareAlert? Idle(DateOnly planned, IEnumerable<DateOnly> sessions, DateOnly today, CareAlertOptions? options = null)
    {
        options = Constants.Check(options ?? new CareAlertOptions());
        var last = sessions.Where(day => day <= today).Append(planned).Max();
        var days = today.DayNumber - last.DayNumber;
        return days >= options.IdleDays ? new(CareAlertKind.MissedDays, FormattableString.Invariant($"No session for {days} days")) : null;
    }

    /// <summary>The same muscle shows a flagged difference to the same side in each of the last sessions that measured it on both sides.</summary>
    /// <param name="sessions">The comparisons of each session, the newest first.</param>
    public static IReadOnlyList<CareAlert> Asymmetry(IReadOnlyList<IReadOnlyList<SideComparison>> sessions, CareAlertOptions? options = null)
    {
        options = Constants.Check(options ?? new CareAlertOptions());
        List<CareAlert> alerts = [];
        foreach (var of in sessions.SelectMany(s => s).Select(c => (c.What, c.Muscle)).Distinct().Order())
        {
            SideComparison[] last = [.. sessions
                .Select(s => s.FirstOrDefault(c => (c.What, c.Muscle) == of))
                .OfType<SideComparison>().Where(c => c.Index.Value is not null).Take(options.AsymmetrySessions)];
            if (last.Length < options.AsymmetrySessions || !last.All(c => c.Index.Flagged) || last.Select(c => Math.Sign(c.Index.Value!.Value.Value)).Distinct().Count() > 1)
                continue;
            var muscle = of.Muscle == Muscle.None ? Words(of.What) : $"{MuscleFacts.Of(of.Muscle).Name}, {Words(of.What)}";
            alerts.Add(new(CareAlertKind.Asymmetry, FormattableString.Invariant(
                $"{char.ToUpperInvariant(muscle[0])}{muscle[1..]}: {(last[0].Index.Value!.Value.Value > 0 ? "right" : "left")} more, {last.Length} sessions in a row")));
        }
        return alerts;
    }

    private static string Words(string name) => name.Replace('_', ' ');
}

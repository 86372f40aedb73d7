namespace SensorHub.Core.Sessions.Programmes;

/// <summary>How far somebody is in a programme on a day.</summary>
/// <param name="Week">1 for the first; the last week's number when it is over.</param>
/// <param name="Phase">The phase of that week.</param>
/// <param name="Done">Sessions done since the start. No more than planned count in a week, so that one busy week does not hide an idle one.</param>
/// <param name="Due">Sessions planned until the end of the day, evenly over each week.</param>
/// <param name="Planned">Sessions of the whole programme.</param>
/// <param name="DoneThisWeek">All of them.</param>
/// <param name="IsOver">The last week has passed.</param>
/// <param name="MayHaveLastingGain">Long enough for one: no promise.</param>
public sealed record ProgrammeProgress(
    Programme Programme, int Week, ProgrammePhase Phase, int Done, int Due, int Planned, int DoneThisWeek, bool IsOver, bool MayHaveLastingGain)
{
    /// <summary>Done of due, %; null before anything is due.</summary>
    public double? AdherencePercent => Due == 0 ? null : Math.Min(100, 100.0 * Done / Due);

    /// <summary>Sessions that are left of this week.</summary>
    public int LeftThisWeek => IsOver ? 0 : Math.Max(0, Phase.SessionsPerWeek - DoneThisWeek);

    /// <summary>The phase after this one; null for the last.</summary>
    public ProgrammePhase? Next => Programme.Phases.SkipWhile(p => !ReferenceEquals(p, Phase)).Skip(1).FirstOrDefault();

    /// <param name="start">The first day.</param>
    /// <param name="sessions">The days of the sessions that were done, one each.</param>
    /// <param name="today">A day not before <paramref name="start"/>.</param>
    /// <param name="options">Null = defaults.</param>
    /// <exception cref="UserException">The programme breaks a rule, or has not begun.</exception>
    public static ProgrammeProgress Of(Programme programme, DateOnly start, IEnumerable<DateOnly> sessions, DateOnly today, ProgrammeOptions? options = null)
    {
        options = Constants.Check(options ?? new ProgrammeOptions());
        if (programme.FindFault() is { } fault)
            throw new UserException($"Programme '{programme.Id}': {fault}");
        if (today < start)
            throw new UserException(FormattableString.Invariant($"Programme '{programme.Id}' begins on {start:yyyy-MM-dd}."));

        var week = (today.DayNumber - start.DayNumber) / 7;
        var last = Math.Min(week, programme.Weeks - 1);
        ProgrammePhase[] weeks = [.. programme.Phases.SelectMany(phase => Enumerable.Repeat(phase, phase.Weeks))];
        var perWeek = new int[programme.Weeks];
        foreach (var day in sessions.Where(day => day >= start && day <= today))
            if ((day.DayNumber - start.DayNumber) / 7 is var of && of < perWeek.Length)
                perWeek[of]++;
        var dayOfWeek = (today.DayNumber - start.DayNumber) % 7;
        var due = weeks.Take(week).Sum(phase => phase.SessionsPerWeek);
        if (week < weeks.Length)
            due += weeks[week].SessionsPerWeek * (dayOfWeek + 1) / 7;
        return new ProgrammeProgress(
            programme, last + 1, weeks[last],
            Done: perWeek.Select((count, i) => Math.Min(count, weeks[i].SessionsPerWeek)).Sum(),
            Due: due,
            Planned: weeks.Sum(phase => phase.SessionsPerWeek),
            DoneThisWeek: week < weeks.Length ? perWeek[week] : 0,
            IsOver: week >= weeks.Length,
            MayHaveLastingGain: week >= options.WeeksBeforeGain);
    }
}

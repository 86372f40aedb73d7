using System.Globalization;
using Microsoft.EntityFrameworkCore;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Sessions.Programmes;
using SensorHub.Core.Timing;
using SensorHub.Storage;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub.Web.Board;

/// <summary>What a therapist's page of one person shows, collected.</summary>
internal sealed class PersonView(IDbContextFactory<PeopleContext> people, SessionRecords records, TimeProvider time)
{
    /// <summary>How far back sessions are looked at.</summary>
    public const int Days = 90;

    /// <summary>Days of minutes and of monitoring.</summary>
    private const int Month = 30;

    public static readonly CultureInfo English = CultureInfo.InvariantCulture;

    /// <summary>Text and level of the cues that are one press away.</summary>
    public static readonly IReadOnlyList<(string Text, string Level)> ReadyCues =
        [("Slower", "caution"), ("A little lighter", "caution"), ("Breathe", "info"), ("Well done", "info"), ("Stop", "stop")];

    /// <param name="Trouble">Why there are no sessions to show; null when there is no reason.</param>
    /// <param name="Minutes">That this therapist looked, in the last 30 days.</param>
    /// <param name="CareDays">Days with such minutes.</param>
    /// <param name="MonitoringDays">Days of the last 30 with a session.</param>
    public sealed record Person(
        Slug Subject, string Alias, IReadOnlyList<SessionRecord> Sessions, string? Trouble, RollingPlan? Plan, DateTimeOffset? PlanAt,
        IReadOnlyList<Note> Notes, IReadOnlyList<CareAlert> Alerts, double Minutes, int CareDays, int MonitoringDays);

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, time.LocalTimeZone);

    public DateTimeOffset Local(Timestamp at) => Local(at.ToDateTimeOffset());

    public async Task<Person> OfAsync(Viewer viewer, Slug subject, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(Local(now).DateTime);
        IReadOnlyList<SessionRecord> sessions = [];
        var trouble = records.IsThere ? null : "What was measured is not kept here.";
        try
        {
            sessions = await records.OfAsync(subject, Timestamp.FromDateTimeOffset(now.AddDays(-Days)), Timestamp.FromDateTimeOffset(now.AddMinutes(1)), cancellationToken).ConfigureAwait(false);
        }
        catch (OutputException e)
        {
            trouble = e.Message;
        }
        var id = subject.ToString();
        await using var context = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var alias = await context.Subjects.Where(s => s.Id == id).Select(s => s.Alias).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var notes = await context.Notes.Where(n => n.SubjectId == id).OrderByDescending(n => n.At).Take(50).ToListAsync(cancellationToken).ConfigureAwait(false);
        var plan = await NewestAsync(PrescriptionKind.Plan).ConfigureAwait(false);
        var programme = await NewestAsync(PrescriptionKind.Programme).ConfigureAwait(false);
        var since = today.AddDays(1 - Month);
        var minutes = await context.CareTimes.Where(c => c.TherapistId == viewer.Account && c.SubjectId == id && c.Day >= since).Select(c => c.Minutes).ToListAsync(cancellationToken).ConfigureAwait(false);

        DateOnly[] days = [.. sessions.Select(s => DateOnly.FromDateTime(Local(s.End).DateTime))];
        List<CareAlert> alerts = [];
        if (sessions is [var last, ..] && LiveAlerts.Pain(last.Pain, last.PainStart) is { } pain)
            alerts.Add(pain with { Text = $"{pain.Text}, last session" });
        if (trouble is null && Read(programme, json => ProgrammeFile.Parse(json, "The programme")) is { } set)
            Add(CareAlerts.MissedDays(set, DateOnly.FromDateTime(Local(programme!.At).DateTime), days, today));
        else if (trouble is null && plan is not null)
            Add(CareAlerts.Idle(DateOnly.FromDateTime(Local(plan.At).DateTime), days, today));
        alerts.AddRange(CareAlerts.Asymmetry([.. sessions.Select(s => s.Sides)]));
        return new Person(
            subject, string.IsNullOrWhiteSpace(alias) ? id : alias, sessions, trouble, Read(plan, json => PlanFile.Parse(json, "The plan")), plan?.At,
            notes, alerts, minutes.Sum(), minutes.Count, days.Where(day => day >= since).Distinct().Count());

        Task<Prescription?> NewestAsync(PrescriptionKind kind) =>
            context.Prescriptions.Where(p => p.SubjectId == id && p.Kind == kind).OrderByDescending(p => p.At).FirstOrDefaultAsync(cancellationToken);

        void Add(CareAlert? alert)
        {
            if (alert is not null)
                alerts.Add(alert);
        }
    }

    public static string Clock(TimeSpan span) => span.TotalHours >= 1 ? span.ToString(@"h\:mm\:ss", English) : span.ToString(@"m\:ss", English);

    public static string Share(SessionRecord session) =>
        session.Contact > TimeSpan.Zero ? string.Create(English, $"{100 * (session.InBand / session.Contact):0} %") : "–";

    /// <summary>"3 → 5".</summary>
    public static string Pain(SessionRecord session) => session.Pain is not { } last ? "–"
        : session.PainStart is { } first && first != last ? string.Create(English, $"{first:0.#} → {last:0.#}") : last.ToString("0.#", English);

    public static string Muscles(SessionRecord session) =>
        string.Join(", ", session.Muscles.GroupBy(m => m.Muscle).Select(g => string.Join("/", g.Select(m => m.Side).Where(s => s != Side.None).Select(s => s.ToString()[0])) is { Length: > 0 } sides
            ? $"{Words(g.Key)} {sides}" : Words(g.Key)));

    public static string Words(Muscle muscle) => EnumNames.Of(muscle).Replace('_', ' ');

    /// <summary>What an older version wrote and this one does not read is as if it were not there.</summary>
    private static T? Read<T>(Prescription? prescription, Func<string, T> parse) where T : class
    {
        try
        {
            return prescription is null ? null : parse(prescription.Json);
        }
        catch (UserException)
        {
            return null;
        }
    }
}

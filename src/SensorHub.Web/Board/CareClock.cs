using Microsoft.EntityFrameworkCore;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub.Web.Board;

/// <summary>
/// Counts the time that a therapist has somebody's page open and visible. The page only says that it is; how long is measured here, so that a page
/// cannot invent minutes, and two pages open at once count once.
/// </summary>
internal sealed class CareClock(IDbContextFactory<PeopleContext> people, TimeProvider time)
{
    /// <summary>How often a page says it.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    /// <summary>A longer silence was no looking.</summary>
    private static readonly TimeSpan Longest = 2 * Period;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Slug Subject, long At)> _seen = [];

    /// <summary>The viewer looks at this person's page now.</summary>
    public async Task SeenAsync(Viewer viewer, Slug subject, CancellationToken cancellationToken)
    {
        if (viewer.Account is not { } therapist)
            return;
        TimeSpan since;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            since = _seen.TryGetValue(therapist, out var last) && last.Subject == subject ? time.GetElapsedTime(last.At, now) : TimeSpan.Zero;
            _seen[therapist] = (subject, now);
        }
        if (since <= TimeSpan.Zero || since > Longest)
            return;
        var (id, day) = (subject.ToString(), DateOnly.FromDateTime(time.GetLocalNow().DateTime));
        await using var context = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var minutes = since.TotalMinutes;
        if (await context.CareTimes.Where(c => c.TherapistId == therapist && c.SubjectId == id && c.Day == day)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Minutes, c => c.Minutes + minutes), cancellationToken).ConfigureAwait(false) > 0)
            return;
        context.CareTimes.Add(new CareTime { TherapistId = therapist, SubjectId = id, Day = day, Minutes = minutes });
        try
        {
            await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException)
        {
            // Another page of theirs made the row at the same moment: these seconds are in it.
        }
    }
}

using Microsoft.EntityFrameworkCore;
using SensorHub.Core;
using SensorHub.Web.Access;

namespace SensorHub.Web.People;

/// <summary>Grants, withdraws and knows the consents of subjects. Each change is in the subject's audit log.</summary>
public sealed class Consents(IDbContextFactory<PeopleContext> people, AuditLog audit, TimeProvider time) : IConsents
{
    /// <summary>Longest that a consent lasts; then it is asked for anew.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(2 * 365);

    public event Action? Changed;

    public async ValueTask<ConsentState> OfAsync(Viewer viewer, Slug subject, CancellationToken cancellationToken)
    {
        var (id, account, now) = (subject.ToString(), viewer.Account, time.GetUtcNow());
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var purposes = await db.Consents.AsNoTracking()
            .Where(c => c.SubjectId == id && c.GrantedTo == account && c.WithdrawnAt == null && c.From <= now && c.Until > now)
            .Where(c => db.Users.Any(a => a.Id == account && a.Role == viewer.Role)) // closed, or another role, since the stream was opened
            .Select(c => c.Purpose).Distinct().ToListAsync(cancellationToken).ConfigureAwait(false);
        return purposes.Aggregate(ConsentState.None, (state, purpose) => state | (purpose == ConsentPurpose.Care ? ConsentState.Care : ConsentState.Study));
    }

    /// <summary>All of a subject, the newest first.</summary>
    public async Task<IReadOnlyList<Consent>> ListAsync(Slug subject, CancellationToken cancellationToken)
    {
        var id = subject.ToString();
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Consents.AsNoTracking().Where(c => c.SubjectId == id).OrderByDescending(c => c.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <param name="viewer">The subject themselves.</param>
    /// <param name="to">An account with the role that the purpose asks for.</param>
    /// <exception cref="UserException">Nobody whom it could be granted to, or no time in the future.</exception>
    public async Task GrantAsync(Viewer viewer, string to, ConsentPurpose purpose, string detail, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (until <= now || until > now + Longest)
            throw new UserException($"A consent ends on a day from tomorrow to {(now + Longest).Year}.");
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var role = purpose == ConsentPurpose.Care ? Role.Therapist : Role.Researcher;
        var account = await db.Users.FirstOrDefaultAsync(a => a.Id == to, cancellationToken).ConfigureAwait(false);
        if (account is null || !account.Role.HasFlag(role))
            throw new UserException($"Choose a {(purpose == ConsentPurpose.Care ? "therapist" : "researcher")} from the list.");
        db.Consents.Add(new Consent { SubjectId = viewer.Subject.ToString(), GrantedTo = to, Purpose = purpose, Detail = detail.Trim(), From = now, Until = until });
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await audit.WriteAsync(viewer, viewer.Subject, "consent_granted", $"{account.DisplayName}, {EnumNames.Of(purpose)}, until {until:yyyy-MM-dd}", cancellationToken).ConfigureAwait(false);
        Changed?.Invoke();
    }

    /// <summary>At once: whoever watches now does not a second longer.</summary>
    public async Task WithdrawAsync(Viewer viewer, int consent, CancellationToken cancellationToken)
    {
        var subject = viewer.Subject.ToString();
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await db.Consents.FirstOrDefaultAsync(c => c.Id == consent && c.SubjectId == subject && c.WithdrawnAt == null, cancellationToken).ConfigureAwait(false) is not { } found)
            return; // withdrawn already, or never theirs
        found.WithdrawnAt = time.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        Changed?.Invoke();
        var name = await db.Users.Where(a => a.Id == found.GrantedTo).Select(a => a.DisplayName).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        await audit.WriteAsync(viewer, viewer.Subject, "consent_withdrawn", $"{name ?? "an account that is gone"}, {EnumNames.Of(found.Purpose)}", cancellationToken).ConfigureAwait(false);
    }
}

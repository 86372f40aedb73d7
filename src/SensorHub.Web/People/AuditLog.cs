using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using SensorHub.Core;
using SensorHub.Web.Access;

namespace SensorHub.Web.People;

/// <summary>Writes down who looked at what of whom. Only adds.</summary>
public sealed class AuditLog(IDbContextFactory<PeopleContext> people, TimeProvider time)
{
    /// <summary>One line for the same look of the same viewer in this time: a page that is reloaded, its stream, its pictures.</summary>
    public static readonly TimeSpan Once = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Account, Slug Subject, string What), DateTimeOffset> _lately = new();

    /// <summary>Of each account, looks at names that nobody has: when the last line was written, and how many came since.</summary>
    private readonly Dictionary<string, (DateTimeOffset Written, int Since)> _atNobody = [];

    public async Task WriteAsync(Viewer viewer, Slug subject, string what, string detail, CancellationToken cancellationToken)
    {
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        db.Audit.Add(new AuditEntry { At = time.GetUtcNow(), SubjectId = subject.IsNone ? null : subject.ToString(), AccountId = viewer.Account, By = viewer.Name, What = what, Detail = detail });
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Somebody other than the subject looked, or tried to.</summary>
    public async ValueTask LookedAsync(Viewer viewer, Slug subject, string what, CancellationToken cancellationToken)
    {
        if (viewer.IsAlone || viewer.Account is not { } account || subject.IsNone || subject == viewer.Subject)
            return;
        var (key, now) = ((account, subject, what), time.GetUtcNow());
        if (_lately.TryGetValue(key, out var last) && now - last < Once)
            return;
        if (!await ExistsAsync(subject, cancellationToken).ConfigureAwait(false))
        {
            await LookedAtNobodyAsync(viewer, account, now, cancellationToken).ConfigureAwait(false);
            return;
        }
        await WriteAsync(viewer, subject, what, "", cancellationToken).ConfigureAwait(false);
        _lately[key] = now;
        foreach (var (old, at) in _lately)
            if (now - at >= Once)
                _lately.TryRemove(old, out _);
    }

    /// <summary>However many names somebody tries: a line in <see cref="Once"/>, with their number.</summary>
    private async ValueTask LookedAtNobodyAsync(Viewer viewer, string account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        int count;
        lock (_atNobody)
        {
            var (written, since) = _atNobody.GetValueOrDefault(account);
            count = since + 1;
            var isDue = now - written >= Once;
            _atNobody[account] = isDue ? (now, 0) : (written, count);
            if (!isDue)
                return;
        }
        await WriteAsync(viewer, default, "refused", count == 1 ? "a name that nobody has" : $"{count} looks at names that nobody has", cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> ExistsAsync(Slug subject, CancellationToken cancellationToken)
    {
        var id = subject.ToString();
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Subjects.AnyAsync(s => s.Id == id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Of a subject, the newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> ListAsync(Slug subject, int most, CancellationToken cancellationToken)
    {
        var id = subject.ToString();
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Audit.AsNoTracking().Where(a => a.SubjectId == id).OrderByDescending(a => a.Id).Take(most).ToListAsync(cancellationToken).ConfigureAwait(false);
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub.Web.Accounts;

/// <summary>Links with which people make their account: each once, for a week. The token is in the link alone; the database has its hash.</summary>
public sealed class Invitations(IDbContextFactory<PeopleContext> people, TimeProvider time)
{
    public static readonly TimeSpan Lasts = TimeSpan.FromDays(7);

    /// <returns>The token of the link.</returns>
    /// <exception cref="UserException">No role, or no name.</exception>
    public async Task<string> InviteAsync(Viewer viewer, string name, Role role, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 60)
            throw new UserException("Write for whom the invitation is, in at most 60 characters.");
        if (role == Role.None)
            throw new UserException("Choose at least one role.");
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        db.Invitations.Add(new Invitation { TokenHash = Hash(token), Role = role, Name = name.Trim(), InvitedBy = viewer.Account!, CreatedAt = now, Until = now + Lasts });
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return token;
    }

    /// <summary>Those that can still be used, the newest first.</summary>
    public async Task<IReadOnlyList<Invitation>> OpenAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Invitations.AsNoTracking().Where(i => i.UsedAt == null && i.Until > now).OrderByDescending(i => i.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Null: there is none like that, or it was used, or its time is over.</returns>
    public async Task<Invitation?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var (hash, now) = (Hash(token), time.GetUtcNow());
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Invitations.AsNoTracking().FirstOrDefaultAsync(i => i.TokenHash == hash && i.UsedAt == null && i.Until > now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes it, so that nobody else can.</summary>
    /// <returns>False: somebody was quicker.</returns>
    public async Task<bool> UseAsync(Invitation invitation, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Invitations.Where(i => i.Id == invitation.Id && i.UsedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.UsedAt, now), cancellationToken).ConfigureAwait(false) == 1;
    }

    public async Task DropAsync(int id, CancellationToken cancellationToken)
    {
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Invitations.Where(i => i.Id == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}

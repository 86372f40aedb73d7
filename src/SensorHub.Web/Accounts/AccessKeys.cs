using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub.Web.Accounts;

/// <summary>Keys for programs: made on the account's page, sent as <c>Authorization: Bearer</c>. Each change is in the log.</summary>
public sealed class AccessKeys(IDbContextFactory<PeopleContext> people, AuditLog audit, TimeProvider time) : IKeys
{
    /// <summary>Days that a key may be made for.</summary>
    public static readonly int[] Days = [1, 7, 30, 90, 365];

    /// <summary>Keys of an account that hold at once.</summary>
    public const int Most = 20;

    private const string Prefix = "shk_"; // so that whoever finds one in a file knows what it is

    /// <returns>The key. It is not kept, and cannot be had again.</returns>
    /// <exception cref="UserException">No name, no such number of days, or too many keys.</exception>
    public async Task<string> MakeAsync(Viewer viewer, string name, int days, CancellationToken cancellationToken)
    {
        name = name.Trim();
        if (!PlainText.Is(name, 60))
            throw new UserException("Write what the key is for, in at most 60 characters.");
        if (!Days.Contains(days))
            throw new UserException("Choose from the list how long it holds.");
        if ((await ListAsync(viewer, cancellationToken).ConfigureAwait(false)).Count >= Most)
            throw new UserException($"There are {Most} keys. Take one back first.");
        var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        db.AccessKeys.Add(new AccessKey { AccountId = viewer.Account!, Name = name, Hash = Hash(key), CreatedAt = now, Until = now.AddDays(days) });
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await audit.WriteAsync(viewer, viewer.Subject, "key_made", $"{name}, {days} {(days == 1 ? "day" : "days")}", cancellationToken).ConfigureAwait(false);
        return key;
    }

    /// <summary>Those of the viewer's that hold, the newest first.</summary>
    public async Task<IReadOnlyList<AccessKey>> ListAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        var (account, now) = (viewer.Account, time.GetUtcNow());
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.AccessKeys.AsNoTracking().Where(k => k.AccountId == account && k.RevokedAt == null && k.Until > now).OrderByDescending(k => k.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>At once: what it has open ends within a second.</summary>
    public async Task RevokeAsync(Viewer viewer, int id, CancellationToken cancellationToken)
    {
        var account = viewer.Account;
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await db.AccessKeys.FirstOrDefaultAsync(k => k.Id == id && k.AccountId == account && k.RevokedAt == null, cancellationToken).ConfigureAwait(false) is not { } key)
            return; // taken back already, or never theirs
        key.RevokedAt = time.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await audit.WriteAsync(viewer, viewer.Subject, "key_taken_back", key.Name, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Null: there is none like that, or it does not hold any more.</returns>
    internal async Task<AccessKey?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var (hash, now) = (Hash(key), time.GetUtcNow());
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.AccessKeys.AsNoTracking().FirstOrDefaultAsync(k => k.Hash == hash && k.RevokedAt == null && k.Until > now, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> HoldsAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        var (id, now) = (viewer.Key, time.GetUtcNow());
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.AccessKeys.AnyAsync(
            k => k.Id == id && k.RevokedAt == null && k.Until > now && db.Users.Any(a => a.Id == k.AccountId && a.Role == viewer.Role), cancellationToken).ConfigureAwait(false);
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub.Web.Accounts;

/// <summary>Makes accounts: the owner's at the first run, and those of invited people.</summary>
public sealed class Enrolment(UserManager<Account> accounts, IDbContextFactory<PeopleContext> people, SensorHubWebOptions options, TimeProvider time)
{
    /// <summary>One at a time, so that two people cannot both become the first.</summary>
    private static readonly SemaphoreSlim One = new(1, 1);

    public async Task<bool> HasOwnerAsync(CancellationToken cancellationToken)
    {
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Users.AnyAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The first account: subject and administrator. The hub's subject is theirs.</summary>
    /// <exception cref="UserException">There is an owner already, or the password is too weak, or the like.</exception>
    public async Task<Account> MakeOwnerAsync(string userName, string name, string password, CancellationToken cancellationToken)
    {
        await One.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await HasOwnerAsync(cancellationToken).ConfigureAwait(false)
                ? throw new UserException("This hub has an owner already: sign in.")
                : await MakeAsync(userName, name, password, Role.Subject | Role.Admin, options.Subject, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            One.Release();
        }
    }

    /// <param name="subject">The pseudonym, if the role is a subject's; none = a new one.</param>
    /// <param name="password">Null: signs in elsewhere.</param>
    /// <exception cref="UserException">The password is too weak, the user name taken, or the like.</exception>
    public async Task<Account> MakeAsync(string userName, string name, string? password, Role role, Slug subject, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 60)
            throw new UserException("Write how you want to be called, in at most 60 characters.");
        var now = time.GetUtcNow();
        var account = new Account { UserName = userName.Trim(), DisplayName = name.Trim(), Role = role, CreatedAt = now };
        var made = password is null ? await accounts.CreateAsync(account).ConfigureAwait(false) : await accounts.CreateAsync(account, password).ConfigureAwait(false);
        if (!made.Succeeded)
            throw new UserException(string.Join(' ', made.Errors.Select(e => e.Description)));
        if (!role.HasFlag(Role.Subject))
            return account;
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var id = subject.IsNone ? await NewPseudonymAsync(db, cancellationToken).ConfigureAwait(false) : subject.ToString();
        db.Subjects.Add(new Subject { Id = id, Alias = id, AccountId = account.Id, CreatedAt = now });
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return account;
    }

    /// <summary>"p" and six letters or digits that say nothing about the person.</summary>
    private static async Task<string> NewPseudonymAsync(PeopleContext db, CancellationToken cancellationToken)
    {
        while (true)
        {
            var id = "p" + System.Security.Cryptography.RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 6);
            if (!await db.Subjects.AnyAsync(s => s.Id == id, cancellationToken).ConfigureAwait(false))
                return id;
        }
    }
}

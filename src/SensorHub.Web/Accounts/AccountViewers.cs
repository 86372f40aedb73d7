using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub.Web.Accounts;

/// <summary>
/// Who has signed in, asked of the database at each request: an account that is closed, or has signed out everywhere, or has another
/// role, is that from its next request on.
/// </summary>
internal sealed class AccountViewers(IDbContextFactory<PeopleContext> people, AccessKeys keys, IOptions<IdentityOptions> identity) : IViewers
{
    public async ValueTask<Viewer> OfAsync(HttpContext context)
    {
        const string bearer = "Bearer ";
        // Whoever sends a key is who the key says, whatever cookie comes along.
        if (context.Request.Headers.Authorization is [{ } sent] && sent.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
            return await keys.FindAsync(sent[bearer.Length..].Trim(), context.RequestAborted).ConfigureAwait(false) is { } key
                ? await FindAsync(key.AccountId, _ => true, context.RequestAborted).ConfigureAwait(false) is { Account: not null } owner
                    ? owner with { Key = key.Id, Name = $"{owner.Name} (key: {key.Name})" }
                    : Viewer.Nobody
                : Viewer.Nobody;
        var claims = identity.Value.ClaimsIdentity;
        return context.User.FindFirst(claims.UserIdClaimType)?.Value is { } id
            ? await FindAsync(id, account => account.SecurityStamp == context.User.FindFirst(claims.SecurityStampClaimType)?.Value, context.RequestAborted).ConfigureAwait(false)
            : Viewer.Nobody;
    }

    private async Task<Viewer> FindAsync(string id, Func<Account, bool> holds, CancellationToken cancellationToken)
    {
        await using var db = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var found = await db.Users.AsNoTracking().Where(account => account.Id == id)
            .Select(account => new { Account = account, Subject = db.Subjects.Where(s => s.AccountId == account.Id).Select(s => s.Id).FirstOrDefault() })
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (found is null || found.Account.Role == Role.None || !holds(found.Account))
            return Viewer.Nobody;
        return new Viewer(id, found.Account.DisplayName, found.Account.Role, found.Subject is null ? default : Slug.Parse(found.Subject));
    }

    public async ValueTask<string> EntranceAsync(HttpContext context)
    {
        await using var db = await people.CreateDbContextAsync(context.RequestAborted).ConfigureAwait(false);
        if (!await db.Users.AnyAsync(context.RequestAborted).ConfigureAwait(false))
            return "/welcome";
        var wanted = context.Request.PathBase + context.Request.Path + context.Request.QueryString;
        return wanted == "/" ? "/sign-in" : $"/sign-in?return={Uri.EscapeDataString(wanted)}";
    }
}

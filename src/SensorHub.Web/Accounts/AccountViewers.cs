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
internal sealed class AccountViewers(IDbContextFactory<PeopleContext> people, IOptions<IdentityOptions> identity) : IViewers
{
    public async ValueTask<Viewer> OfAsync(HttpContext context)
    {
        var claims = identity.Value.ClaimsIdentity;
        if (context.User.FindFirst(claims.UserIdClaimType)?.Value is not { } id)
            return Viewer.Nobody;
        await using var db = await people.CreateDbContextAsync(context.RequestAborted).ConfigureAwait(false);
        var found = await db.Users.AsNoTracking().Where(account => account.Id == id)
            .Select(account => new { Account = account, Subject = db.Subjects.Where(s => s.AccountId == account.Id).Select(s => s.Id).FirstOrDefault() })
            .FirstOrDefaultAsync(context.RequestAborted).ConfigureAwait(false);
        if (found is null || found.Account.Role == Role.None || found.Account.SecurityStamp != context.User.FindFirst(claims.SecurityStampClaimType)?.Value)
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

using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub.Web.Accounts;

/// <summary>Signing in at an OpenID Connect provider: authorization code flow with PKCE, and the same one line for each way in which it can go wrong.</summary>
internal static class OpenIdSignIn
{
    public const string Scheme = "openid";

    /// <summary>Of the state that travels with the person: where they go after it.</summary>
    private const string After = "return";

    public static void AddProvider(this AuthenticationBuilder signing, OpenIdOptions provider) => signing.AddOpenIdConnect(Scheme, provider.Name, openid =>
    {
        openid.Authority = provider.Authority.ToString();
        openid.RequireHttpsMetadata = !provider.Authority.IsLoopback;
        openid.ClientId = provider.ClientId;
        openid.ClientSecret = provider.ClientSecret;
        openid.ResponseType = "code";
        openid.ResponseMode = "query"; // the default is a form sent from the provider's page: of another origin, which we refuse
        openid.CallbackPath = "/sign-in/openid/callback";
        openid.SignInScheme = IdentityConstants.ExternalScheme;
        openid.MapInboundClaims = false;
        openid.TokenValidationParameters.NameClaimType = "name";
        openid.BackchannelTimeout = provider.Patience;
        foreach (var cookie in new[] { openid.CorrelationCookie, openid.NonceCookie })
        {
            // The callback is a link that the browser follows. The default, None, is for the form, and browsers keep it only with TLS.
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        }
        openid.Events.OnRemoteFailure = context =>
        {
            // Without our state, or without the cookie that belongs to it, anybody can come as often as they like: that is not written down.
            if (context.Properties is not null && context.Failure is not AuthenticationFailureException)
                Log(context.HttpContext, provider, context.Failure);
            context.Response.Redirect(Trouble("openid", context.Properties?.GetString(After)));
            context.HandleResponse();
            return Task.CompletedTask;
        };
    });

    public static void MapProvider(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/sign-in/openid", BeginAsync).Needs(Act.Enter);
        routes.MapGet("/sign-in/openid/done", FinishAsync).Needs(Act.Enter);
    }

    /// <summary>
    /// Sends the person to the provider by a page that goes on by itself: a form may lead to this origin only (form-action), also by redirects.
    /// </summary>
    private static async Task<IResult> BeginAsync(HttpContext context, SignInManager<Account> signIn, SensorHubWebOptions options, string? @return)
    {
        var after = LocalPath.Of(@return);
        var properties = signIn.ConfigureExternalAuthenticationProperties(Scheme, $"/sign-in/openid/done?return={Uri.EscapeDataString(after)}");
        properties.SetString(After, after);
        try
        {
            await context.ChallengeAsync(Scheme, properties).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            Log(context, options.OpenId!, e);
            return TypedResults.LocalRedirect(Trouble("openid-away", after));
        }
        var to = HtmlEncoder.Default.Encode(context.Response.Headers.Location.ToString());
        context.Response.Headers.Remove("Location");
        var name = HtmlEncoder.Default.Encode(options.OpenId!.Name);
        return TypedResults.Content(
            $"""<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={to}"><title>Sign in</title><p><a href="{to}">Go on to {name}</a></p></html>""",
            "text/html; charset=utf-8", statusCode: StatusCodes.Status200OK);
    }

    /// <summary>An account that is linked signs in; who came by an invitation gets one that is; anybody else is told to ask for one.</summary>
    private static async Task<IResult> FinishAsync(HttpContext context, SignInManager<Account> signIn, UserManager<Account> accounts, Invitations invitations, Enrolment enrolment, AuditLog audit, string? @return)
    {
        var after = LocalPath.Of(@return);
        if (await signIn.GetExternalLoginInfoAsync().ConfigureAwait(false) is not { } login)
            return TypedResults.LocalRedirect(Trouble("openid", after));
        var account = await accounts.FindByLoginAsync(login.LoginProvider, login.ProviderKey).ConfigureAwait(false);
        if (account is null && after.StartsWith("/join/", StringComparison.Ordinal) && await invitations.FindAsync(after["/join/".Length..], context.RequestAborted).ConfigureAwait(false) is { } invitation
            && await invitations.UseAsync(invitation, context.RequestAborted).ConfigureAwait(false))
        {
            var name = login.Principal.FindFirst("name")?.Value.Trim() is { Length: > 0 and <= 60 } given && !given.Any(char.IsControl) ? given : invitation.Name;
            account = await enrolment.MakeAsync($"openid-{Guid.NewGuid():n}", name, null, invitation.Role, default, context.RequestAborted).ConfigureAwait(false);
            await accounts.AddLoginAsync(account, login).ConfigureAwait(false);
            after = "/";
        }
        await context.SignOutAsync(IdentityConstants.ExternalScheme).ConfigureAwait(false);
        if (account is null)
            return TypedResults.LocalRedirect(Trouble("unknown", null));
        if (await accounts.IsLockedOutAsync(account).ConfigureAwait(false))
            return TypedResults.LocalRedirect(Trouble("locked", null));
        await signIn.SignInAsync(account, isPersistent: false, Scheme).ConfigureAwait(false);
        await audit.WriteAsync(new Viewer(account.Id, account.DisplayName, account.Role, default), default, "signed_in", Scheme, context.RequestAborted).ConfigureAwait(false);
        return TypedResults.LocalRedirect(after);
    }

    /// <summary>What went wrong, as the sign-in page says it.</summary>
    /// <returns>Null: nothing.</returns>
    public static string? Words(string? trouble, OpenIdOptions? provider) => trouble switch
    {
        "openid" => $"Signing in with {provider?.Name} did not work. Try again.",
        "openid-away" => $"{provider?.Name} cannot be reached now. Sign in with your password, or try again later.",
        "unknown" => "There is no account for you here yet. Ask for an invitation, and open its link first.",
        "locked" => "This account is closed, or had too many tries. Wait five minutes, then try again.",
        _ => null,
    };

    private static string Trouble(string trouble, string? after) => after is null or "/" ? $"/sign-in?trouble={trouble}" : $"/sign-in?trouble={trouble}&return={Uri.EscapeDataString(after)}";

    private static void Log(HttpContext context, OpenIdOptions provider, Exception? e) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OpenIdSignIn))
        .LogWarning("Signing in with {Name} at {Authority} failed ({Reason}): compare Web:OpenId with what is registered there.", provider.Name, provider.Authority, e?.Message.ReplaceLineEndings(" "));
}

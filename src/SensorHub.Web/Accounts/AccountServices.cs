using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SensorHub.Web.Access;
using SensorHub.Web.People;

namespace SensorHub.Web.Accounts;

/// <summary>Signing in: ASP.NET Core Identity over <see cref="PeopleContext"/>.</summary>
internal static class AccountServices
{
    public static void AddAccounts(this IServiceCollection services, SensorHubWebOptions options)
    {
        services.AddSingleton<IViewers, AccountViewers>();
        services.AddSingleton<IConsents>(provider => provider.GetRequiredService<Consents>());
        services.AddScoped<Enrolment>();
        services.AddSingleton<Invitations>();
        services.AddSingleton<AccessKeys>();
        services.AddSingleton<IKeys>(provider => provider.GetRequiredService<AccessKeys>());
        services.AddHttpContextAccessor();
        services.AddIdentityCore<Account>(identity =>
            {
                // Length is what makes a password hard to guess (NIST SP 800-63B, 5.1.1.2); rules on its letters do not.
                identity.Password.RequiredLength = 10;
                identity.Password.RequiredUniqueChars = 4;
                identity.Password.RequireDigit = identity.Password.RequireLowercase = identity.Password.RequireUppercase = identity.Password.RequireNonAlphanumeric = false;
                identity.Lockout.MaxFailedAccessAttempts = 5;
                identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
                identity.User.AllowedUserNameCharacters += " äöüÄÖÜß";
            })
            .AddEntityFrameworkStores<PeopleContext>().AddSignInManager().AddDefaultTokenProviders();
        var signing = services.AddAuthentication(IdentityConstants.ApplicationScheme);
        signing.AddIdentityCookies(cookies =>
        {
            foreach (var cookie in new[] { cookies.ApplicationCookie, cookies.ExternalCookie, cookies.TwoFactorUserIdCookie, cookies.TwoFactorRememberMeCookie })
                cookie!.Configure(c =>
                {
                    c.Cookie.HttpOnly = true;
                    c.Cookie.SameSite = SameSiteMode.Lax;
                    c.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                });
            cookies.ApplicationCookie!.Configure(c =>
            {
                c.Cookie.Name = "sensorhub";
                c.ExpireTimeSpan = TimeSpan.FromDays(30);
                c.SlidingExpiration = true;
            });
        });
        if (options.OpenId is { } provider)
            signing.AddProvider(provider);
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = async (rejected, cancellationToken) =>
            {
                if (rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait))
                    rejected.HttpContext.Response.Headers.RetryAfter = ((int)wait.TotalSeconds + 1).ToString(CultureInfo.InvariantCulture);
                await rejected.HttpContext.Response.WriteAsync("Too many tries. Wait a minute, then try again.", cancellationToken).ConfigureAwait(false);
            };
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => HttpMethods.IsPost(context.Request.Method) && IsTry(context.Request.Path)
                ? RateLimitPartition.GetFixedWindowLimiter(
                    context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new FixedWindowRateLimiterOptions { PermitLimit = options.TriesAMinute, Window = TimeSpan.FromMinutes(1) })
                : RateLimitPartition.GetNoLimiter(""));
        });
    }

    /// <summary>Who signs in, and what only they can do without a page.</summary>
    public static void UseAccounts(this IApplicationBuilder app)
    {
        app.UseRateLimiter();
        app.UseAuthentication();
    }

    public static void MapAccounts(this IEndpointRouteBuilder routes, SensorHubWebOptions options)
    {
        routes.MapPost("/sign-out", async (SignInManager<Account> signIn) =>
        {
            await signIn.SignOutAsync().ConfigureAwait(false);
            return TypedResults.LocalRedirect("/sign-in");
        }).Needs(Act.KeepAccount);
        if (options.OpenId is not null)
            routes.MapProvider();
    }

    private static bool IsTry(PathString path) => path.StartsWithSegments("/sign-in") || path.StartsWithSegments("/join") || path.StartsWithSegments("/welcome");
}

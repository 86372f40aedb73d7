using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace SensorHub.Web.Tests.Accounts;

/// <summary>
/// An OpenID Connect provider (OpenIddict) at <c>localhost</c>, which to a browser is another site than the pages' 127.0.0.1: people sign in on its page with a name and the password <see cref="Password"/>.
/// </summary>
internal sealed class OpenIdProvider : IAsyncDisposable
{
    public const string Password = "the provider's own";
    public const string Secret = "what the two share";

    private readonly SqliteConnection _memory;
    private int _port;
    private WebApplication? _app;

    private OpenIdProvider(SqliteConnection memory) => _memory = memory;

    /// <summary>Browsers reach it; what asks at the token endpoint finds the connection cut.</summary>
    public bool IsAwayForServers { get; set; }

    public Uri Authority => new($"http://localhost:{_port}/");

    /// <summary>How a hub that is registered here names it.</summary>
    public OpenIdOptions Options => new("Example Id", Authority, "hub", Secret) { Patience = TimeSpan.FromMinutes(5) };

    public static async Task<OpenIdProvider> StartAsync()
    {
        var memory = new SqliteConnection($"Data Source=openid-{Guid.NewGuid():N};Mode=Memory;Cache=Shared");
        memory.Open();
        var provider = new OpenIdProvider(memory);
        await provider.StartAgainAsync();
        return provider;
    }

    /// <summary>What a browser does here that was sent by a hub.</summary>
    /// <returns>Where it is sent then.</returns>
    public async Task<string> SignInAsync(Uri authorize, string name)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var asked = await browser.GetAsync(authorize);
        using var form = new FormUrlEncodedContent([new("name", name), new("password", Password)]);
        using var signedIn = await browser.PostAsync(new Uri(Authority, asked.Headers.Location!), form);
        using var sent = await browser.GetAsync(new Uri(Authority, signedIn.Headers.Location!));
        return sent.Headers.Location!.ToString();
    }

    /// <summary>A hub with these pages may send people here from now on.</summary>
    public async Task RegisterAsync(Uri pages)
    {
        await using var scope = _app!.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = "hub", ClientSecret = Secret, ClientType = ClientTypes.Confidential, ConsentType = ConsentTypes.Implicit,
            RedirectUris = { new Uri(pages, "/sign-in/openid/callback") },
            Permissions = { Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code, Permissions.Scopes.Profile },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        });
    }

    public Task StopAsync() => _app!.StopAsync();

    /// <summary>At the same address as before.</summary>
    public async Task StartAgainAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _app = await StartAsync(_memory.ConnectionString, _port);
        _port = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        await _memory.DisposeAsync();
    }

    private async Task<WebApplication> StartAsync(string store, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddDbContext<DbContext>(db => db.UseSqlite(store).UseOpenIddict());
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie => (cookie.LoginPath, cookie.Cookie.Name) = ("/login", "provider"));
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>())
            .AddServer(server =>
            {
                server.SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris("token");
                server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
                server.RegisterScopes(Scopes.Profile);
                server.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
                server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().DisableTransportSecurityRequirement();
            });
        var app = builder.Build();
        await using (var scope = app.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<DbContext>().Database.EnsureCreatedAsync();
        app.Use((context, next) =>
        {
            if (!IsAwayForServers || context.Request.Path != "/token")
                return next(context);
            context.Abort();
            return Task.CompletedTask;
        });
        app.UseAuthentication();
        app.MapGet("/login", (string returnUrl) => TypedResults.Content($"""
            <!DOCTYPE html><title>Example Id</title><h1>Example Id</h1>
            <form method="post" action="/login?ReturnUrl={Uri.EscapeDataString(returnUrl)}">
              <label>Name at Example Id <input name="name"></label> <label>Its password <input name="password" type="password"></label> <button>Let me in</button>
            </form>
            """, "text/html"));
        app.MapPost("/login", async (HttpContext context, string returnUrl, [FromForm] string name, [FromForm] string password) =>
        {
            if (password != Password)
                return Results.Unauthorized();
            await context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], CookieAuthenticationDefaults.AuthenticationScheme)));
            return Results.LocalRedirect(returnUrl);
        }).DisableAntiforgery();
        app.MapGet("/authorize", async (HttpContext context) =>
        {
            if ((await context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme)).Principal?.Identity?.Name is not { } name)
                return Results.Challenge(authenticationSchemes: [CookieAuthenticationDefaults.AuthenticationScheme]);
            var identity = new ClaimsIdentity(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme, Claims.Name, Claims.Role);
            identity.SetClaim(Claims.Subject, $"id-of-{name}").SetClaim(Claims.Name, name);
            identity.SetScopes(context.GetOpenIddictServerRequest()!.GetScopes());
            identity.SetDestinations(_ => [Destinations.IdentityToken]);
            return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        });
        await app.StartAsync();
        return app;
    }
}

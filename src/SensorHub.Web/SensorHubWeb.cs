using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using MudBlazor.Services;
using SensorHub.Web.Access;
using SensorHub.Web.Board;
using SensorHub.Web.Accounts;
using SensorHub.Web.BeforeAfter;
using SensorHub.Web.Lab;
using SensorHub.Web.Live;
using SensorHub.Web.People;
using SensorHub.Web.Posture;
using SensorHub.Web.Progress;
using SensorHub.Web.Roll;
using SensorHub.Web.Security;
using SensorHub.Web.Sensors;
using SensorHub.Web.Studies;
using SensorHub.Web.Shell;

namespace SensorHub.Web;

/// <summary>Puts the pages into a web application: <see cref="AddSensorHubWeb"/> before it is built, <see cref="MapSensorHubWeb"/> after.</summary>
/// <remarks>
/// Pages are rendered once, on the server; what moves is drawn in the browser from the live stream. So no page needs a
/// circuit, and a person on a mat sees no "reconnecting" over their numbers. The first page that does need one adds
/// interactive components here, Blazor's script in App.razor, and a check of the Origin of the circuit's handshake.
/// </remarks>
public static class SensorHubWeb
{
    public static IServiceCollection AddSensorHubWeb(this IServiceCollection services, SensorHubWebOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<LiveStream>();
        services.AddSingleton<BrokerFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<BrokerFeed>());
        services.Configure<HostFilteringOptions>(filter => filter.AllowedHosts = [.. options.AllowedHosts]);
        services.AddRazorComponents();
        services.AddAntiforgery(antiforgery => antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        services.AddMudServices();
        services.AddPeople(options);
        services.AddRoll();
        services.AddPosture(options);
        services.AddProgress();
        services.AddBoard();
        services.AddLab();
        return services;
    }

    /// <summary>Adds host filter, security headers, static assets, the pages and their live stream.</summary>
    public static WebApplication MapSensorHubWeb(this WebApplication app)
    {
        // Development does this by itself; `dotnet run` with another environment would find no CSS. Published, it is a no-op.
        if (!app.Environment.IsDevelopment())
            StaticWebAssetsLoader.UseStaticWebAssets(app.Environment, app.Configuration);

        // Run from a build, assets are otherwise read anew for each request, and "compressed" without compressing (627 KB instead of 67).
        app.Configuration["ReloadStaticAssetsAtRuntime"] ??= "false";

        app.Services.OpenPeople();
        app.UseHostFiltering();
        app.UseHsts(); // 30 days, by TLS only, and for no loopback name: there a browser would keep other programs of this computer from plain HTTP
        app.UseSecurityHeaders();
        app.UseSameOrigin();
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            // A page in place of a refused command would be executed as a command, and answer 400.
            if (!HttpMethods.IsGet(context.Request.Method) && context.Features.Get<IStatusCodePagesFeature>() is { } pages)
                pages.Enabled = false;
            return next(context);
        });
        var options = app.Services.GetRequiredService<SensorHubWebOptions>();
        if (options.People is not null)
            app.UseAccounts();
        app.UseAccess();
        app.UseAntiforgery();
        app.MapStaticAssets().Needs(Act.Enter);
        app.MapLive();
        app.MapCommand();
        app.MapBoard();
        app.MapLab();
        if (options.People is not null)
            app.MapAccounts(options);
        app.MapBeforeAfter();
        app.MapPosture();
        app.MapProgress();
        app.MapStudies();
        if (options.Sensors is { } desk)
            app.MapSensors(desk);
        app.MapRazorComponents<App>().Add(static endpoint =>
        {
            // The framework's own, which show nothing.
            if (!endpoint.Metadata.OfType<ComponentTypeMetadata>().Any())
                endpoint.Metadata.Add(new NeedsAttribute(Act.Enter));
        });
        return app;
    }
}

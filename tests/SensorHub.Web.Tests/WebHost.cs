using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Mqtt;
using SensorHub.Storage.History;
using SensorHub.Web.BeforeAfter;
using SensorHub.Web.Live;
using SensorHub.Web.Sensors;

namespace SensorHub.Web.Tests;

/// <summary>The pages on a real Kestrel at a free loopback port, as the executable hosts them, but without a broker: tests feed <see cref="Feed"/>.</summary>
internal sealed class WebHost : IAsyncDisposable
{
    public static readonly Slug Hub = Slug.Parse("home");

    private readonly WebApplication _app;
    private readonly List<IBrowserContext> _contexts = [];

    private WebHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    public LiveFeed Feed => _app.Services.GetRequiredService<LiveFeed>();

    public static async Task<WebHost> StartAsync(string environment = "Production", MqttConnection? broker = null, ISensorDesk? sensors = null, IHistory? history = null, string? people = null, IOutcomes? outcomes = null, Action<IServiceCollection>? services = null, bool allHubs = false, Func<SensorHubWebOptions, SensorHubWebOptions>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = environment,
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(WebHost).Assembly.GetName().Name,
        });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var options = new SensorHubWebOptions
        {
            Hub = Hub,
            Broker = broker ?? new MqttConnection("127.0.0.1", 1, null, null),
            Sensors = sensors,
            History = history,
            People = people,
            Outcomes = outcomes,
            AllHubs = allHubs,
        };
        builder.Services.AddSensorHubWeb(configure is null ? options : configure(options));
        services?.Invoke(builder.Services);
        if (broker is null)
            builder.Services.RemoveAll<IHostedService>();
        var app = builder.Build();
        app.MapSensorHubWeb();
        await app.StartAsync();
        return new WebHost(app);
    }

    /// <summary>A page of these, in a browser context of its own that closes with the host.</summary>
    public async Task<IPage> OpenAsync(Browser browser, BrowserNewContextOptions? options = null, string path = "/")
    {
        var context = await browser.NewContextAsync(options);
        _contexts.Add(context);
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(Address, path).ToString());
        return page;
    }

    /// <summary>The hub goes; pages stay open.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
            await context.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

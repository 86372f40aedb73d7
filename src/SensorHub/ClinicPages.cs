using Microsoft.AspNetCore.DataProtection;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Health;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Storage.History;
using SensorHub.Web;
using SensorHub.Web.Live;

namespace SensorHub;

/// <summary>
/// <c>sensorhub run --role clinic</c>: pages for the people of all hubs that send to one broker. What is live comes from the broker, what was comes from
/// the database; nothing is recorded or computed here, so that any number of these may run beside one another.
/// </summary>
public sealed class ClinicPages : IAsyncDisposable
{
    private readonly IDisposable _lock;
    private readonly InfluxHistory? _history;
    private ServerCertificate? _certificate;
    private HealthWatch? _watch;
    private WebApplication? _web;

    private ClinicPages(MqttConnection broker, InfluxHistory? history, string? database, IDisposable @lock)
    {
        (Broker, _history, History, _lock) = (broker, history, database, @lock);
    }

    public MqttConnection Broker { get; }

    /// <summary>Where the past comes from; null = there is none.</summary>
    public string? History { get; }

    /// <summary>Address of the pages.</summary>
    public Uri Page { get; private set; } = null!;

    /// <exception cref="UserException">Something it needs is not there: a port, a folder.</exception>
    public static async Task<ClinicPages> StartAsync(HubOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var folder = DataFolder.Open(options.Data);
        var influx = options.Influx.ToStorage();
        var clinic = new ClinicPages(options.Mqtt.ToConnection()!, influx is null ? null : new InfluxHistory(influx, time), influx?.Url.ToString(), folder.Lock());
        try
        {
            await clinic.StartWebAsync(options, folder, time, loggers, cancellationToken);
            return clinic;
        }
        catch
        {
            await clinic.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_watch is not null)
            await _watch.DisposeAsync();
        if (_web is not null)
            await _web.DisposeAsync();
        _certificate?.Dispose();
        _history?.Dispose();
        _lock.Dispose();
    }

    private async Task StartWebAsync(HubOptions options, DataFolder folder, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "sensorhub", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(loggers);
        var web = options.Web;
        builder.Services.AddSensorHubWeb(new SensorHubWebOptions
        {
            Hub = Slug.Parse(options.Hub), AllHubs = true, Broker = Broker, History = _history,
            People = web.Accounts ? folder.People : null, OpenId = web.OpenId.ToWeb(), AllowedHosts = web.AllowedHosts,
        });
        builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(folder.Keys));
        LiveFeed? feed = null;
        HealthPart[] parts =
        [
            new("broker", () => feed?.BrokerTrouble is { } trouble ? PartState.Failed(trouble, "It is tried again by itself.") : PartState.Ok($"Connected to {Broker}.")),
            HealthParts.Clock(time),
        ];
        builder.Services.AddHubHealth(parts);
        _certificate = web.Certificate is { } file ? new ServerCertificate("pages", "Web", file, web.CertificateKey!, time, loggers.CreateLogger<ServerCertificate>()) : null;
        PageHost.Listen(builder, web, _certificate);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        _web = builder.Build();
        _web.MapSensorHubWeb();
        _web.MapHubHealth();
        feed = _web.Services.GetRequiredService<LiveFeed>();
        _watch = new HealthWatch(parts, time, line => loggers.CreateLogger<HealthWatch>().LogWarning("{Line}", line));
        Page = await PageHost.StartAsync(_web, web, cancellationToken);
    }
}

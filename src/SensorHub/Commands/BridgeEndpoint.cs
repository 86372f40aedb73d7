using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SensorHub.Core;
using SensorHub.Health;
using SensorHub.Storage.Bridging;

namespace SensorHub.Commands;

/// <summary>What a bridge says to who watches it: <c>/alive</c>, <c>/health</c>, <c>/metrics</c> on 127.0.0.1.</summary>
internal static class BridgeEndpoint
{
    /// <exception cref="UserException">The port cannot be had.</exception>
    public static async Task<WebApplication> StartAsync(int port, IReadOnlyList<BridgeWorker> workers, Quarantine quarantine, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "sensorhub", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddHubHealth(Parts(workers, quarantine));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var web = builder.Build();
        web.MapHubHealth();
        try
        {
            await web.StartAsync(cancellationToken);
            return web;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await web.DisposeAsync();
            throw new UserException(string.Create(CultureInfo.InvariantCulture, $"Port {port} on 127.0.0.1, wanted for /health, cannot be had ({e.GetBaseException().Message}): choose another with --port, or stop the program that has it."), e);
        }
    }

    private static List<HealthPart> Parts(IReadOnlyList<BridgeWorker> workers, Quarantine quarantine) =>
    [
        .. workers.SelectMany(worker => new[]
        {
            HealthParts.Broker($"broker_for_{worker.Status.Id}", worker.Link),
            HealthParts.Output(worker.Status.Id.ToString(), () => worker.Status),
        }),
        HealthParts.Quarantine(() => quarantine.Count),
        HealthParts.Clock(TimeProvider.System),
    ];
}

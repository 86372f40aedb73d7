using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OpenTelemetry.Metrics;
using SensorHub.Core;
using SensorHub.Storage.Bridging;

namespace SensorHub.Commands;

/// <summary>What a bridge says to who watches it: <c>/alive</c>, <c>/health</c>, <c>/metrics</c> on 127.0.0.1.</summary>
internal static class BridgeEndpoint
{
    /// <exception cref="UserException">The port cannot be had.</exception>
    public static async Task<WebApplication> StartAsync(int port, IReadOnlyList<BridgeWorker> workers, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "sensorhub", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("SensorHub.*").AddPrometheusExporter());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var web = builder.Build();
        web.MapGet("/alive", () => "alive\n");
        web.MapGet("/health", () => Health(workers));
        web.MapPrometheusScrapingEndpoint("/metrics");
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

    /// <summary>503 while an output or the broker is away; a line for each either way.</summary>
    private static IResult Health(IReadOnlyList<BridgeWorker> workers)
    {
        var well = workers.All(w => w.Status.Fault is null && w.LinkFault is null);
        var lines = workers.Select(w => w.Status).Zip(workers, (status, worker) => string.Create(
            CultureInfo.InvariantCulture, $"{status.Id}: {worker.LinkFault ?? status.Fault ?? "ok"} ({status.Stored} stored, {status.Waiting} waiting, lag {status.Lag.TotalSeconds:0.0} s)\n"));
        return Results.Text(string.Concat(lines), statusCode: well ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using SensorHub.Web.Access;

namespace SensorHub.Health;

/// <summary>
/// <c>/alive</c>, <c>/health</c> and <c>/metrics</c> of a program with parts: <see cref="AddHubHealth"/> before the application is built,
/// <see cref="MapHubHealth"/> after. README.md says what they answer.
/// </summary>
public static class HealthEndpoints
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="parts">In the order in which they are shown.</param>
    public static IServiceCollection AddHubHealth(this IServiceCollection services, IReadOnlyList<HealthPart> parts)
    {
        var checks = services.AddHealthChecks();
        foreach (var part in parts)
            checks.AddCheck(part.Name, new PartCheck(part));
        services.AddSingleton(new HealthMeter(parts));
        services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("sensorhub", serviceVersion: Program.Version)).WithMetrics(metrics => metrics.AddMeter("SensorHub", "SensorHub.*").AddPrometheusExporter());
        return services;
    }

    /// <param name="trace">Names this run in messages (the user property <c>trace</c>); null = there is none.</param>
    public static WebApplication MapHubHealth(this WebApplication app, string? trace = null)
    {
        _ = app.Services.GetRequiredService<HealthMeter>(); // made, so that it is disposed with the application
        app.MapHealthChecks("/alive", new HealthCheckOptions
        {
            Predicate = static _ => false, // it answers, so it lives
            ResponseWriter = static (context, _) => context.Response.WriteAsync("alive\n", context.RequestAborted),
        }).Needs(Act.Enter);
        app.MapHealthChecks("/health", new HealthCheckOptions
        {
            ResultStatusCodes = { [HealthStatus.Healthy] = 200, [HealthStatus.Degraded] = 200, [HealthStatus.Unhealthy] = 503 },
            ResponseWriter = (context, report) => WriteAsync(context, report, trace),
        }).Needs(Act.Enter); // of the machine, and of nobody who is measured
        app.MapPrometheusScrapingEndpoint("/metrics").Needs(Act.Enter);
        return app;
    }

    private static async Task WriteAsync(HttpContext context, HealthReport report, string? trace)
    {
        var body = new ArrayBufferWriter<byte>();
        await using var json = new Utf8JsonWriter(body, Readable);
        json.WriteStartObject();
        json.WriteString("status", PartState.Word(report.Status));
        json.WriteString("version", Program.Version);
        if (trace is not null)
            json.WriteString("trace", trace);
        json.WriteStartObject("parts");
        foreach (var (name, part) in report.Entries)
        {
            json.WriteStartObject(name);
            json.WriteString("status", PartState.Word(part.Status));
            json.WriteString("says", part.Description);
            if (part.Data.TryGetValue(PartCheck.Remedy, out var remedy))
                json.WriteString(PartCheck.Remedy, (string)remedy);
            foreach (var (key, value) in part.Data.Where(d => d.Key != PartCheck.Remedy))
            {
                json.WritePropertyName(key);
                JsonSerializer.Serialize(json, value, value.GetType());
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}

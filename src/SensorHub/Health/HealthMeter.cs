using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SensorHub.Health;

/// <summary>The meter <c>SensorHub</c>: each part's health, for alerts.</summary>
internal sealed class HealthMeter : IDisposable
{
    private readonly Meter _meter = new("SensorHub");

    public HealthMeter(IReadOnlyList<HealthPart> parts) => _meter.CreateObservableGauge(
        "sensorhub.health",
        () => parts.Select(part => new Measurement<int>(PartCheck.Look(part).Status switch
        {
            HealthStatus.Healthy => 0,
            HealthStatus.Degraded => 1,
            _ => 2,
        }, new KeyValuePair<string, object?>("part", part.Name))),
        null,
        "How a part is: 0 ok, 1 degraded, 2 failed.");

    public void Dispose() => _meter.Dispose();
}

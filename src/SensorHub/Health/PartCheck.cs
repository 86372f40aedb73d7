using Microsoft.Extensions.Diagnostics.HealthChecks;
using SensorHub.Core;

namespace SensorHub.Health;

/// <summary>A part as ASP.NET's health checks know it.</summary>
internal sealed class PartCheck(HealthPart part) : IHealthCheck
{
    /// <summary>Key of the remedy among the data.</summary>
    public const string Remedy = "do";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var state = Look(part);
        part.Told(state.Status);
        var data = new Dictionary<string, object>(state.Numbers);
        if (state.Remedy is { } remedy)
            data[Remedy] = remedy;
        return Task.FromResult(new HealthCheckResult(state.Status, state.Says, data: data));
    }

    /// <summary>A part that cannot even say how it is has failed.</summary>
    public static PartState Look(HealthPart part)
    {
        try
        {
            return part.Look();
        }
        catch (Exception e) when (e is UserException or ObjectDisposedException or InvalidOperationException or NullReferenceException)
        {
            return PartState.Failed(e is UserException ? e.Message.ReplaceLineEndings(" ") : $"'{part.Name}' is not there: the program is starting or stopping.");
        }
    }
}

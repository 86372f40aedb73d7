using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SensorHub.Health;

/// <summary>A part of the program that says how it is. Whoever has such a part gives one of these to <see cref="HealthEndpoints.AddHubHealth"/>.</summary>
/// <param name="Name">A slug, the same for ever: programs look for it.</param>
/// <param name="Look">How it is now. Asked from any thread, every few seconds; returns at once and does not throw.</param>
public sealed record HealthPart(string Name, Func<PartState> Look)
{
    private int _worst = (int)HealthStatus.Healthy; // the worse, the smaller

    /// <summary>It has a line of its own in the log when something happens to it.</summary>
    public bool SaysItself { get; init; }

    /// <summary>Somebody was told so.</summary>
    internal void Told(HealthStatus status)
    {
        for (var worst = Volatile.Read(ref _worst); (int)status < worst; worst = Volatile.Read(ref _worst))
            if (Interlocked.CompareExchange(ref _worst, (int)status, worst) == worst)
                return;
    }

    /// <summary>The worst that anybody was told since this was asked last.</summary>
    internal HealthStatus TakeWorst() => (HealthStatus)Interlocked.Exchange(ref _worst, (int)HealthStatus.Healthy);
}

/// <summary>How a part is.</summary>
/// <param name="Status">
/// Healthy; degraded: it goes on and nothing is lost so far, but somebody should know; unhealthy: it does not do what it is for.
/// </param>
/// <param name="Says">One plain line: what is.</param>
/// <param name="Remedy">One plain line: what to do; null when there is nothing to do.</param>
public sealed record PartState(HealthStatus Status, string Says, string? Remedy = null)
{
    /// <summary>What programs may want to read; names carry their unit.</summary>
    public IReadOnlyDictionary<string, object> Numbers { get; init; } = new Dictionary<string, object>();

    public static PartState Ok(string says) => new(HealthStatus.Healthy, says);

    public static PartState Degraded(string says, string? remedy = null) => new(HealthStatus.Degraded, says, remedy);

    public static PartState Failed(string says, string? remedy = null) => new(HealthStatus.Unhealthy, says, remedy);

    /// <summary>As it is written for people and programs: <c>ok</c>, <c>degraded</c>, <c>failed</c>.</summary>
    public static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "ok",
        HealthStatus.Degraded => "degraded",
        _ => "failed",
    };
}

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SensorHub.Health;

/// <summary>
/// Looks at the parts every few seconds and has a line said when one is well again, so that whoever reads "no broker listens, trying again" also
/// reads when that was over; and when one is not well any more, unless the part says that itself.
/// </summary>
public sealed class HealthWatch : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<HealthPart> _parts;
    private readonly Action<string> _say;
    private readonly Dictionary<string, HealthStatus> _last = [];
    private readonly ITimer _timer;

    /// <param name="say">Takes a line for a person.</param>
    public HealthWatch(IReadOnlyList<HealthPart> parts, TimeProvider time, Action<string> say)
    {
        (_parts, _say) = (parts, say);
        _timer = time.CreateTimer(_ => Look(), null, Period, Period);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Look()
    {
        lock (_last) // a slow look may meet the next one
            foreach (var part in _parts)
            {
                var state = PartCheck.Look(part);
                // What came and went between two looks, and somebody was told of, is over now: that is told too.
                var last = _last.GetValueOrDefault(part.Name, HealthStatus.Healthy);
                var before = part.TakeWorst() is var told && told < last ? told : last;
                _last[part.Name] = state.Status;
                if (state.Status == HealthStatus.Healthy && before != HealthStatus.Healthy)
                    _say($"{part.Name} is ok again. {state.Says}");
                else if (state.Status < last && !part.SaysItself) // the worse, the smaller
                    _say($"{part.Name}: {state.Says}{(state.Remedy is { } remedy ? " " + remedy : "")}");
            }
    }
}

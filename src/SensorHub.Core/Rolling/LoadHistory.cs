using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>The forces of the last moments, for strokes and dwells that turn out to have begun a while ago.</summary>
internal sealed class LoadHistory
{
    private readonly Queue<(Timestamp Time, Measured Force)> _forces = new();

    public void Add(Timestamp time, Measured force) => _forces.Enqueue((time, force));

    /// <summary>Nothing before this time will be asked for.</summary>
    public void ForgetBefore(Timestamp time)
    {
        while (_forces.TryPeek(out var oldest) && oldest.Time < time)
            _forces.Dequeue();
    }

    public void Clear() => _forces.Clear();

    /// <summary>Mean, peak and impulse between two times, N, N and N·s; null when no force is known there.</summary>
    public (Measured Mean, double Peak, double Impulse)? Between(Timestamp start, Timestamp end)
    {
        var (sum, uncertainty, peak, count) = (0.0, 0.0, 0.0, 0);
        foreach (var (time, force) in _forces)
        {
            if (time < start || time > end)
                continue;
            (sum, uncertainty, peak, count) = (sum + force.Value, uncertainty + force.StandardUncertainty, Math.Max(peak, force.Value), count + 1);
        }
        // The error of a calibration is the same for all samples: averaging does not lessen it.
        return count == 0 ? null : (new Measured(sum / count, uncertainty / count), peak, sum / count * (end - start).TotalSeconds);
    }
}

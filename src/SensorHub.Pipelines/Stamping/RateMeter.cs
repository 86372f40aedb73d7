using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Stamping;

/// <summary>Samples per second over the last five seconds, or since the first frame.</summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Queue<(Timestamp At, int Samples)> _frames = new();
    private Timestamp? _first;
    private long _samples;

    public void Add(Timestamp at, int samples)
    {
        if (_first is null)
        {
            _first = at; // its samples were taken before the time that is counted
            return;
        }
        _frames.Enqueue((at, samples));
        _samples += samples;
    }

    /// <summary>The rate at this time; times must not go back.</summary>
    public double At(Timestamp now)
    {
        while (_frames.TryPeek(out var frame) && now - frame.At >= Window)
            _samples -= _frames.Dequeue().Samples;
        if (_first is not { } first || now <= first)
            return 0;
        var span = now - first;
        return _samples / (span < Window ? span : Window).TotalSeconds;
    }
}

using System.Diagnostics.CodeAnalysis;

namespace SensorHub.Core.Timing;

/// <summary>
/// Puts samples of several streams into one order of sample time. Frames of the streams arrive apart; a sample is given
/// out once no other stream can still bring an earlier one. A stream that stays behind by more than
/// <paramref name="patience"/> of sample time is not waited for; what it brings later is given out at once, late but in
/// its own order. What comes out depends on the order of <see cref="Add"/> alone, not on any clock.
/// </summary>
public sealed class SampleMerge<T>(int streams, TimeSpan patience)
{
    private readonly Queue<(Timestamp Time, T Sample)>[] _queues = [.. Enumerable.Range(0, streams).Select(_ => new Queue<(Timestamp, T)>())];
    private readonly Timestamp?[] _latest = new Timestamp?[streams];
    private Timestamp _newest = new(long.MinValue);

    /// <summary>Takes a sample in. One not later than the last of its stream is dropped.</summary>
    public void Add(int stream, Timestamp time, T sample)
    {
        if (_latest[stream] is { } latest && time <= latest)
            return;
        _latest[stream] = time;
        if (time > _newest)
            _newest = time;
        _queues[stream].Enqueue((time, sample));
    }

    /// <summary>The next sample in order, when there is one. Equal times come in the order of the streams.</summary>
    /// <param name="drain">Wait for nobody.</param>
    /// <param name="sample">The sample.</param>
    public bool TryTake([MaybeNullWhen(false)] out T sample, bool drain = false)
    {
        sample = default;
        var first = -1;
        for (var i = 0; i < streams; i++)
            if (_queues[i].TryPeek(out var head) && (first < 0 || head.Time < _queues[first].Peek().Time))
                first = i;
        if (first < 0)
            return false;

        var time = _queues[first].Peek().Time;
        if (!drain && _newest - time <= patience)
            for (var i = 0; i < streams; i++)
                if (_queues[i].Count == 0 && !(_latest[i] >= time))
                    return false;

        sample = _queues[first].Dequeue().Sample;
        return true;
    }
}

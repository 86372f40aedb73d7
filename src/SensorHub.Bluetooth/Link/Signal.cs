namespace SensorHub.Bluetooth.Link;

/// <summary>Wakes the one who waits. Set while nobody waits, it ends the next wait at once.</summary>
internal sealed class Signal(TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiting;
    private bool _set;

    public void Set()
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            waiting = _waiting;
            _waiting = null;
            _set = waiting is null;
        }
        waiting?.TrySetResult();
    }

    /// <summary>Until it is set, or the time is over.</summary>
    /// <param name="limit">Infinite = no limit; below 0 = none at all.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource waiting;
        lock (_gate)
        {
            if (_set)
            {
                _set = false;
                return;
            }
            _waiting = waiting = new TaskCompletionSource();
        }
        var due = limit == Timeout.InfiniteTimeSpan || limit > TimeSpan.Zero ? limit : TimeSpan.Zero;
        using var timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), waiting, due, Timeout.InfiniteTimeSpan);
        using var cancelling = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiting);
        try
        {
            await waiting.Task;
        }
        finally
        {
            lock (_gate)
                if (_waiting == waiting)
                    _waiting = null;
        }
        await Task.Yield(); // out of the callback that set it
    }
}

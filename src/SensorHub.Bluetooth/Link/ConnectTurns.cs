namespace SensorHub.Bluetooth.Link;

/// <summary>
/// One attempt to connect at a time: controllers do one, and stacks answer a second with an error. A sensor that was
/// heard takes precedence over an attempt in the dark, which is cancelled for it.
/// </summary>
internal sealed class ConnectTurns
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private CancellationTokenSource? _dark;
    private bool _taken;

    /// <summary>Runs the attempt when it is its turn.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        try
        {
            return await attempt(cancellationToken);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Runs the attempt when nobody else connects, until somebody else wants to.</summary>
    /// <returns>Default when somebody else does.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<T?> RunInTheDarkAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
        where T : class
    {
        var dark = new CancellationTokenSource(); // not disposed: who comes next may be about to cancel it
        lock (_gate)
        {
            if (_taken)
                return null;
            (_taken, _dark) = (true, dark);
        }
        using var cancelling = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), dark);
        try
        {
            return await attempt(dark.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            lock (_gate)
                _dark = null;
            Leave();
        }
    }

    private async Task EnterAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        CancellationTokenSource? dark;
        lock (_gate)
        {
            if (!_taken)
            {
                _taken = true;
                return;
            }
            _waiting.Enqueue(turn = new TaskCompletionSource());
            dark = _dark;
        }
        dark?.Cancel(); // CancelAsync would continue on the thread pool, away from virtual time
        using var cancelling = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), turn);
        await turn.Task;
        await Task.Yield(); // out of the turn before
    }

    private void Leave()
    {
        while (true)
        {
            TaskCompletionSource? next;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out next))
                {
                    _taken = false;
                    return;
                }
            }
            if (next.TrySetResult())
                return;
        }
    }
}

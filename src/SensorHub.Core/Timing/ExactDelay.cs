namespace SensorHub.Core.Timing;

public static class ExactDelay
{
    /// <summary>
    /// Waits to the tick. <see cref="Task.Delay(TimeSpan, TimeProvider, CancellationToken)"/> cuts to whole milliseconds, and continues what
    /// combines it (<c>WhenAny</c>) on the thread pool, where <see cref="VirtualTime"/> cannot wait for it.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task ExactlyAsync(this TimeProvider time, TimeSpan delay, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource();
        using var timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), done, delay, Timeout.InfiniteTimeSpan);
        using var cancelling = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), done);
        await done.Task;
    }
}

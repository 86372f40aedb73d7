using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace SensorHub.Web.Sensors;

/// <summary>
/// The one stream of a sensor page, as server-sent events. <c>state</c>: all there is to show, first of all and whenever it
/// has changed; <c>heartbeat</c>: nothing changed for a second.
/// </summary>
internal static class DeskEvents
{
    /// <summary>From push to push: numbers that change faster cannot be read.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest silence.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    /// <param name="cancellationToken">The page is gone, or the hub is stopping: ends the stream quietly.</param>
    public static async IAsyncEnumerable<SseItem<string>> Read(ISensorDesk desk, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var changes = new SemaphoreSlim(1, 1);
        var gate = new Lock();
        var last = "";
        desk.Changed += Note;
        try
        {
            while (await WaitAsync(changes, time, cancellationToken).ConfigureAwait(false) is { } changed)
            {
                var state = changed ? DeskJson.Of(desk.State) : last;
                yield return state == last && last.Length > 0 ? new SseItem<string>("{}", "heartbeat") : new SseItem<string>(state, "state");
                last = state;
            }
        }
        finally
        {
            desk.Changed -= Note;
        }

        void Note()
        {
            lock (gate)
                if (changes.CurrentCount == 0)
                    changes.Release();
        }
    }

    /// <returns>True: something changed; false: a heartbeat is due; null: the stream is over.</returns>
    private static async Task<bool?> WaitAsync(SemaphoreSlim changes, TimeProvider time, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Heartbeat, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            await changes.WaitAsync(either.Token).ConfigureAwait(false);
            await Task.Delay(Period, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? null : false;
        }
    }
}

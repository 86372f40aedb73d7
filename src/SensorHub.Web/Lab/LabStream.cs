using System.Runtime.CompilerServices;

namespace SensorHub.Web.Lab;

/// <summary>One stream: a hello, then lines as they come, with a heartbeat in each second of silence and a word about lines that were dropped.</summary>
internal sealed class LabStream(LabFeed feed, TimeProvider time)
{
    /// <summary>Longest silence.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    /// <summary>Lines that are sent in one go at most.</summary>
    private const int Batch = 256;

    /// <param name="viewer">What to read; it is the caller's to close.</param>
    /// <param name="over">Ends it, after a line with the reason.</param>
    /// <param name="reason">Asked then.</param>
    public async IAsyncEnumerable<IReadOnlyList<byte[]>> ReadAsync(LabViewer viewer, Func<string> reason, [EnumeratorCancellation] CancellationToken over)
    {
        yield return [LabLines.Hello(viewer.Subject, viewer.Kinds, time.GetUtcNow())];
        var (lost, told) = (feed.Dropped, 0L);
        while (await WaitAsync(viewer, over).ConfigureAwait(false) is { } any)
        {
            List<byte[]> lines = [];
            if (viewer.Dropped + feed.Dropped - lost is var dropped && dropped > told)
            {
                lines.Add(LabLines.Dropped(dropped - told, dropped));
                told = dropped;
            }
            while (lines.Count < Batch && viewer.TryTake(out var line))
                lines.Add(line!);
            if (!any)
                lines.Add(LabLines.Heartbeat(time.GetUtcNow(), feed.Trouble));
            yield return lines;
        }
        yield return [LabLines.End(reason())];
    }

    /// <returns>True: lines wait; false: a heartbeat is due; null: the stream is over.</returns>
    private async Task<bool?> WaitAsync(LabViewer viewer, CancellationToken over)
    {
        if (over.IsCancellationRequested)
            return null;
        using var silence = new CancellationTokenSource(Heartbeat, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, over);
        try
        {
            return await viewer.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return over.IsCancellationRequested ? null : false;
        }
    }
}

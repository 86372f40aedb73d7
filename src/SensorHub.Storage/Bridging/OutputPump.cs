using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace SensorHub.Storage.Bridging;

/// <summary>Brings points to one output, in batches and in order, and waits while it is away. The other outputs do not wait for it.</summary>
internal sealed class OutputPump(IPointOutput output, int number, Receipts receipts, BridgeOptions options, TimeProvider time, ILogger logger)
{
    // Bounded by the receipts' room.
    private readonly Channel<Entry> _entries = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Counters _rejected = new();
    private readonly RetryWait _wait = new(options);
    private long _stored;
    private long _retries;
    private volatile OutputException? _failure;

    /// <param name="Point">Null for a message that has none: it passes in its turn.</param>
    /// <param name="Cut">What has come so far is to be written without waiting for more.</param>
    public readonly record struct Entry(long Message, Point? Point, bool Cut = false);

    public OutputStatus Status => new(output.Name, Interlocked.Read(ref _stored), _rejected.Snapshot(), Interlocked.Read(ref _retries), _failure?.Message, _failure?.Fault == OutputFault.Misconfigured);

    public void Add(Entry entry) => _entries.Writer.TryWrite(entry);

    public void Complete() => _entries.Writer.TryComplete();

    /// <summary>Runs until <see cref="Complete"/> was called and everything is written, or it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var points = new List<Point>(output.BatchSize);
        while (await _entries.Reader.WaitToReadAsync(cancellationToken))
        {
            points.Clear();
            var last = await FillAsync(points, cancellationToken);
            if (points.Count > 0)
                await WriteAsync(points, cancellationToken);
            receipts.Pass(number, last);
        }
    }

    /// <returns>The number of the last message taken.</returns>
    private async Task<long> FillAsync(List<Point> points, CancellationToken cancellationToken)
    {
        var last = 0L;
        using var interval = new CancellationTokenSource(options.BatchInterval, time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, cancellationToken);
        do
        {
            while (points.Count < output.BatchSize && _entries.Reader.TryRead(out var entry))
            {
                last = entry.Message;
                if (entry.Point is { } point)
                    points.Add(point);
                if (entry.Cut)
                    return last;
            }
        }
        while (points.Count < output.BatchSize && await MoreAsync(enough.Token));
        cancellationToken.ThrowIfCancellationRequested();
        return last;
    }

    /// <summary>False: nothing more came in time, or nothing more will come.</summary>
    private async Task<bool> MoreAsync(CancellationToken enough)
    {
        try
        {
            return await _entries.Reader.WaitToReadAsync(enough);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task WriteAsync(List<Point> points, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var report = await output.WriteAsync(points, cancellationToken);
                Interlocked.Add(ref _stored, report.Stored);
                foreach (var rejected in report.Rejected)
                    if (_rejected.Count(rejected.Reason) == 1)
                        logger.LogWarning("{Output} rejects a point of {Measurement} ({Reason}): {Detail}. Further ones are only counted.", output.Name, rejected.Point.Measurement.Name, rejected.Reason, rejected.Detail);
                if (_failure is not null)
                    logger.LogInformation("{Output} takes points again.", output.Name);
                _failure = null;
                _wait.Reset();
                return;
            }
            catch (OutputException e)
            {
                if (_failure?.Message != e.Message)
                    logger.LogWarning("{Fault} Points wait.", e.Message);
                _failure = e;
                Interlocked.Increment(ref _retries);
                await Task.Delay(_wait.After(e), time, cancellationToken);
            }
        }
    }
}

using System.Threading.Channels;

namespace SensorHub.Storage.Bridging;

/// <summary>
/// Messages from their receipt until every output has passed them; then they are acknowledged, in the order of their
/// arrival as MQTT demands (MQTT 5, 4.6). Outputs go at their own pace and report how far they are.
/// </summary>
internal sealed class Receipts
{
    private readonly TimeProvider _time;
    private readonly object _gate = new();
    private readonly Queue<Receipt> _waiting = new();
    private readonly long[] _passed;
    private readonly Channel<Func<ValueTask>> _due = Channel.CreateUnbounded<Func<ValueTask>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<(long Number, TaskCompletionSource Reached)> _flushes = [];
    private readonly int _capacity;
    private TaskCompletionSource? _room;
    private long _last;

    public Receipts(int outputs, int capacity, TimeProvider time)
    {
        _time = time;
        _passed = new long[outputs];
        _capacity = capacity;
    }

    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Since when the oldest message has waited.</summary>
    public TimeSpan Lag
    {
        get
        {
            lock (_gate)
                return _waiting.TryPeek(out var oldest) ? _time.GetElapsedTime(oldest.At) : TimeSpan.Zero;
        }
    }

    /// <summary>Waits until there is room for one more message.</summary>
    public async Task RoomAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource room;
        lock (_gate)
        {
            if (_waiting.Count < _capacity)
                return;
            if (_room is null or { Task.IsCompleted: true })
                _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            room = _room;
        }
        using var cancellation = cancellationToken.Register(() => room.TrySetCanceled(cancellationToken));
        await room.Task;
    }

    /// <returns>The message's number.</returns>
    public long Add(Func<ValueTask> acknowledge)
    {
        lock (_gate)
        {
            _waiting.Enqueue(new Receipt(++_last, _time.GetTimestamp(), acknowledge));
            return _last;
        }
    }

    /// <summary>An output has done with this message and all before it.</summary>
    public void Pass(int output, long number)
    {
        lock (_gate)
        {
            _passed[output] = number;
            var passed = _passed.Min();
            while (_waiting.TryPeek(out var oldest) && oldest.Number <= passed)
            {
                _waiting.Dequeue();
                _due.Writer.TryWrite(oldest.Acknowledge);
            }
            if (_room is { } room && _waiting.Count < _capacity)
            {
                _room = null;
                room.TrySetResult();
            }
            foreach (var (_, reached) in _flushes.Where(f => f.Number <= passed))
                reached.TrySetResult();
            _flushes.RemoveAll(f => f.Number <= passed);
        }
    }

    /// <summary>Ends when all outputs have passed the message of this number.</summary>
    public Task PassedAsync(long number)
    {
        lock (_gate)
        {
            if (_passed.Min() >= number)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _flushes.Add((number, reached));
            return reached.Task;
        }
    }

    /// <summary>Sends the acknowledgements that are due, one after the other, until <see cref="Complete"/>.</summary>
    public async Task AcknowledgeAsync()
    {
        while (await _due.Reader.WaitToReadAsync())
            while (_due.Reader.TryRead(out var acknowledge))
                await acknowledge();
    }

    /// <summary>No message will be passed any more.</summary>
    public void Complete() => _due.Writer.TryComplete();

    private sealed record Receipt(long Number, long At, Func<ValueTask> Acknowledge);
}

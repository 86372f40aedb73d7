using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using SensorHub.Mqtt.Connecting;

namespace SensorHub.Mqtt.Publishing;

public sealed record PublisherOptions
{
    /// <summary>Messages that may wait for the broker. 1 to 1,000,000.</summary>
    public int Capacity { get; init; } = 10_000;

    /// <summary>
    /// When they are that many: true drops the oldest and counts it (live), false makes whoever publishes wait (replay).
    /// </summary>
    public bool DropOldest { get; init; }

    /// <summary>Messages sent ahead of their acknowledgements, if the broker takes as many. 1 to 65535.</summary>
    public int InFlight { get; init; } = 64;
}

/// <param name="Published">Acknowledged by the broker, or sent if sent at most once.</param>
/// <param name="Dropped">Given up because the queue was full, or on leaving.</param>
/// <param name="Refused">Not accepted by the broker, or not a message of the contract.</param>
/// <param name="Waiting">In the queue or on their way.</param>
public readonly record struct PublisherCounts(long Published, long Dropped, long Refused, long Waiting);

/// <summary>
/// The one queue before the broker. Messages leave in the order they came, several ahead of their acknowledgements;
/// after a lost connection everything unacknowledged is sent again in the same order, so a reader may see a message
/// twice, and never a new one before an older one of its topic.
/// </summary>
public sealed class MessagePublisher : IAsyncDisposable
{
    private readonly MqttLink _link;
    private readonly PublisherOptions _options;
    private readonly ILogger _logger;
    private readonly Channel<Item> _queue;
    private readonly Queue<(Item Item, Task<MqttClientPublishResult> Sent)> _inFlight = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<(long Last, TaskCompletionSource Done)> _flushes = [];
    private readonly IDisposable _metrics;
    private readonly Task _loop;
    private long _last; // number of the newest message taken
    private long _settled; // number of the newest message that is done with; so are all before it
    private int _onTheirWay; // taken from the queue and not settled; changes together with either, so that no message is missing from the counts
    private bool _ended;
    private volatile string? _lastRefusal;
    private long _published;
    private long _dropped;
    private long _refused;

    public MessagePublisher(MqttLink link, PublisherOptions options, ILogger<MessagePublisher>? logger = null)
    {
        if (options.Capacity is < 1 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(options), options.Capacity, "A publisher's capacity is 1 to 1,000,000 messages.");
        if (options.InFlight is < 1 or > ushort.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(options), options.InFlight, "A publisher has 1 to 65535 messages in flight.");
        _link = link;
        _options = options;
        _logger = logger ?? NullLogger<MessagePublisher>.Instance;
        _queue = Channel.CreateBounded<Item>(
            new BoundedChannelOptions(options.Capacity)
            {
                FullMode = options.DropOldest ? BoundedChannelFullMode.DropOldest : BoundedChannelFullMode.Wait,
                SingleReader = true,
            },
            _ => CountDropped());
        _metrics = MqttMetrics.Watch(this, link.ClientId);
        _loop = Task.Run(RunAsync);
    }

    public PublisherCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return new PublisherCounts(
                    Interlocked.Read(ref _published), Interlocked.Read(ref _dropped), Interlocked.Read(ref _refused), _queue.Reader.Count + _onTheirWay);
            }
        }
    }

    /// <summary>
    /// Takes a message. Returns at once, unless the queue is full and the options say to wait: then this blocks the
    /// thread, which is what holds up a replay. A message given after the end is dropped and counted.
    /// </summary>
    public void Publish(MqttApplicationMessage message)
    {
        while (!TryAccept(message))
        {
            if (!WaitForRoom())
            {
                CountDropped();
                return;
            }
        }
    }

    /// <summary>Counts a message that could not be written: what the contract cannot say must not stop what it can.</summary>
    internal void Refuse(string reason)
    {
        if (Interlocked.Increment(ref _refused) == 1 || reason != _lastRefusal)
            _logger.LogWarning("A message was not published: {Reason}", reason);
        _lastRefusal = reason;
    }

    /// <summary>Ends when everything taken so far is acknowledged, refused or dropped.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the publisher was disposed.</exception>
    public Task FlushAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_settled >= _last)
                return Task.CompletedTask;
            if (_ended)
                throw new OperationCanceledException("The publisher has ended with messages that were not acknowledged.");
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _flushes.Add((_last, done));
            return done.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Gives up what is not acknowledged, and counts it as dropped. <see cref="FlushAsync"/> first to lose nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _metrics.Dispose();
    }

    private bool TryAccept(MqttApplicationMessage message)
    {
        lock (_gate)
        {
            if (!_queue.Writer.TryWrite(new Item(_last + 1, message)))
                return false;
            _last++;
            return true;
        }
    }

    /// <returns>False: there will never be room again.</returns>
    private bool WaitForRoom()
    {
        try
        {
            return _queue.Writer.WaitToWriteAsync(_stop.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task RunAsync()
    {
        Session? session = null;
        try
        {
            while (true)
            {
                session = await _link.SessionAsync(lost: session, _stop.Token).ConfigureAwait(false);
                SendAgain(session);
                await PumpAsync(session).ConfigureAwait(false);
                // Whatever the reason: the connection must not go on without us, or the link would not replace it.
                await session.Client.TryDisconnectAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed, or the link was.
        }
        _queue.Writer.TryComplete();
        while (_inFlight.TryDequeue(out _) || _queue.Reader.TryRead(out _))
            CountDropped();
        lock (_gate)
        {
            _onTheirWay = 0;
            _ended = true;
            foreach (var (_, done) in _flushes)
                done.TrySetCanceled();
            _flushes.Clear();
        }
    }

    private void SendAgain(Session session)
    {
        for (var n = _inFlight.Count; n > 0; n--)
        {
            var (item, _) = _inFlight.Dequeue();
            _inFlight.Enqueue((item, SendAsync(session, item)));
        }
    }

    /// <summary>Sends until the connection is lost.</summary>
    private async Task PumpAsync(Session session)
    {
        var window = Math.Min(_options.InFlight, session.Window);
        Task<bool>? more = null;
        while (true)
        {
            while (_inFlight.Count < window && TryTake(out var item))
                _inFlight.Enqueue((item, SendAsync(session, item)));

            if (!_inFlight.TryPeek(out var head))
            {
                await _queue.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false);
                continue;
            }
            if (!head.Sent.IsCompleted && _inFlight.Count < window)
            {
                // Not full: a new message must not wait for the acknowledgement of the one before.
                if (more is null or { IsCompleted: true })
                    more = _queue.Reader.WaitToReadAsync(_stop.Token).AsTask();
                await Task.WhenAny(head.Sent, more).ConfigureAwait(false);
                _stop.Token.ThrowIfCancellationRequested();
                if (!head.Sent.IsCompleted)
                    continue;
            }
            try
            {
                var result = await head.Sent.ConfigureAwait(false);
                if (result.IsSuccess)
                    Interlocked.Increment(ref _published);
                else
                    Refuse($"the broker refuses messages on {head.Item.Message.Topic} ({result.ReasonCode}).");
            }
            catch (Exception e) when (Session.IsLoss(e))
            {
                _stop.Token.ThrowIfCancellationRequested();
                return;
            }
            catch (Exception e)
            {
                Refuse(e.Message);
            }
            _inFlight.Dequeue();
            Settle(head.Item.Number);
        }
    }

    /// <summary>Never throws itself: what goes wrong is in the task.</summary>
    private async Task<MqttClientPublishResult> SendAsync(Session session, Item item) =>
        await session.Client.PublishAsync(item.Message, _stop.Token).ConfigureAwait(false);

    private bool TryTake(out Item item)
    {
        lock (_gate)
        {
            if (!_queue.Reader.TryRead(out item))
                return false;
            _onTheirWay++;
            return true;
        }
    }

    private void Settle(long number)
    {
        lock (_gate)
        {
            _onTheirWay--;
            _settled = number;
            for (var i = _flushes.Count - 1; i >= 0; i--)
            {
                if (_flushes[i].Last > number)
                    continue;
                _flushes[i].Done.TrySetResult();
                _flushes.RemoveAt(i);
            }
        }
    }

    private void CountDropped()
    {
        var dropped = Interlocked.Increment(ref _dropped);
        if (long.IsPow2(dropped)) // 1, 2, 4, 8 …: heard, and not a flood
            _logger.LogWarning("The MQTT broker at {Broker} is too slow or away: {Dropped} messages dropped so far.", _link.Connection, dropped);
    }

    /// <param name="Number">1 for the first message taken; messages of the queue are numbered in its order.</param>
    private readonly record struct Item(long Number, MqttApplicationMessage Message);
}

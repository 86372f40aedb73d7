using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using SensorHub.Core;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Publishing;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Mqtt.Outbox;

/// <summary>
/// Publishes by way of the disk: a message is in the outbox before it is sent, and leaves it when everybody who is to store it has said so. What is not
/// confirmed when the process ends, by whatever means, is sent by the next one (docs/adr/0008-outbox-and-confirmations.md).
/// </summary>
/// <remarks>
/// Order of use: the link with its <see cref="HubInbox"/>, this, then connect the link. One outbox a destination, each with a file and a link of its own.
/// Dispose it before the link.
/// </remarks>
public sealed class OutboxPublisher : IAsyncDisposable
{
    /// <summary>Larger ones would end the connection again and again, and nothing behind them would pass.</summary>
    private const int MaxPayload = 200 * 1024;

    private const int Group = 1000;

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly MqttLink _link;
    private readonly OutboxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DurableQueue _queue;
    private readonly Channel<Incoming> _incoming;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentQueue<(Slug Outbox, Slug Output, IReadOnlyList<(long First, long Last)> Ranges)> _confirmations = new();
    private readonly Queue<(OutboxRow Row, Task<MqttClientPublishResult> Sent)> _inFlight = new();
    private readonly List<Flush> _flushes = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HubInbox? _inbox;
    private readonly IDisposable _metrics;
    private readonly Task _loop;
    private long _taken;
    private long _dropped;
    private long _refused;
    private long _published;
    private bool _ended;
    private volatile string? _lastRefusal;
    private volatile OutboxHealth _health;

    /// <param name="inbox">Of the same link: where confirmations arrive. Null only when the broker's acknowledgement is all that is waited for.</param>
    /// <exception cref="UserException">The file cannot be used; the message says what to do.</exception>
    public OutboxPublisher(MqttLink link, HubInbox? inbox, OutboxOptions options, TimeProvider time, ILogger<OutboxPublisher>? logger = null)
    {
        if (inbox is null && !options.Outputs.Contains(OutboxOptions.Broker))
            throw new ArgumentNullException(nameof(inbox), "Confirmations arrive in the inbox of the link: without one, nothing would ever leave the outbox.");
        (_link, _inbox, _options, _time) = (link, inbox, options, time);
        _logger = logger ?? NullLogger<OutboxPublisher>.Instance;
        _queue = new DurableQueue(options, time, _logger);
        _health = Snapshot();
        _incoming = Channel.CreateBounded<Incoming>(
            new BoundedChannelOptions(options.Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => CountDropped());
        if (inbox is not null)
            inbox.Stored += Take;
        _metrics = MqttMetrics.Watch(this);
        _loop = Task.Run(RunAsync);
    }

    public OutboxHealth Health => _health with
    {
        Dropped = _health.Dropped + Interlocked.Read(ref _dropped),
        Refused = Interlocked.Read(ref _refused),
        Unwritten = _health.Unwritten + _incoming.Reader.Count,
    };

    /// <summary>As of the other publisher; <c>Waiting</c> is what waits for the disk.</summary>
    public PublisherCounts Counts => Health is var health
        ? new PublisherCounts(Interlocked.Read(ref _published), health.Dropped, health.Refused, health.Unwritten)
        : default;

    /// <summary>Takes a message, and never waits. When the disk is so slow that the queue before it is full, the oldest in that is dropped and counted.</summary>
    /// <param name="key"><see cref="OutboxKey"/>: what it is about.</param>
    /// <param name="live">False: it corrects or completes what was said, and must not overtake it.</param>
    public void Publish(MqttApplicationMessage message, ulong key, bool live)
    {
        if (message.Payload.Length > MaxPayload)
        {
            Refuse($"a message on {message.Topic} has {message.Payload.Length} bytes, and brokers take no more than {MaxPayload}.");
            return;
        }
        if (!_incoming.Writer.TryWrite(new Incoming(Interlocked.Increment(ref _taken), message, key, live)))
            CountDropped();
        Wake();
    }

    /// <summary>Counts a message that could not be written: what the contract cannot say must not stop what it can.</summary>
    internal void Refuse(string reason)
    {
        if (Interlocked.Increment(ref _refused) == 1 || reason != _lastRefusal)
            _logger.LogWarning("A message was not published: {Reason}", reason);
        _lastRefusal = reason;
    }

    /// <summary>Waits until all that is in the outbox is confirmed, at most so long. What is not stays in it.</summary>
    /// <returns>Whether all is confirmed.</returns>
    public async Task<bool> FlushAsync(TimeSpan patience, CancellationToken cancellationToken = default)
    {
        using var end = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            await FlushAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Ends when everything taken so far, and before, is confirmed or dropped.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the publisher was disposed; what is not confirmed stays in the outbox.</exception>
    public Task FlushAsync(CancellationToken cancellationToken) => UntilAsync(written: false, cancellationToken);

    /// <summary>Ends when everything taken so far is in the file: no crash can take it any more.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the publisher was disposed.</exception>
    public Task WrittenAsync(CancellationToken cancellationToken) => UntilAsync(written: true, cancellationToken);

    private Task UntilAsync(bool written, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_ended)
                throw new OperationCanceledException("The publisher has ended; what was not confirmed is in the outbox.");
            var flush = new Flush(Interlocked.Read(ref _taken), written);
            _flushes.Add(flush);
            Wake();
            return flush.Done.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Writes what was taken to the disk, and leaves what is not confirmed there for the next run.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        if (_inbox is not null)
            _inbox.Stored -= Take;
        _incoming.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        Wake();
        await _loop.ConfigureAwait(false);
        _metrics.Dispose();
    }

    private void Take(Slug outbox, Slug output, IReadOnlyList<(long First, long Last)> ranges)
    {
        _confirmations.Enqueue((outbox, output, ranges));
        Wake();
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task RunAsync()
    {
        try
        {
            await PumpAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A mistake of ours: it must not end in silence. What is in the file is sent by the next run.
            _logger.LogCritical(e, "The outbox for {Destination} has stopped: what comes now is not sent. Start SensorHub again, and tell its authors.", _options.Destination);
            _health = _health with { Fault = $"The outbox for {_options.Destination} has stopped ({e.Message.TrimEnd('.')}): start SensorHub again." };
            _queue.Dispose();
        }
        lock (_gate)
        {
            _ended = true;
            foreach (var flush in _flushes)
                flush.Done.TrySetCanceled();
            _flushes.Clear();
        }
    }

    private async Task PumpAsync()
    {
        using var beat = _time.CreateTimer(_ => Wake(), null, Beat, Beat);
        Session? session = null, lost = null;
        Task<Session>? connecting = null;
        var last = 0L;
        while (!_stop.IsCancellationRequested)
        {
            if (session is null)
            {
                connecting ??= WakeAfter(_link.SessionAsync(lost, _stop.Token));
                if (connecting.IsCompletedSuccessfully)
                {
                    session = await connecting.ConfigureAwait(false);
                    connecting = null;
                    _ = WakeAfter(session.Lost);
                    _queue.Connected();
                }
            }
            while (_confirmations.TryDequeue(out var confirmation))
                _queue.Confirm(confirmation.Outbox, confirmation.Output, confirmation.Ranges);
            if (session is not null && !await SettleAsync(session).ConfigureAwait(false))
            {
                _queue.Disconnected([.. _inFlight.Select(sent => sent.Row)]);
                _inFlight.Clear();
                // Whatever the reason: the connection must not go on without us, or the link would not replace it.
                await session.Client.TryDisconnectAsync().ConfigureAwait(false);
                (lost, session) = (session, null);
                continue;
            }
            var more = TakeIncoming(ref last);
            _queue.Tick();
            if (session is not null)
                Send(session);
            EndFlushes(last);
            _health = Snapshot();
            if (!more)
            {
                await _wake.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false);
                _wake.Reader.TryRead(out _);
            }
        }
        while (TakeIncoming(ref last))
        {
        }
        _queue.Dispose();
    }

    /// <returns>Whether there is more to take.</returns>
    private bool TakeIncoming(ref long last)
    {
        var group = new List<(MqttApplicationMessage, ulong, bool)>();
        while (group.Count < Group && _incoming.Reader.TryRead(out var incoming))
        {
            group.Add((incoming.Message, incoming.Key, incoming.Live));
            last = Math.Max(last, incoming.Ticket);
        }
        if (group.Count > 0)
            _queue.Add(group);
        return group.Count == Group;
    }

    private void Send(Session session)
    {
        var window = Math.Min(_options.InFlight, session.Window);
        while (_inFlight.Count < window && _queue.Next(out var row) is { } message)
            _inFlight.Enqueue((row!, WakeAfter(PublishAsync(session, message))));
    }

    /// <summary>Never throws itself: what goes wrong is in the task.</summary>
    private async Task<MqttClientPublishResult> PublishAsync(Session session, MqttApplicationMessage message) =>
        await session.Client.PublishAsync(message, _stop.Token).ConfigureAwait(false);

    /// <returns>False: the connection is lost.</returns>
    private async Task<bool> SettleAsync(Session session)
    {
        while (_inFlight.TryPeek(out var head) && head.Sent.IsCompleted)
        {
            try
            {
                var result = await head.Sent.ConfigureAwait(false);
                if (result.IsSuccess)
                {
                    _queue.Acknowledged(head.Row);
                    Interlocked.Increment(ref _published);
                }
                else
                {
                    Refuse($"the broker refuses messages on {head.Row.Message.Topic} ({result.ReasonCode}).");
                    if (result.ReasonCode is MqttClientPublishReasonCode.TopicNameInvalid or MqttClientPublishReasonCode.PayloadFormatInvalid)
                        _queue.GiveUp(head.Row);
                    else
                        _queue.Postpone(head.Row);
                }
            }
            catch (Exception e) when (Session.IsLoss(e))
            {
                return _stop.IsCancellationRequested;
            }
            catch (Exception e)
            {
                Refuse(e.Message);
                _queue.GiveUp(head.Row);
            }
            _inFlight.Dequeue();
        }
        return !session.Lost.IsCompleted;
    }

    private void EndFlushes(long last)
    {
        lock (_gate)
        {
            for (var i = _flushes.Count - 1; i >= 0; i--)
            {
                var flush = _flushes[i];
                if (flush.Ticket > last && _incoming.Reader.Count > 0)
                    continue;
                flush.UpTo ??= _queue.LastNumber;
                if (flush.Written ? _queue.Unwritten > 0 : _queue.Count > 0 && _queue.First <= flush.UpTo)
                    continue;
                flush.Done.TrySetResult();
                _flushes.RemoveAt(i);
            }
        }
    }

    private Task<T> WakeAfter<T>(Task<T> task)
    {
        task.ContinueWith(
            static (_, publisher) => ((OutboxPublisher)publisher!).Wake(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return task;
    }

    private void CountDropped()
    {
        var dropped = Interlocked.Increment(ref _dropped);
        if (long.IsPow2(dropped)) // 1, 2, 4, 8 …: heard, and not a flood
            _logger.LogWarning("The disk of the outbox {Path} is too slow: {Dropped} messages dropped so far. The recordings have them: 'sensorhub replay' sends them.", _options.Path, dropped);
    }

    private OutboxHealth Snapshot() => new(
        _options.Destination, _queue.Count, _queue.Unconfirmed, _queue.Bytes,
        _queue.Count > 0 && _queue.Oldest is { } oldest && _time.GetUtcNow() - oldest is { Ticks: > 0 } age ? age : TimeSpan.Zero,
        _queue.Sent, _queue.Resent, _queue.Confirmed, _queue.Dropped, 0, _queue.Unwritten, _queue.Fault);

    /// <param name="Ticket">1 for the first message taken.</param>
    private readonly record struct Incoming(long Ticket, MqttApplicationMessage Message, ulong Key, bool Live);

    /// <param name="written">It waits for the disk alone.</param>
    private sealed class Flush(long ticket, bool written)
    {
        public long Ticket => ticket;

        public bool Written => written;

        /// <summary>The last number there was when the ticket had been taken.</summary>
        public long? UpTo { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

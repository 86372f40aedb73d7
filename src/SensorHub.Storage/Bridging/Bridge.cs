using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using SensorHub.Core;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Storage.Bridging;

/// <summary>
/// From MQTT to one output. A message is acknowledged when its point is stored, and the hub that sent it is told so; one
/// that cannot be stored is set aside with its reason, and never stands in the way. While the output is away, messages
/// wait unacknowledged: the broker keeps them.
/// </summary>
/// <remarks>
/// At least once in, exactly once stored: points of the same series and time are one, so a message that is delivered
/// again changes nothing. One batch is filled while the one before it is stored. Several outputs have a bridge each,
/// with a subscription each, and know nothing of one another. Runs on a <see cref="Core.Timing.VirtualTime"/> as on any
/// other clock.
/// </remarks>
public sealed class Bridge
{
    /// <summary>What to subscribe to. Raw frames are not stored in a database.</summary>
    public static IReadOnlyList<string> Topics { get; } = TopicsOf("+");

    /// <summary>The same of one hub. A hub's own store has no business with what other hubs say at the same broker, nor may it confirm that.</summary>
    public static IReadOnlyList<string> TopicsOf(Slug hub) => TopicsOf(hub.ToString());

    /// <summary>Id of the embedded store, in confirmations and client ids.</summary>
    public static readonly Slug Store = Slug.Parse("store");

    /// <summary>Id of an InfluxDB.</summary>
    public static readonly Slug Influx = Slug.Parse("influx");

    /// <summary>Confirmations to as many hubs leave together: fewer than brokers take ahead of their acknowledgement (mosquitto: 20).</summary>
    private const int MostAtOnce = 16;

    private readonly Slug _id;
    private readonly IPointOutput _output;
    private readonly Quarantine _quarantine;
    private readonly BridgeOptions _options;
    private readonly int _batchSize;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CorrectionGuard _guard = new();
    private readonly Confirmations _confirmations;
    private readonly RetryWait _wait;
    private readonly Counters _quarantined = new();
    private readonly BridgeMeter _meter;
    private Batch _filling = new();
    private volatile Batch? _storing;
    private volatile OutputException? _failure;
    private Task _confirming = Task.CompletedTask;
    private volatile string? _unconfirmed;
    private long _received;
    private long _stored;
    private long _ignored;
    private long _passedOver;
    private long _retries;
    private int _inHand;
    private volatile ChannelReader<ReceivedMessage>? _messages;

    /// <param name="id">Which output it is: <see cref="Store"/>, <see cref="Influx"/>.</param>
    /// <param name="output">Stays the caller's to dispose.</param>
    /// <param name="quarantine">Where messages go that it will never take. Bridges may share it.</param>
    /// <exception cref="UserException">The options are not valid.</exception>
    public Bridge(Slug id, IPointOutput output, Quarantine quarantine, BridgeOptions options, TimeProvider time, ILogger<Bridge>? logger = null)
    {
        options.Validate();
        (_id, _output, _quarantine, _options, _time, _logger) = (id, output, quarantine, options, time, logger ?? NullLogger<Bridge>.Instance);
        _batchSize = Math.Min(options.BatchSize, output.BatchSize);
        _confirmations = new Confirmations(id);
        _wait = new RetryWait(options);
        _meter = new BridgeMeter(id);
    }

    /// <summary>
    /// Publishes a confirmation on the connection that the messages came over, and throws <see cref="MqttLinkException"/> if
    /// it cannot. It is not tried again: a hub that hears nothing asks again by sending again. Null: nobody is told.
    /// </summary>
    public Func<MqttApplicationMessage, CancellationToken, Task>? Confirm { get; init; }

    /// <summary>A snapshot. From any thread.</summary>
    public BridgeStatus Status => new(
        _id, _output.Name, Interlocked.Read(ref _received), Interlocked.Read(ref _stored), Interlocked.Read(ref _ignored), Interlocked.Read(ref _passedOver),
        _quarantined.Snapshot(), _quarantine.Dropped, Waiting, Lag, Interlocked.Read(ref _retries), _failure?.Message, _failure?.Fault == OutputFault.Misconfigured);

    private int Waiting => Volatile.Read(ref _inHand) + (_messages is { CanCount: true } messages ? messages.Count : 0);

    private TimeSpan Lag => (_storing ?? Volatile.Read(ref _filling)).Since is >= 0 and var since ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>
    /// Stores what comes until <paramref name="stopping"/> or the end of the messages, and then what has come. Once.
    /// Stop it before the link that the messages come from, so that the last acknowledgements can leave.
    /// </summary>
    /// <param name="messages">Of a subscription to <see cref="Topics"/> with acknowledgement by hand.</param>
    public async Task RunAsync(ChannelReader<ReceivedMessage> messages, CancellationToken stopping)
    {
        _messages = messages;
        using var registration = BridgeMeter.Register(this);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var abandon = new CancellationTokenSource();
        using var patience = _time.CreateTimer(static a => ((CancellationTokenSource)a!).Cancel(), abandon, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var hurry = stop.Token.Register(() => patience.Change(_options.StopTimeout, Timeout.InfiniteTimeSpan));
        var storing = Task.CompletedTask;
        try
        {
            for (var more = true; more;)
            {
                more = await FillAsync(_filling, messages, stop.Token);
                if (!more)
                    stop.Cancel();
                await storing;
                var batch = _filling;
                _storing = batch;
                Volatile.Write(ref _filling, new Batch());
                storing = StoreAsync(batch, stop, abandon.Token);
            }
            await storing;
            await _confirming;
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            _logger.LogWarning("{Waiting} messages are not stored in {Output} yet: they are delivered again.", Waiting, _output.Name);
        }
        finally
        {
            _storing?.Done.TrySetCanceled(CancellationToken.None);
            Volatile.Read(ref _filling).Done.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>Writes all that was received before, without waiting for the batch to fill. Ends when the output has it; it may never, while it is away.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the bridge ended before.</exception>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        var batch = Volatile.Read(ref _filling);
        batch.Cut.Cancel();
        return batch.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Takes messages until the batch is full, its first one has waited long enough, or it is cut.</summary>
    /// <returns>False: it is the last batch.</returns>
    private async Task<bool> FillAsync(Batch batch, ChannelReader<ReceivedMessage> messages, CancellationToken stop)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(stop, batch.Cut.Token);
        if (!await MoreAsync(messages, cut.Token))
            return !IsLast();
        batch.Since = _time.GetTimestamp();
        using var interval = new CancellationTokenSource(_options.BatchInterval, _time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cut.Token, interval.Token);
        do
        {
            while (batch.Entries.Count < _batchSize && messages.TryRead(out var message))
                batch.Entries.Add(Accept(message));
        }
        while (batch.Entries.Count < _batchSize && await MoreAsync(messages, enough.Token));
        return !IsLast();

        // What was not read is not acknowledged: the broker delivers it again.
        bool IsLast() => stop.IsCancellationRequested || messages.Completion.IsCompleted;
    }

    /// <summary>False: nothing more came in time, or nothing more will come.</summary>
    private static async Task<bool> MoreAsync(ChannelReader<ReceivedMessage> messages, CancellationToken enough)
    {
        try
        {
            return await messages.WaitToReadAsync(enough);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private Entry Accept(ReceivedMessage message)
    {
        Interlocked.Increment(ref _received);
        Interlocked.Increment(ref _inHand);
        _meter.Received();
        return new Entry(message, PointReader.Read(message.Topic, message.Payload.Span));
    }

    private async Task StoreAsync(Batch batch, CancellationTokenSource stop, CancellationToken abandon)
    {
        try
        {
            foreach (var (message, why) in await WriteAsync(batch, abandon))
                await SetAsideAsync(message, why, abandon);
            await AcknowledgeAsync(batch, abandon);
            Interlocked.Add(ref _inHand, -batch.Entries.Count);
            _storing = null;
            batch.Done.TrySetResult();
        }
        catch
        {
            stop.Cancel();
            throw;
        }
    }

    /// <returns>The messages that this output will never take, in their order.</returns>
    private async Task<List<(ReceivedMessage, PointResult)>> WriteAsync(Batch batch, CancellationToken abandon)
    {
        var points = new List<Point>(batch.Entries.Count);
        foreach (var (message, read) in batch.Entries)
        {
            if (read.IsRejected)
                continue;
            if (read.Point is not { } point)
                Count(ref _ignored, _meter.Ignored);
            else if (_guard.WouldUndo(point, OutboxNumber.TryParse(message.Property(OutboxNumber.Property), out var number) ? number : default))
                Count(ref _passedOver, _meter.PassedOver);
            else
                points.Add(point);
        }
        var refused = new Dictionary<Point, RejectedPoint>();
        if (points.Count > 0)
        {
            var report = await TryUntilDoneAsync(() => _output.WriteAsync(points, abandon), abandon);
            Interlocked.Add(ref _stored, report.Stored);
            _meter.Stored(report.Stored);
            foreach (var rejected in report.Rejected)
                refused[rejected.Point] = rejected;
        }
        return
        [
            .. from entry in batch.Entries
               let why = entry.Read.Point is { } point && refused.TryGetValue(point, out var rejected) ? PointResult.Rejected(rejected.Reason, rejected.Detail) : entry.Read
               where why.IsRejected
               select (entry.Message, why),
        ];
    }

    private async Task SetAsideAsync(ReceivedMessage message, PointResult why, CancellationToken abandon)
    {
        var set = QuarantinedMessage.From(message, _id, why.Reason, why.Detail, _time.GetUtcNow());
        await TryUntilDoneAsync(
            () =>
            {
                _quarantine.Add(set);
                return Task.FromResult(true);
            },
            abandon);
        _meter.Quarantined(why.Reason);
        if (_quarantined.Count(why.Reason) == 1)
            _logger.LogWarning(
                "A message on {Topic} cannot be stored in {Output} ({Reason}: {Detail}). It is in quarantine as {Id}; further ones of this kind go there without a line here.",
                Poison.Printable(message.Topic), _output.Name, why.Reason, why.Detail, set.Id);
    }

    /// <summary>Tries until the work is done, with growing waits, and says when it cannot and when it can again.</summary>
    private async Task<T> TryUntilDoneAsync<T>(Func<Task<T>> work, CancellationToken abandon)
    {
        while (true)
        {
            try
            {
                var result = await work();
                if (_failure is not null)
                    _logger.LogInformation("{Output} takes points again.", _output.Name);
                _failure = null;
                _wait.Reset();
                return result;
            }
            catch (OutputException e)
            {
                if (_failure?.Message != e.Message)
                    _logger.LogWarning("{Fault} Points wait.", e.Message);
                _failure = e;
                Count(ref _retries, _meter.Retried);
                await Task.Delay(_wait.After(e), _time, abandon);
            }
        }
    }

    /// <summary>Acknowledges in the order of arrival, as MQTT demands (MQTT 5, 4.6), and then confirms what was acknowledged.</summary>
    private async Task AcknowledgeAsync(Batch batch, CancellationToken abandon)
    {
        foreach (var (message, _) in batch.Entries)
        {
            try
            {
                // If the connection is gone, the broker delivers it again: stored again it changes nothing, and is confirmed then.
                if (await message.AcknowledgeAsync(abandon))
                    _confirmations.Add(message);
            }
            catch (OperationCanceledException) when (abandon.IsCancellationRequested)
            {
                return;
            }
        }
        // Not waited for: where a broker sends more than it may, its answer comes behind messages that are read when the next batch is acknowledged.
        var confirming = ConfirmAsync(_confirmations.Take(), abandon);
        _confirming = _confirming.IsCompleted ? confirming : Task.WhenAll(_confirming, confirming);
    }

    private async Task ConfirmAsync(IReadOnlyList<MqttApplicationMessage> confirmations, CancellationToken abandon)
    {
        if (Confirm is null)
            return;
        try
        {
            foreach (var some in confirmations.Chunk(MostAtOnce))
                await Task.WhenAll(some.Select(confirmation => Confirm(confirmation, abandon)));
            if (confirmations.Count > 0)
                _unconfirmed = null;
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
        }
        catch (MqttLinkException e)
        {
            if (_unconfirmed != e.Message)
                _logger.LogWarning("Hubs were not told what {Output} has, and will send it again: {Reason}", _output.Name, e.Message);
            _unconfirmed = e.Message;
        }
    }

    private static void Count(ref long counter, Action meter)
    {
        Interlocked.Increment(ref counter);
        meter();
    }

    private readonly record struct Entry(ReceivedMessage Message, PointResult Read);

    private sealed class Batch
    {
        private long _since = -1;

        public List<Entry> Entries { get; } = [];

        /// <summary>When the first message came, in the clock's ticks; −1 before.</summary>
        public long Since
        {
            get => Volatile.Read(ref _since);
            set => Volatile.Write(ref _since, value);
        }

        /// <summary>Cancelled: what has come so far is to be written without waiting for more.</summary>
        public CancellationTokenSource Cut { get; } = new();

        /// <summary>Ends when all of it is stored or set aside, and acknowledged.</summary>
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static string[] TopicsOf(string hub) => [$"{Mqtt.Contract.Topics.Root}/{hub}/subjects/+/+", $"{Mqtt.Contract.Topics.Root}/{hub}/sensors/+/status"];
}

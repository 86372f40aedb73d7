using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Storage.Bridging;

/// <summary>
/// From MQTT to databases. A message is acknowledged when every output has its point; one that cannot be stored is
/// counted, with its reason, and never stands in the way. An output that is away holds up only itself, until
/// <see cref="BridgeOptions.Capacity"/> messages wait for it: then the broker keeps the rest.
/// </summary>
/// <remarks>
/// At least once in, exactly once stored: points of the same series and time are one, so a message that is delivered
/// again changes nothing. Runs on a <see cref="Core.Timing.VirtualTime"/> as on any other clock.
/// </remarks>
public sealed class Bridge
{
    /// <summary>What to subscribe to. Raw frames are not stored in a database.</summary>
    public static IReadOnlyList<string> Topics { get; } = [$"{Mqtt.Contract.Topics.Root}/+/subjects/+/+", $"{Mqtt.Contract.Topics.Root}/+/sensors/+/status"];

    private readonly BridgeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Receipts _receipts;
    private readonly List<OutputPump> _pumps;
    private readonly Counters _rejected = new();
    private long _received;
    private long _ignored;

    /// <param name="outputs">One or more. They stay the caller's to dispose.</param>
    /// <exception cref="Core.UserException">The options are not valid.</exception>
    public Bridge(IReadOnlyList<IPointOutput> outputs, BridgeOptions options, TimeProvider time, ILogger<Bridge>? logger = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(outputs.Count);
        options.Validate();
        _options = options;
        _time = time;
        _logger = logger ?? NullLogger<Bridge>.Instance;
        _receipts = new Receipts(outputs.Count, options.Capacity, time);
        _pumps = [.. outputs.Select((output, i) => new OutputPump(output, i, _receipts, options, time, _logger))];
    }

    /// <summary>A snapshot. From any thread.</summary>
    public BridgeStatus Status => new(
        Interlocked.Read(ref _received), Interlocked.Read(ref _ignored), _rejected.Snapshot(), _receipts.Waiting, _receipts.Lag, [.. _pumps.Select(p => p.Status)]);

    /// <summary>
    /// Stores what comes until <paramref name="stopping"/> or the end of the messages, and then what has come. Once.
    /// Stop it before the link that the messages come from, so that the last acknowledgements can leave.
    /// </summary>
    /// <param name="messages">Of a subscription to <see cref="Topics"/> with acknowledgement by hand.</param>
    public async Task RunAsync(ChannelReader<ReceivedMessage> messages, CancellationToken stopping)
    {
        using var abandon = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var pumps = Task.WhenAll(_pumps.Select(pump => StopOnFailureAsync(pump.RunAsync(abandon.Token), stop)));
        var acknowledging = _receipts.AcknowledgeAsync();

        await ReceiveAsync(messages, stop.Token, abandon.Token);

        foreach (var pump in _pumps)
            pump.Complete();
        using var patience = new CancellationTokenSource(_options.StopTimeout, _time);
        await using var giveUp = patience.Token.Register(abandon.Cancel);
        try
        {
            await pumps;
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            _logger.LogWarning("{Waiting} messages are not stored yet and stay with the broker.", _receipts.Waiting);
        }
        finally
        {
            _receipts.Complete();
            await acknowledging;
        }
    }

    /// <summary>Writes all that was received before, without waiting for batches to fill. Ends when the outputs have it; it may never, while one is away.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        // An entry of its own marks the place; it belongs to no message of the broker.
        var number = Enqueue(null, cut: true, () => ValueTask.CompletedTask);
        return _receipts.PassedAsync(number).WaitAsync(cancellationToken);
    }

    private async Task ReceiveAsync(ChannelReader<ReceivedMessage> messages, CancellationToken stop, CancellationToken abandon)
    {
        try
        {
            while (await messages.WaitToReadAsync(stop))
            {
                while (true)
                {
                    await _receipts.RoomAsync(stop);
                    if (stop.IsCancellationRequested || !messages.TryRead(out var message))
                        break;
                    Accept(message, abandon);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What was not read is not acknowledged: the broker delivers it again.
        }
    }

    private void Accept(ReceivedMessage message, CancellationToken abandon)
    {
        Interlocked.Increment(ref _received);
        var result = PointReader.Read(message.Topic, message.Payload.Span);
        if (result.IsRejected)
        {
            if (_rejected.Count(result.Reason) == 1)
                _logger.LogWarning("A message on {Topic} cannot be stored ({Reason}): {Detail}. Further ones are only counted.", message.Topic, result.Reason, result.Detail);
        }
        else if (result.Point is null)
        {
            Interlocked.Increment(ref _ignored);
        }
        Enqueue(result.Point, cut: false, () => AcknowledgeAsync(message, abandon));
    }

    private static async ValueTask AcknowledgeAsync(ReceivedMessage message, CancellationToken abandon)
    {
        try
        {
            await message.AcknowledgeAsync(abandon);
        }
        catch (OperationCanceledException)
        {
            // It is stored; delivered again, it will change nothing.
        }
    }

    private long Enqueue(Point? point, bool cut, Func<ValueTask> acknowledge)
    {
        lock (_pumps) // numbers go to every pump in their order
        {
            var number = _receipts.Add(acknowledge);
            foreach (var pump in _pumps)
                pump.Add(new OutputPump.Entry(number, point, cut));
            return number;
        }
    }

    private static async Task StopOnFailureAsync(Task pump, CancellationTokenSource stop)
    {
        try
        {
            await pump;
        }
        catch
        {
            stop.Cancel();
            throw;
        }
    }
}

using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// The profile of firmware-protocol/README.md over one connection: the descriptor, and requests to the control point, one
/// after the other. Operations end with <see cref="LinkException"/> once the link is lost.
/// </summary>
public sealed class SensorLink : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly HubClock _clock;
    private readonly TimeSpan _timeout;
    private Task _previous = Task.CompletedTask;
    private Awaited? _awaited;

    private SensorLink(IConnection connection, HubClock clock, TimeSpan timeout, ReadOnlyMemory<byte> bytes, SensorDescriptor descriptor)
    {
        (_connection, _clock, _timeout) = (connection, clock, timeout);
        (DescriptorBytes, Descriptor, Sensor) = (bytes, descriptor, SensorId.Of(descriptor));
    }

    /// <summary>ATT MTU; null while the radio does not say.</summary>
    public int? Mtu => _connection.Mtu;

    public Slug Sensor { get; }

    public SensorDescriptor Descriptor { get; private set; }

    public ReadOnlyMemory<byte> DescriptorBytes { get; private set; }

    /// <summary>Ends when the link is lost, with the radio's reason.</summary>
    public Task<string> Lost => _connection.Lost;

    /// <summary>Connects, and reads and checks the descriptor.</summary>
    /// <exception cref="LinkException">The radio could not.</exception>
    /// <exception cref="IncompatibleSensorException">The descriptor cannot be used; the message says why.</exception>
    public static async Task<SensorLink> OpenAsync(
        ICentral central, string address, HubClock clock, LinkOptions options, CancellationToken cancellationToken)
    {
        return await OpenAsync(await central.ConnectAsync(address, cancellationToken), clock, options, "A sensor in range", cancellationToken);
    }

    /// <summary>Reads and checks the descriptor over a connection, which is closed when that fails.</summary>
    /// <param name="who">The sensor's name in messages, at the beginning of a sentence.</param>
    /// <exception cref="LinkException">The link was lost.</exception>
    /// <exception cref="IncompatibleSensorException">The descriptor cannot be used; the message says why.</exception>
    public static async Task<SensorLink> OpenAsync(
        IConnection connection, HubClock clock, LinkOptions options, string who, CancellationToken cancellationToken)
    {
        try
        {
            var (bytes, descriptor) = await ReadAsync(connection, who, cancellationToken);
            return new SensorLink(connection, clock, options.ResponseTimeout, bytes, descriptor);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the descriptor again: a calibration has changed it.</summary>
    public async Task ReadDescriptorAsync(CancellationToken cancellationToken) =>
        (DescriptorBytes, Descriptor) = await ReadAsync(_connection, Sensor.ToString(), cancellationToken);

    /// <summary>Reads a characteristic of another service.</summary>
    /// <returns>Null when the sensor does not have it, or refuses.</returns>
    public async Task<ReadOnlyMemory<byte>?> TryReadAsync(Guid characteristic, CancellationToken cancellationToken)
    {
        try
        {
            return await _connection.ReadAsync(characteristic, cancellationToken);
        }
        catch (LinkException) when (!_connection.Lost.IsCompleted)
        {
            return null;
        }
    }

    /// <summary>Encrypts the link, and pairs when there is no bond.</summary>
    public Task EncryptAsync(CancellationToken cancellationToken) => _connection.EncryptAsync(cancellationToken);

    /// <summary>Encrypts the link and enables the control point's responses. Before the first request.</summary>
    public async Task EnableControlAsync(CancellationToken cancellationToken)
    {
        await _connection.EncryptAsync(cancellationToken);
        await _connection.SubscribeAsync(Gatt.Control, OnResponse, cancellationToken);
    }

    /// <summary>Enables live frames and frames of the backlog. Before the first Start.</summary>
    /// <param name="receive">Called once a frame, in order, as soon as it is there.</param>
    public async Task EnableFramesAsync(Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken)
    {
        await _connection.SubscribeAsync(Gatt.Data, receive, cancellationToken);
        await EnableBacklogAsync(receive, cancellationToken);
    }

    /// <summary>Enables frames of the backlog alone, of a sensor that sends none.</summary>
    /// <param name="receive">As before.</param>
    public Task EnableBacklogAsync(Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken) =>
        _connection.SubscribeAsync(Gatt.Backlog, receive, cancellationToken);

    /// <summary>Enables frames anew, of a sensor that sends none.</summary>
    /// <param name="receive">As before.</param>
    public async Task EnableFramesAnewAsync(Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken)
    {
        try
        {
            await _connection.UnsubscribeAsync(Gatt.Data, cancellationToken);
        }
        catch (LinkException) when (!_connection.Lost.IsCompleted)
        {
            // Not subscribed, or so the stack says: that is what is about to be mended.
        }
        await EnableFramesAsync(receive, cancellationToken);
    }

    /// <summary>Asks the sensor, and waits for its answer, which may be a refusal.</summary>
    /// <param name="request">One at a time: the next waits for the answer to this one.</param>
    /// <param name="onResponse">Called with the answer and the hub time of writing the request, in the radio's callback: between the frames that came before and after it.</param>
    /// <exception cref="LinkException">The link is lost, or there was no answer in time.</exception>
    public async Task<ControlResponse> RequestAsync(
        ControlRequest request, CancellationToken cancellationToken, Action<ControlResponse, Timestamp>? onResponse = null)
    {
        var ended = new TaskCompletionSource();
        await Interlocked.Exchange(ref _previous, ended.Task);
        try
        {
            var awaited = new Awaited(request.Op, _clock.Now, onResponse);
            Volatile.Write(ref _awaited, awaited);
            await _connection.WriteAsync(Gatt.Control, ControlCodec.Encode(request), withResponse: true, cancellationToken);
            await Task.WhenAny(awaited.Response, _connection.Lost).WaitAsync(_timeout, _clock.TimeProvider, cancellationToken);
            if (!awaited.Response.IsCompleted)
                throw new LinkException($"The link was lost: {await _connection.Lost}.");
            await Task.Yield(); // out of the radio's callback
            return await awaited.Response;
        }
        catch (TimeoutException late)
        {
            throw new LinkException($"{Sensor} did not answer {request.Op} within {_timeout.TotalSeconds:0} s.", late);
        }
        finally
        {
            Volatile.Write(ref _awaited, null);
            ended.SetResult();
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<(ReadOnlyMemory<byte> Bytes, SensorDescriptor Descriptor)> ReadAsync(IConnection connection, string who, CancellationToken cancellationToken)
    {
        var bytes = await connection.ReadAsync(Gatt.Descriptor, cancellationToken);
        var status = SensorDescriptorCodec.Decode(bytes.Span, out var descriptor, out var fault);
        return status switch
        {
            DecodeStatus.Ok => (bytes, descriptor!),
            DecodeStatus.UnknownMajor => throw new IncompatibleSensorException(
                $"{who} speaks protocol {bytes.Span[0]}.x, and this hub {FrameCodec.Major}.x: update the one that is older."),
            _ => throw new IncompatibleSensorException($"{who} describes itself wrongly: {fault} Update its firmware."),
        };
    }

    private void OnResponse(ReadOnlyMemory<byte> bytes)
    {
        // What does not decode, or answers another op, counts as no response (firmware-protocol/README.md §10).
        if (ControlCodec.Decode(bytes.Span, out ControlResponse? response) == DecodeStatus.Ok && Volatile.Read(ref _awaited) is { } awaited && awaited.Op == response!.Op)
            awaited.Take(response);
    }

    private sealed class Awaited(ControlOp op, Timestamp requestedAt, Action<ControlResponse, Timestamp>? onResponse)
    {
        private readonly TaskCompletionSource<ControlResponse> _response = new();

        public ControlOp Op => op;

        public Task<ControlResponse> Response => _response.Task;

        public void Take(ControlResponse response)
        {
            if (_response.TrySetResult(response))
                onResponse?.Invoke(response, requestedAt);
        }
    }
}

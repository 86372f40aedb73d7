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

    public Slug Sensor { get; }

    public SensorDescriptor Descriptor { get; }

    public ReadOnlyMemory<byte> DescriptorBytes { get; }

    /// <summary>Ends when the link is lost, with the radio's reason.</summary>
    public Task<string> Lost => _connection.Lost;

    /// <summary>Connects, and reads and checks the descriptor.</summary>
    /// <exception cref="LinkException">The radio could not.</exception>
    /// <exception cref="IncompatibleSensorException">The descriptor cannot be used; the message says why.</exception>
    public static async Task<SensorLink> OpenAsync(
        ICentral central, string address, HubClock clock, LinkOptions options, CancellationToken cancellationToken)
    {
        var connection = await central.ConnectAsync(address, cancellationToken);
        try
        {
            var bytes = await connection.ReadAsync(Gatt.Descriptor, cancellationToken);
            var status = SensorDescriptorCodec.Decode(bytes.Span, out var descriptor, out var fault);
            return status switch
            {
                DecodeStatus.Ok => new SensorLink(connection, clock, options.ResponseTimeout, bytes, descriptor!),
                DecodeStatus.UnknownMajor => throw new IncompatibleSensorException(
                    $"A sensor in range speaks protocol {bytes.Span[0]}.x, and this hub {FrameCodec.Major}.x: update the one that is older."),
                _ => throw new IncompatibleSensorException($"A sensor in range describes itself wrongly: {fault} Update its firmware."),
            };
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

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
        await _connection.SubscribeAsync(Gatt.Backlog, receive, cancellationToken);
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

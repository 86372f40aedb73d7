namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>A method call that waits for its answer.</summary>
/// <param name="timeout">Null = 25 s.</param>
/// <param name="received">Given the answer on the bus's thread, in order with signals.</param>
/// <param name="ended">Called on the bus's thread when the slot is done with.</param>
internal sealed class BusCall(
    string destination, string path, string @interface, string member, BusBody body, TimeSpan? timeout, Action<BusMessage>? received,
    Action<BusSlot> ended) : BusSlot
{
    private readonly TaskCompletionSource<BusMessage> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private nint _bus;

    public Task<BusMessage> Answer => _answer.Task;

    public void Cancel(CancellationToken cancellationToken) => _answer.TrySetCanceled(cancellationToken);

    public override void End(Exception gone) => _answer.TrySetException(gone);

    protected override unsafe int Register(nint bus, nint userdata, out nint slot)
    {
        slot = 0;
        _bus = bus;
        var result = SystemdBus.NewMethodCall(bus, out var message, destination, path, @interface, member);
        if (result < 0)
            return result;
        try
        {
            BusWriter.WriteAll(message, body.Signature, body.Values);
            var microseconds = timeout is { } limit ? (ulong)Math.Max(1, limit.TotalMicroseconds) : 0;
            return SystemdBus.CallAsync(bus, out slot, message, OnMessage, userdata, microseconds);
        }
        finally
        {
            SystemdBus.MessageUnref(message);
        }
    }

    protected override int Receive(nint message)
    {
        ended(this);
        try
        {
            if (ErrorOf(message) is { } error)
            {
                _answer.TrySetException(SystemdBus.IsReady(_bus) > 0 ? error : BusConnection.Gone());
                return 1;
            }
            var answer = BusMessage.Read(message);
            received?.Invoke(answer);
            _answer.TrySetResult(answer);
        }
        catch (Exception e) when (e is BusErrorException or IOException)
        {
            _answer.TrySetException(e);
        }
        return 1;
    }
}

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>A rule, and who receives the signals that obey it.</summary>
internal sealed class BusMatch(string rule, Action<BusMessage> receive) : BusSlot
{
    private readonly TaskCompletionSource _installed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _ended;

    /// <summary>Done when the bus has the rule.</summary>
    public Task IsInstalled => _installed.Task;

    /// <summary>Whatever is still under way is not received.</summary>
    public void Stop() => _ended = true;

    public override void End(Exception gone) => _installed.TrySetException(gone);

    protected override unsafe int Register(nint bus, nint userdata, out nint slot) =>
        SystemdBus.AddMatchAsync(bus, out slot, rule, OnMessage, OnInstalled, userdata);

    protected override int Receive(nint message)
    {
        if (!_ended)
            receive(BusMessage.Read(message));
        return 0; // other matches want it too
    }

    protected override void Installed(nint message)
    {
        if (ErrorOf(message) is { } error)
            _installed.TrySetException(error);
        else
            _installed.TrySetResult();
    }
}

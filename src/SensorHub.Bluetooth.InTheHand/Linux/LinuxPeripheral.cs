using InTheHand.Bluetooth;
using Linux.Bluetooth;

namespace SensorHub.Bluetooth.InTheHand;

internal sealed class LinuxPeripheral(Device device) : Peripheral(device)
{
    /// <summary>Nothing is left to do: the package pairs before it connects, whenever there is no bond.</summary>
    public override Task PairAsync() => Task.CompletedTask;

    /// <summary>Not by the package, whose method has no end to wait for and takes the process down when it fails.</summary>
    public override Task DisconnectAsync() => device.DisconnectAsync();

    public override void Dispose()
    {
        base.Dispose();
        device.Dispose();
    }
}

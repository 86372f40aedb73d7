using InTheHand.Bluetooth;

namespace SensorHub.Bluetooth.InTheHand;

internal sealed class SystemPeripheral(BluetoothDevice device, TimeProvider time) : Peripheral(device)
{
    /// <summary>On macOS the package's event never comes, as it compares an identifier with a text: the state is asked for this often.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closed = new();

    public override Task DisconnectAsync()
    {
        Device.Gatt.Disconnect();
        return Task.CompletedTask;
    }

    public override void Dispose()
    {
        _closed.Cancel();
        base.Dispose();
        Device.Dispose();
    }

    public override async Task ConnectAsync()
    {
        await base.ConnectAsync();
        // The package returns as if all were well when there was no answer.
        if (!Device.Gatt.IsConnected)
            throw new LinkException("The sensor did not answer: is it switched on and near?");
        _ = WatchAsync();
    }

    private async Task WatchAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(Look, time);
            while (Device.Gatt.IsConnected)
                await timer.WaitForNextTickAsync(_closed.Token);
        }
        catch (Exception)
        {
            // Closed; or the system let go of it, which is the same to the link.
        }
        RaiseDisconnected();
    }

#if WINDOWS
    /// <summary>The package does not say whether it worked: what the system knows afterwards counts.</summary>
    public override async Task PairAsync()
    {
        if (Device.IsPaired)
            return;
        await Device.PairAsync();
        if (!Device.IsPaired)
            throw new LinkException("Windows did not pair the sensor: add it in Settings, Bluetooth & devices, and try again.");
    }

    public static async Task ForgetAsync(string address)
    {
        using var device = await BluetoothDevice.FromIdAsync(address);
        if (device is { IsPaired: true })
        {
            Windows.Devices.Bluetooth.BluetoothLEDevice system = device;
            await system.DeviceInformation.Pairing.UnpairAsync();
        }
    }
#else
    /// <summary>macOS pairs by itself as soon as something is accessed that needs it.</summary>
    public override Task PairAsync() => Task.CompletedTask;

    public static Task ForgetAsync(string address) =>
        throw new LinkException("macOS keeps its pairings to itself: remove the sensor in System Settings, Bluetooth.");
#endif
}

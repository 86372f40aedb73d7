using SensorHub.Testing;
using SensorHub.Testing.FakeBlueZ;

namespace SensorHub.Bluetooth.InTheHand.Tests;

/// <summary>
/// One bus with one fake bluetoothd for all tests: the package connects to DBUS_SYSTEM_BUS_ADDRESS once in the life of a process.
/// The tests take turns, each with a sensor of its own.
/// </summary>
internal static class FakeSystem
{
    private static readonly SemaphoreSlim Starting = new(1, 1);
    private static FakeBluetoothd? _bluetoothd;
    private static FakeAdapter? _adapter;

    /// <summary>Starts it, or skips the test.</summary>
    public static async Task<(FakeBluetoothd Bluetoothd, FakeAdapter Adapter)> StartAsync()
    {
        await Starting.WaitAsync();
        try
        {
            if (_bluetoothd is null)
            {
                var bus = await DBusDaemon.StartAsync();
                Environment.SetEnvironmentVariable("DBUS_SYSTEM_BUS_ADDRESS", bus.Address);
                _bluetoothd = await FakeBluetoothd.StartAsync(bus.Address);
                _adapter = _bluetoothd.AddAdapter();
            }
            return (_bluetoothd, _adapter!);
        }
        finally
        {
            Starting.Release();
        }
    }
}

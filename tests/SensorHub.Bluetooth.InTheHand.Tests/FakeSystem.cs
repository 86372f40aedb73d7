using SensorHub.Bluetooth.InTheHand.Tests;
using SensorHub.Testing;
using SensorHub.Testing.FakeBlueZ;

[assembly: AssemblyFixture(typeof(FakeSystem))]

namespace SensorHub.Bluetooth.InTheHand.Tests;

/// <summary>
/// One bus with one fake bluetoothd for all tests: the package connects to DBUS_SYSTEM_BUS_ADDRESS once in the life of a process.
/// The tests take turns, each with a sensor of its own.
/// </summary>
public sealed class FakeSystem : IAsyncDisposable
{
    private DBusDaemon? _bus;
    private FakeBluetoothd? _bluetoothd;
    private FakeAdapter? _adapter;

    /// <summary>Starts it, or skips the test.</summary>
    public async Task<(FakeBluetoothd Bluetoothd, FakeAdapter Adapter)> StartAsync()
    {
        if (_adapter is null)
        {
            _bus = await DBusDaemon.StartAsync();
            Environment.SetEnvironmentVariable("DBUS_SYSTEM_BUS_ADDRESS", _bus.Address);
            _bluetoothd = await FakeBluetoothd.StartAsync(_bus.Address);
            _adapter = _bluetoothd.AddAdapter();
        }
        return (_bluetoothd!, _adapter);
    }

    public async ValueTask DisposeAsync()
    {
        if (_bluetoothd is not null)
            await _bluetoothd.DisposeAsync();
        if (_bus is not null)
            await _bus.DisposeAsync();
    }
}

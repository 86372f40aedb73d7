using System.Runtime.CompilerServices;
using Linux.Bluetooth;
using Linux.Bluetooth.Extensions;
using SensorHub.Bluetooth.Portable;
using SensorHub.Core.Protocol;
using Tmds.DBus;

namespace SensorHub.Bluetooth.InTheHand;

/// <summary>
/// InTheHand.BluetoothLE on BlueZ. Adapter and devices are found by Linux.Bluetooth, on which the package itself is built:
/// the package's own scan says neither services nor RSSI, and never ends when the adapter is off.
/// </summary>
/// <param name="adapter">As in <c>hci0</c>; null = the first that is on.</param>
public sealed class InTheHandLibrary(string? adapter, TimeProvider time) : IPortableLibrary, IDisposable
{
    /// <summary>BlueZ keeps what it hears in its objects, which are read this often.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Switched off, an adapter takes a moment to let go of its links.</summary>
    private static readonly TimeSpan OffFor = TimeSpan.FromSeconds(1);

    /// <summary>RSSI "not available" (Core Specification, Vol 4 Part E §7.7.65.2).</summary>
    private const short NoRssi = 127;

    private readonly SemaphoreSlim _finding = new(1, 1);
    private Adapter? _adapter;

    public Task CheckAsync() => AdapterAsync();

    public async IAsyncEnumerable<HeardDevice> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await AdapterAsync();
        await found.SetDiscoveryFilterAsync(new Dictionary<string, object> { ["UUIDs"] = new[] { Gatt.Service.ToString() }, ["Transport"] = "le" });
        await found.StartDiscoveryAsync();
        try
        {
            while (true)
            {
                await Task.Delay(Look, time, cancellationToken);
                foreach (var device in await found.GetDevicesAsync())
                    using (device)
                        if (await HeardAsync(device) is { } heard)
                            yield return heard;
            }
        }
        finally
        {
            await StopAsync(found);
        }
    }

    public async Task<IPortablePeripheral?> FindAsync(string address, CancellationToken cancellationToken)
    {
        var found = await AdapterAsync();
        return await found.GetDeviceAsync(address) is { } device ? new LinuxPeripheral(device) : null;
    }

    public async Task ForgetAsync(string address, CancellationToken cancellationToken)
    {
        var found = await AdapterAsync();
        using var device = await found.GetDeviceAsync(address);
        if (device is not null)
            await found.RemoveDeviceAsync(device.ObjectPath);
    }

    public async Task PowerCycleAsync(CancellationToken cancellationToken)
    {
        var found = await AdapterAsync();
        await found.SetAsync("Powered", false);
        try
        {
            await Task.Delay(OffFor, time, cancellationToken);
        }
        finally
        {
            await found.SetAsync("Powered", true);
        }
    }

    public PortableFault Explain(Exception exception) => exception switch
    {
        DBusException e => DBusFaults.Explain(e.ErrorName, e.ErrorMessage),
        ConnectException => new(DBusFaults.NoBus, FaultReach.Radio),
        DisconnectedException => new("The system bus went away: it comes back by itself, or sudo systemctl restart dbus", FaultReach.Radio),
        TimeoutException => new("the sensor did not answer in time: is it switched on and near?", FaultReach.Operation),
        _ => new(exception.Message.ReplaceLineEndings(" ").TrimEnd('.'), FaultReach.Operation),
    };

    public void Dispose()
    {
        _adapter?.Dispose();
        _finding.Dispose();
    }

    /// <summary>One object for good: each listens to the bus for as long as the process runs.</summary>
    private async Task<Adapter> AdapterAsync()
    {
        await _finding.WaitAsync();
        try
        {
            _adapter ??= await FindAdapterAsync();
            return await _adapter.GetAsync<bool>("Powered") ? _adapter : throw new RadioException($"{DBusFaults.Off}.");
        }
        finally
        {
            _finding.Release();
        }
    }

    private async Task<Adapter> FindAdapterAsync()
    {
        var adapters = await BlueZManager.GetAdaptersAsync();
        var named = adapters
            .Where(a => adapter is null || a.ObjectPath.ToString().EndsWith($"/{adapter}", StringComparison.Ordinal))
            .OrderBy(a => a.ObjectPath.ToString(), StringComparer.Ordinal)
            .ToList();
        foreach (var each in named)
            if (await each.GetAsync<bool>("Powered"))
                return each;
        return named.FirstOrDefault() ?? throw new RadioException(
            adapter is null ? $"{DBusFaults.NoAdapter}." : $"There is no Bluetooth adapter {adapter}: bluetoothctl list shows which there are.");
    }

    /// <returns>Null for what BlueZ remembers and does not hear.</returns>
    private static async Task<HeardDevice?> HeardAsync(Device device)
    {
        try
        {
            var properties = await device.GetAllAsync();
            if (properties.RSSI == 0 || properties.Connected)
                return null;
            return new HeardDevice(
                properties.Address,
                properties.Name ?? "",
                [.. (properties.UUIDs ?? []).Select(Guid.Parse)],
                properties.RSSI == NoRssi ? null : properties.RSSI);
        }
        catch (DBusException e) when (DBusFaults.Explain(e.ErrorName, "").Reach == FaultReach.Link)
        {
            return null; // it went out of range while it was read
        }
    }

    private static async Task StopAsync(Adapter found)
    {
        try
        {
            await found.StopDiscoveryAsync();
        }
        catch (DBusException)
        {
            // It has ended already, with the adapter or the service.
        }
    }
}

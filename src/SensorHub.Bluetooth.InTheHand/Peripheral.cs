using InTheHand.Bluetooth;
using SensorHub.Bluetooth.Portable;

namespace SensorHub.Bluetooth.InTheHand;

/// <summary>The part of a peripheral that is the same on all systems. How it pairs and lets go is the systems' own.</summary>
internal abstract class Peripheral : IPortablePeripheral
{
    protected Peripheral(BluetoothDevice device)
    {
        Device = device;
        device.GattServerDisconnected += OnDisconnected;
    }

    public event Action? Disconnected;

    protected BluetoothDevice Device { get; }

    public int Mtu => Device.Gatt.Mtu;

    public virtual Task ConnectAsync() => Device.Gatt.ConnectAsync();

    public abstract Task PairAsync();

    public async Task<IReadOnlyDictionary<Guid, IPortableCharacteristic>> DiscoverAsync(Guid? service)
    {
        var found = new Dictionary<Guid, IPortableCharacteristic>();
        foreach (var each in await ServicesAsync(service))
            foreach (var characteristic in await each.GetCharacteristicsAsync() ?? [])
                found.TryAdd(characteristic.Uuid, new Characteristic(characteristic));
        return found;
    }

    public abstract Task DisconnectAsync();

    public virtual void Dispose() => Device.GattServerDisconnected -= OnDisconnected;

    private async Task<IEnumerable<GattService>> ServicesAsync(Guid? service) =>
        service is not { } uuid ? await Device.Gatt.GetPrimaryServicesAsync()
        : await Device.Gatt.GetPrimaryServiceAsync(uuid) is { } one ? [one]
        : [];

    protected void RaiseDisconnected() => Disconnected?.Invoke();

    private void OnDisconnected(object? sender, EventArgs e) => RaiseDisconnected();
}

using InTheHand.Bluetooth;
using SensorHub.Bluetooth.Portable;

namespace SensorHub.Bluetooth.InTheHand;

internal sealed class Characteristic(GattCharacteristic characteristic) : IPortableCharacteristic
{
    /// <summary>On Linux the package listens to the bus from a task of its own, without an end to wait for: it begins well within this.</summary>
    private static readonly TimeSpan ListensWithin = TimeSpan.FromMilliseconds(100);

    private Action<byte[]?>? _changed;

    public event Action<byte[]?>? ValueChanged
    {
        add
        {
            // The package stops listening when any handler is removed: it gets one for all.
            if (_changed is null)
                characteristic.CharacteristicValueChanged += OnChanged;
            _changed += value;
        }

        remove
        {
            _changed -= value;
            if (_changed is null)
                characteristic.CharacteristicValueChanged -= OnChanged;
        }
    }

    public async Task<byte[]?> ReadAsync() => await characteristic.ReadValueAsync();

    public Task WriteAsync(byte[] value, bool withResponse) =>
        withResponse ? characteristic.WriteValueWithResponseAsync(value) : characteristic.WriteValueWithoutResponseAsync(value);

    public async Task StartNotificationsAsync()
    {
        await Task.Delay(ListensWithin, TimeProvider.System);
        await characteristic.StartNotificationsAsync();
    }

    public Task StopNotificationsAsync() => characteristic.StopNotificationsAsync();

    private void OnChanged(object? sender, GattCharacteristicValueChangedEventArgs e) => _changed?.Invoke(e.Error is null ? e.Value : null);
}

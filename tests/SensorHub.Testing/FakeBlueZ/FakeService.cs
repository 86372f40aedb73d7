using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Testing.FakeBlueZ;

/// <summary>org.bluez.GattService1 with its characteristics.</summary>
internal sealed class FakeService : FakeObject
{
    private const string Interface = "org.bluez.GattService1";

    public FakeService(FakeSensor sensor, int handle, Guid uuid, params (Guid Uuid, string[] Flags)[] characteristics)
        : base(sensor.Daemon, FormattableString.Invariant($"{sensor.Path}/service{handle:x4}"))
    {
        Set(Interface, "UUID", "s", uuid.ToString());
        Set(Interface, "Device", "o", new ObjectPath(sensor.Path));
        Set(Interface, "Primary", "b", true);
        Set(Interface, "Includes", "ao", Array.Empty<ObjectPath>());
        Uuid = uuid;
        Characteristics = [.. characteristics.Select((c, i) =>
            new FakeCharacteristic(sensor, FormattableString.Invariant($"{Path}/char{handle + 1 + 3 * i:x4}"), Path, c.Uuid, c.Flags))];
    }

    public Guid Uuid { get; }

    public IReadOnlyList<FakeCharacteristic> Characteristics { get; }

    internal override Task<BusBody?> CallAsync(BusMessage call) => Task.FromResult<BusBody?>(null);
}

using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Bluetooth.Virtual.Gatt;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.BlueZ.Peripheral;

/// <summary>
/// The objects that BlueZ makes a GATT database of (BlueZ, org.bluez.GattManager: RegisterApplication): the services of
/// firmware-protocol/README.md §2.1, with BlueZ keeping unencrypted links from what they may not do.
/// </summary>
internal sealed class GattApplication(LivePeripheral sensor)
{
    /// <summary>Of the objects, below which all others are.</summary>
    public const string Path = "/org/sensorhub/sensor";

    private const string ServiceInterface = "org.bluez.GattService1";
    private const string CharacteristicInterface = "org.bluez.GattCharacteristic1";

    private static readonly Service[] Services =
    [
        new($"{Path}/sensor", Profile.Service,
        [
            new("descriptor", Profile.Descriptor, "read"),
            new("control", Profile.Control, "encrypt-write", "encrypt-indicate"),
            new("data", Profile.Data, "encrypt-notify"),
            new("backlog", Profile.Backlog, "encrypt-notify"),
        ]),
        new($"{Path}/information", StandardServices.DeviceInformation,
        [
            new("manufacturer", StandardServices.ManufacturerName, "read"),
            new("model", StandardServices.ModelNumber, "read"),
            new("serial", StandardServices.SerialNumber, "read"),
            new("hardware", StandardServices.HardwareRevision, "read"),
            new("firmware", StandardServices.FirmwareRevision, "read"),
        ]),
        new($"{Path}/battery", StandardServices.Battery, [new("level", StandardServices.BatteryLevel, "read", "notify")]),
    ];

    private static readonly Dictionary<string, Characteristic> ByPath =
        Services.SelectMany(s => s.Characteristics, (s, c) => (Path: c.PathIn(s), Characteristic: c)).ToDictionary(c => c.Path, c => c.Characteristic);

    /// <summary>Answers bluetoothd.</summary>
    /// <exception cref="BusErrorException">The answer is an error.</exception>
    public BusBody? Answer(BusMessage call) => (call.Interface, call.Member) switch
    {
        ("org.freedesktop.DBus.ObjectManager", "GetManagedObjects") => BusBody.Of("a{oa{sa{sv}}}", Objects()),
        (CharacteristicInterface, _) when ByPath.TryGetValue(call.Path, out var characteristic) => Answer(call, characteristic),
        _ => null,
    };

    private BusBody? Answer(BusMessage call, Characteristic characteristic) => call.Member switch
    {
        "ReadValue" => BusBody.Of("ay", Read(characteristic, new Options(call.Value<BusDictionary>(0)))),
        "WriteValue" => Write(characteristic, call.Value<byte[]>(0), new Options(call.Value<BusDictionary>(1))),
        "AcquireNotify" => Acquire(characteristic, new Options(call.Value<BusDictionary>(0))),
        "Confirm" => Confirm(),
        _ => null,
    };

    private byte[] Read(Characteristic characteristic, Options options)
    {
        if (sensor.Read(options.Device, options.Mtu, characteristic.Uuid, out var value) is not AttError.None and var error)
            throw BluezError.From(error);
        return options.Offset <= value.Length ? value[options.Offset..] : throw new BusErrorException(BluezError.InvalidOffset, "");
    }

    private BusBody Write(Characteristic characteristic, byte[] value, Options options) =>
        sensor.Write(options.Device, options.Mtu, characteristic.Uuid, value) is var error && error == AttError.None
            ? default
            : throw BluezError.From(error);

    private BusBody Acquire(Characteristic characteristic, Options options)
    {
        var socket = NotifySocket.Open();
        sensor.Subscribe(options.Device, options.Mtu, characteristic.Uuid, socket);
        return BusBody.Of("hq", socket.Theirs, (ushort)options.Mtu);
    }

    private BusBody Confirm()
    {
        sensor.Confirm();
        return default;
    }

    private static Dictionary<ObjectPath, Dictionary<string, Dictionary<string, Variant>>> Objects()
    {
        var objects = new Dictionary<ObjectPath, Dictionary<string, Dictionary<string, Variant>>>();
        foreach (var service in Services)
        {
            objects[new ObjectPath(service.Path)] = new() { [ServiceInterface] = new() { ["UUID"] = service.Uuid.ToString(), ["Primary"] = true } };
            foreach (var characteristic in service.Characteristics)
                objects[new ObjectPath(characteristic.PathIn(service))] = new() { [CharacteristicInterface] = Properties(service, characteristic) };
        }
        return objects;
    }

    private static Dictionary<string, Variant> Properties(Service service, Characteristic characteristic)
    {
        var properties = new Dictionary<string, Variant>
        {
            ["UUID"] = characteristic.Uuid.ToString(),
            ["Service"] = new ObjectPath(service.Path),
            ["Flags"] = new Variant("as", characteristic.Flags),
        };
        if (characteristic.Notifies)
            properties["NotifyAcquired"] = false; // that it is there has BlueZ call AcquireNotify
        return properties;
    }

    private sealed record Service(string Path, Guid Uuid, Characteristic[] Characteristics);

    private sealed record Characteristic(string Name, Guid Uuid, params string[] Flags)
    {
        public bool Notifies => Flags.Any(flag => flag is "notify" or "encrypt-notify" or "encrypt-indicate");

        public string PathIn(Service service) => $"{service.Path}/{Name}";
    }

    /// <summary>What BlueZ says about who asks.</summary>
    private readonly struct Options(BusDictionary options)
    {
        /// <summary>Its object.</summary>
        public string Device => options.Find<ObjectPath>("device").Path ?? "";

        /// <summary>BlueZ says it since 5.51.</summary>
        public int Mtu => options.Find<ushort>("mtu") is > 0 and var mtu ? mtu : LivePeripheral.DefaultMtu;

        public int Offset => options.Find<ushort>("offset");
    }
}

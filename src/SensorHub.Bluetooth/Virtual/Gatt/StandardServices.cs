namespace SensorHub.Bluetooth.Virtual.Gatt;

/// <summary>The Bluetooth SIG's services Device Information and Battery, and their characteristics.</summary>
public static class StandardServices
{
    public static readonly Guid DeviceInformation = Assigned(0x180a);
    public static readonly Guid Battery = Assigned(0x180f);
    public static readonly Guid BatteryLevel = Assigned(0x2a19);
    public static readonly Guid ModelNumber = Assigned(0x2a24);
    public static readonly Guid SerialNumber = Assigned(0x2a25);
    public static readonly Guid FirmwareRevision = Assigned(0x2a26);
    public static readonly Guid HardwareRevision = Assigned(0x2a27);
    public static readonly Guid ManufacturerName = Assigned(0x2a29);

    /// <summary>A 16-bit UUID on the Bluetooth base UUID.</summary>
    private static Guid Assigned(ushort part) => new(part, 0x0000, 0x1000, 0x80, 0x00, 0x00, 0x80, 0x5f, 0x9b, 0x34, 0xfb);
}

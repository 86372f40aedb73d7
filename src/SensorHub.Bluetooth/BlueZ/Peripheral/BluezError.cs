using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Bluetooth.Virtual.Gatt;

namespace SensorHub.Bluetooth.BlueZ.Peripheral;

/// <summary>What a GATT application answers for bluetoothd to make an ATT error of it (BlueZ, org.bluez.GattCharacteristic).</summary>
internal static class BluezError
{
    public const string Failed = "org.bluez.Error.Failed";
    public const string InvalidOffset = "org.bluez.Error.InvalidOffset";

    /// <summary>
    /// BlueZ has no name for Improperly Configured (0xFD), and lets an application choose among 0x80 to 0x9F only.
    /// </summary>
    private const string SomeApplicationError = "0x80";

    public static BusErrorException From(AttError error) => error switch
    {
        AttError.InvalidAttributeValueLength => new BusErrorException("org.bluez.Error.InvalidValueLength", ""),
        AttError.ProcedureAlreadyInProgress => new BusErrorException("org.bluez.Error.InProgress", ""),
        AttError.ReadNotPermitted or AttError.WriteNotPermitted => new BusErrorException("org.bluez.Error.NotPermitted", ""),
        AttError.InsufficientAuthentication => new BusErrorException("org.bluez.Error.NotAuthorized", ""),
        AttError.CccdImproperlyConfigured => new BusErrorException(Failed, SomeApplicationError),
        _ => new BusErrorException("org.bluez.Error.NotSupported", ""),
    };
}

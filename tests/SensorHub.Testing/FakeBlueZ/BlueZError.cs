using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Bluetooth.Virtual.Gatt;

namespace SensorHub.Testing.FakeBlueZ;

/// <summary>An error as bluetoothd 5.66 answers it: its D-Bus name and message.</summary>
public readonly record struct BlueZError(string Name, string Message)
{
    public static readonly BlueZError InProgress = Of("InProgress", "Operation already in progress");
    public static readonly BlueZError AlreadyExists = Of("AlreadyExists", "Already Exists");
    public static readonly BlueZError AlreadyConnected = Of("AlreadyConnected", "Already Connected");
    public static readonly BlueZError NotConnected = Of("NotConnected", "Not Connected");
    public static readonly BlueZError NotReady = Of("NotReady", "Resource Not Ready");
    public static readonly BlueZError NotSupported = Of("NotSupported", "Operation is not supported");
    public static readonly BlueZError DoesNotExist = Of("DoesNotExist", "Does Not Exist");
    public static readonly BlueZError InvalidArguments = Of("InvalidArguments", "Invalid arguments in method call");
    public static readonly BlueZError Blocked = Of("Blocked", "Blocked through rfkill");
    public static readonly BlueZError AuthenticationFailed = Of("AuthenticationFailed", "Authentication Failed");
    public static readonly BlueZError AuthenticationRejected = Of("AuthenticationRejected", "Authentication Rejected");
    public static readonly BlueZError AuthenticationCanceled = Of("AuthenticationCanceled", "Authentication Canceled");
    public static readonly BlueZError AuthenticationTimeout = Of("AuthenticationTimeout", "Authentication Timeout");

    /// <summary>No answer to the connection request, or one that was given up.</summary>
    public static readonly BlueZError ConnectionAborted = Failed("le-connection-abort-by-local");

    public static BlueZError Failed(string message) => Of("Failed", message);

    public static BlueZError NotPermitted(string message) => Of("NotPermitted", message);

    internal BusErrorException Exception => new(Name, Message);

    /// <summary>What bluetoothd makes of an ATT error.</summary>
    internal static BlueZError Of(AttError error) => error switch
    {
        AttError.ReadNotPermitted => NotPermitted("Read not permitted"),
        AttError.WriteNotPermitted => NotPermitted("Write not permitted"),
        AttError.InsufficientAuthentication => NotPermitted("Not paired"),
        AttError.InvalidAttributeValueLength => InvalidArguments with { Message = "Invalid Length" },
        AttError.RequestNotSupported => NotSupported,
        _ => Failed($"Operation failed with ATT error: 0x{(byte)error:x2}"),
    };

    private static BlueZError Of(string name, string message) => new("org.bluez.Error." + name, message);
}

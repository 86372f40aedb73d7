namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>A peer on the bus answered a call with an error, or, thrown by who serves a call, is to answer so.</summary>
/// <param name="name">As in <c>org.bluez.Error.InProgress</c>.</param>
/// <param name="message">For people; may be empty.</param>
internal sealed class BusErrorException(string name, string message) : Exception(message)
{
    public const string UnknownMethod = "org.freedesktop.DBus.Error.UnknownMethod";
    public const string UnknownObject = "org.freedesktop.DBus.Error.UnknownObject";
    public const string AccessDenied = "org.freedesktop.DBus.Error.AccessDenied";
    public const string ServiceUnknown = "org.freedesktop.DBus.Error.ServiceUnknown";
    public const string NameHasNoOwner = "org.freedesktop.DBus.Error.NameHasNoOwner";
    public const string NoReply = "org.freedesktop.DBus.Error.NoReply";
    public const string Failed = "org.freedesktop.DBus.Error.Failed";

    public string Name => name;

    /// <summary>Nobody answered in time.</summary>
    public bool IsTimeout => Name is NoReply or "org.freedesktop.DBus.Error.Timeout" or "org.freedesktop.DBus.Error.TimedOut";
}

namespace SensorHub.Bluetooth.Portable;

/// <summary>What the errors of D-Bus and BlueZ mean, by their names (doc/org.bluez.*.rst in BlueZ's sources).</summary>
public static class DBusFaults
{
    public const string NoBus = "There is no system bus: install and start dbus (sudo apt-get install dbus, sudo systemctl start dbus)";
    public const string NoAdapter = "There is no Bluetooth adapter: plug one in; bluetoothctl list shows what the system sees";
    public const string Off = "The Bluetooth adapter is off: sudo rfkill unblock bluetooth, then bluetoothctl power on";

    /// <param name="name">As in <c>org.bluez.Error.Failed</c>.</param>
    /// <param name="message">What came with it, for people who know BlueZ.</param>
    public static PortableFault Explain(string name, string message) => name[(name.LastIndexOf('.') + 1)..] switch
    {
        "ServiceUnknown" or "NameHasNoOwner" =>
            new("The Bluetooth service does not run: sudo systemctl start bluetooth (sudo apt-get install bluez where there is none)", FaultReach.Radio),
        "AccessDenied" =>
            new("No permission to use Bluetooth: sudo usermod -aG bluetooth $USER, then log out and in", FaultReach.Radio),
        "NotReady" => new(Off, FaultReach.Radio),
        "NotConnected" => new("the sensor is not connected any more", FaultReach.Link),
        "UnknownObject" or "UnknownMethod" or "UnknownInterface" or "DoesNotExist" =>
            new("the radio does not know the sensor any more", FaultReach.Link),
        "NoReply" or "Timeout" or "TimedOut" => new("the Bluetooth service did not answer", FaultReach.Link),
        "AuthenticationFailed" or "AuthenticationRejected" or "AuthenticationCanceled" or "AuthenticationTimeout" or "ConnectionAttemptFailed" =>
            new($"the sensor did not pair ({message}): forget it, switch it off and on, hold it near and try again", FaultReach.Operation),
        "NotPermitted" or "NotAuthorized" => new($"the sensor refused ({message}): forget it and pair again", FaultReach.Operation),
        "InProgress" => new("the radio is still busy with the sensor: try again", FaultReach.Operation),
        var other => new(message.Length > 0 ? message : other, FaultReach.Operation),
    };
}

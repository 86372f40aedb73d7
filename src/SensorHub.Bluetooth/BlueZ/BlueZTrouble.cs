using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.BlueZ;

/// <summary>What BlueZ's errors mean for a person, and what mends them.</summary>
internal static class BlueZTrouble
{
    public const string NoPermission = "No permission to use Bluetooth: sudo usermod -aG bluetooth $USER, then log out and in again";
    public const string NotRunning = "The Bluetooth service (bluetoothd) is not running: sudo systemctl start bluetooth (where it is missing: sudo apt install bluez)";
    public const string Hangs = "The Bluetooth service (bluetoothd) does not answer: sudo systemctl restart bluetooth";
    public const string NoAdapter = "There is no Bluetooth adapter: plug one in, or see what the kernel says of it: sudo dmesg | grep -i bluetooth";
    public const string Blocked = "Bluetooth is blocked by software (rfkill): sudo rfkill unblock bluetooth";
    public const string HardBlocked = "Bluetooth is blocked by a switch or key of the computer: switch it on there (rfkill list shows it)";
    public const string CannotPowerOn = "The Bluetooth adapter is off and does not switch on: bluetoothctl power on says why; sudo systemctl restart bluetooth often helps";
    public const string PairingOff = "Is the sensor bonded elsewhere? Forget it on the hub, switch it off and on, hold it near, and pair again";

    /// <summary>The last part of an error's name, as in InProgress.</summary>
    public static string Kind(this BusErrorException error) => error.Name[(error.Name.LastIndexOf('.') + 1)..];

    /// <summary>Whether the trouble is with the radio itself, and then what to say.</summary>
    public static RadioException? OfRadio(BusErrorException error, BlueZOptions options) => error.Kind() switch
    {
        "AccessDenied" => new RadioException(NoPermission, error),
        "ServiceUnknown" or "NameHasNoOwner" or "NoSuchUnit" => new RadioException(NotRunning, error),
        var kind when kind.StartsWith("Spawn", StringComparison.Ordinal) || error.Name.Contains(".Spawn.", StringComparison.Ordinal) => new RadioException(NotRunning, error),
        "NotReady" or "Blocked" => new RadioException(BlockedBy(options) ?? CannotPowerOn, error),
        _ => null,
    };

    /// <param name="what">As in "the write".</param>
    public static LinkException Of(BusErrorException error, string what, BlueZOptions options)
    {
        if (OfRadio(error, options) is { } radio)
            return radio;
        if (error.IsTimeout)
            return new LinkException($"The sensor did not answer {what} in time.", error);
        return error.Kind() switch
        {
            "NotConnected" or "UnknownObject" or "DoesNotExist" => new LinkException($"The sensor is not connected any more: {what} could not be done.", error),
            "NotPermitted" or "NotAuthorized" => new LinkException($"The sensor refused {what}{Detail(error)}. {PairingOff}.", error),
            "NotSupported" or "InvalidArguments" or "InvalidValueLength" => new LinkException($"The sensor does not support {what}{Detail(error)}. Update its firmware.", error),
            _ when error.Message.Contains("Not connected", StringComparison.OrdinalIgnoreCase) => new LinkException($"The sensor is not connected any more: {what} could not be done.", error),
            _ => new LinkException($"The radio could not do {what}{Detail(error)}.", error),
        };
    }

    /// <summary>What rfkill says of Bluetooth; null when it is not blocked.</summary>
    public static string? BlockedBy(BlueZOptions options)
    {
        string? blocked = null;
        if (!Directory.Exists(options.RfkillFolder))
            return null;
        foreach (var folder in Directory.EnumerateDirectories(options.RfkillFolder))
        {
            if (ReadLine(folder, "type") != "bluetooth")
                continue;
            if (ReadLine(folder, "hard") == "1")
                return HardBlocked;
            if (ReadLine(folder, "soft") == "1")
                blocked = Blocked;
        }
        return blocked;
    }

    /// <summary>BlueZ's words without a radio address, if it has any.</summary>
    private static string Detail(BusErrorException error) =>
        error.Message.Length == 0 || error.Message.Contains("dev_", StringComparison.Ordinal) || error.Message.Count(c => c == ':') >= 5 ? "" : $" ({error.Message})";

    private static string ReadLine(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

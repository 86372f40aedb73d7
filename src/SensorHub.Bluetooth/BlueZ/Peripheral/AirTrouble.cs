using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.BlueZ.Peripheral;

/// <summary>Why a virtual sensor cannot go on the air, and what mends it.</summary>
internal static class AirTrouble
{
    public static RadioException NoAdapter(string adapter, IReadOnlyList<string> paths) => new(paths.Count == 0
        ? $"There is no Bluetooth adapter, so no {adapter}: plug one in, and look with 'bluetoothctl list'."
        : $"There is no adapter {adapter}. There is: {string.Join(", ", paths.Select(p => p[(p.LastIndexOf('/') + 1)..]).Order(StringComparer.Ordinal))}.");

    /// <param name="active">Advertisements of others.</param>
    public static RadioException Occupied(string adapter, int active) =>
        new($"{adapter} advertises as much as it can already ({active} in all): end another 'sensorhub simulate' on it, or take another adapter.");

    public static RadioException From(BusErrorException error, string adapter) => error.Name switch
    {
        BusErrorException.ServiceUnknown or BusErrorException.NameHasNoOwner or "org.freedesktop.DBus.Error.Spawn.ChildExited" or "org.freedesktop.systemd1.NoSuchUnit" =>
            new RadioException("The Bluetooth service (bluetoothd) is not running: sudo systemctl start bluetooth", error),
        BusErrorException.AccessDenied =>
            new RadioException("No permission for Bluetooth: sudo usermod -aG bluetooth $USER, then log in again", error),
        "org.bluez.Error.Blocked" =>
            new RadioException($"{adapter} is blocked: sudo rfkill unblock bluetooth", error),
        "org.bluez.Error.NotPermitted" =>
            new RadioException($"{adapter} advertises as much as it can already: end another 'sensorhub simulate' on it, or take another adapter.", error),
        "org.bluez.Error.NotReady" =>
            new RadioException($"{adapter} is switched off: bluetoothctl power on", error),
        BusErrorException.UnknownObject or BusErrorException.UnknownMethod =>
            new RadioException($"There is no adapter {adapter} any more, or it cannot be a peripheral: look with 'bluetoothctl list'.", error),
        _ =>
            new RadioException($"BlueZ does not put a sensor on the air of {adapter} ({error.Name}: {(error.Message is "" ? "no reason given" : error.Message)}). It takes BlueZ 5.62 or later, and an adapter that is on ('rfkill list').", error),
    };
}

namespace SensorHub.Bluetooth.BlueZ.Peripheral;

/// <summary>Where and how a virtual sensor goes on the air.</summary>
public sealed record AirOptions
{
    /// <summary>BlueZ's name of the adapter, as in <c>hci0</c>.</summary>
    public required string Adapter { get; init; }

    /// <summary>
    /// How often the advertisement is registered anew while no hub is connected, 0.2 s or more; null = only when BlueZ has dropped it. An
    /// emulated controller may send one report for each time.
    /// </summary>
    public TimeSpan? AdvertiseAgain { get; init; }

    /// <summary>Of the message bus, as D-Bus writes it; null = DBUS_SYSTEM_BUS_ADDRESS, or else the system's.</summary>
    public string? BusAddress { get; init; }
}

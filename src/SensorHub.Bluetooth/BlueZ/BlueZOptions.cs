namespace SensorHub.Bluetooth.BlueZ;

/// <summary>How the hub uses BlueZ.</summary>
public sealed record BlueZOptions
{
    /// <summary>The adapter, as in hci0. Null = the first that is switched on, or else the first.</summary>
    public string? Adapter { get; init; }

    /// <summary>The message bus, as D-Bus writes addresses. Null = DBUS_SYSTEM_BUS_ADDRESS, or else the system's.</summary>
    public string? BusAddress { get; init; }

    /// <summary>Who shows and confirms numbers while a sensor pairs. Null = nobody.</summary>
    public IPairingAgent? PairingAgent { get; init; }

    /// <summary>For a sensor to be heard, and again for it to answer. The kernel gives up after 20 s itself.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>For BlueZ to find the services of a sensor that is connected.</summary>
    public TimeSpan DiscoveryTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For a read, a write or a subscription: ATT gives a sensor 30 s (Core Specification, Vol 3 Part F §3.3.3).</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(35);

    /// <summary>For pairing, in which a person may have to compare numbers.</summary>
    public TimeSpan PairingTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an adapter stays off in a power cycle.</summary>
    public TimeSpan OffTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where the kernel says which radios are blocked.</summary>
    public string RfkillFolder { get; init; } = "/sys/class/rfkill";

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

namespace SensorHub.Bluetooth.Virtual.Radio;

/// <summary>How good the virtual radio is.</summary>
public sealed record RadioOptions
{
    /// <summary>Nothing is ever late beyond the connection interval, lost or cut off.</summary>
    public static readonly RadioOptions Perfect = new() { MissedEvents = 0, HostDelay = TimeSpan.Zero, LateDeliveries = 0, NotificationLoss = 0 };

    /// <summary>Time between two connection events. Bluetooth: 7.5 ms to 4 s. Shorter = less latency, more current.</summary>
    public TimeSpan ConnectionInterval { get; init; } = TimeSpan.FromMilliseconds(15);

    /// <summary>ATT MTU, 23 to 517.</summary>
    public int Mtu { get; init; } = 247;

    /// <summary>Packets a sensor can send in one connection event.</summary>
    public int PacketsPerEvent { get; init; } = 6;

    /// <summary>Share of connection events in which nothing gets through; what waits goes out in the next. 0 to 1.</summary>
    public double MissedEvents { get; init; } = 0.03;

    /// <summary>The host's stack hands a value over after up to this, evenly distributed.</summary>
    public TimeSpan HostDelay { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Share of values for which the host takes up to twenty times <see cref="HostDelay"/>. 0 to 1.</summary>
    public double LateDeliveries { get; init; } = 0.01;

    /// <summary>
    /// Share of notifications lost whole, 0 to 1. Inside a connection Bluetooth repeats until it is through; stacks under
    /// load drop them.
    /// </summary>
    public double NotificationLoss { get; init; } = 0.001;

    /// <summary>How often a sensor goes out of range at random, a minute.</summary>
    public double OutagesPerMinute { get; init; }

    /// <summary>The mean length of a random outage.</summary>
    public TimeSpan MeanOutage { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Outages at given times, of every sensor.</summary>
    public IReadOnlyList<Outage> Outages { get; init; } = [];

    /// <summary>A link is lost when nothing got through for this long.</summary>
    public TimeSpan SupervisionTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long connecting waits for an advertisement.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the adapter takes to be switched off and on.</summary>
    public TimeSpan PowerCycle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From one advertisement to the next (firmware-protocol/README.md §2.4).</summary>
    public TimeSpan AdvertisingInterval { get; init; } = TimeSpan.FromMilliseconds(152.5);
}

/// <summary>A span in which a sensor is out of range.</summary>
/// <param name="Start">Since the radio was made.</param>
public readonly record struct Outage(TimeSpan Start, TimeSpan Duration)
{
    public TimeSpan End => Start + Duration;
}

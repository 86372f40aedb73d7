namespace SensorHub.Bluetooth.Link;

/// <summary>How the hub talks to a sensor.</summary>
public sealed record SensorSessionOptions
{
    /// <summary>The longest a sample may wait in the sensor, ms. 0 = frames as full as the MTU allows; 10 to 1000 otherwise. Shorter = more live, more packets.</summary>
    public ushort LatencyMilliseconds { get; init; } = 60;

    /// <summary>Time exchanges in a row before the streams start, 1 to 100: the best round trip of them sets the clock.</summary>
    public int FirstTimeExchanges { get; init; } = 6;

    /// <summary>From one time exchange to the next afterwards, 1 to 60 s. firmware-protocol/README.md §6 says 10 to 30 s.</summary>
    public TimeSpan TimeExchangeInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A sensor that has not answered a request for this long counts as lost (firmware-protocol/README.md §2.3).</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(5);
}

namespace SensorHub.Bluetooth.Link;

/// <summary>How the hub talks to a sensor.</summary>
public sealed record SensorSessionOptions
{
    /// <summary>The longest a sample may wait in the sensor, ms. 0 = frames as full as the MTU allows; 10 to 1000 otherwise. Shorter = more live, more packets.</summary>
    public ushort LatencyMilliseconds { get; init; } = 60;

    /// <summary>Time exchanges before the streams start, 1 to 100. More = the clock is sure sooner, the streams start later.</summary>
    public int FirstTimeExchanges { get; init; } = 6;

    /// <summary>From one round of time exchanges to the next afterwards, 1 to 60 s. firmware-protocol/README.md §6 says 10 to 30 s.</summary>
    public TimeSpan TimeExchangeInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time exchanges in a round, 1 to 10. More = tighter bounds on the clock, some 50 bytes each.</summary>
    public int TimeExchangesPerRound { get; init; } = 3;

    /// <summary>Over how long the requests of time exchanges are spread, 0 to 1 s; more than a connection interval, so that they meet all of it.</summary>
    public TimeSpan TimeExchangeSpread { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>A sensor that has not answered a request for this long counts as lost (firmware-protocol/README.md §2.3).</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(5);
}

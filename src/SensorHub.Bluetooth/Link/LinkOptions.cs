namespace SensorHub.Bluetooth.Link;

/// <summary>How the hub talks to its sensors, and what it does when one falls silent.</summary>
public sealed record LinkOptions
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

    /// <summary>How long a person may take to pair a sensor, 5 s to 5 min.</summary>
    public TimeSpan PairingTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The shortest silence of a wanted stream that counts as a stall, 1 s or more; streams of slow frames are given <see cref="SilentFrames"/>.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A stream is silent when this many of its frames are due and none came, 2 to 20.</summary>
    public int SilentFrames { get; init; } = 4;

    /// <summary>How long a sensor has to stream before its troubles are forgotten and recovery begins at its first stage again, 5 s to 10 min.</summary>
    public TimeSpan Stable { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The first pause before connecting again, 0.1 to 10 s; it doubles up to <see cref="LongestPause"/>, each shortened at random by up to a half.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest pause before connecting again, 5 s to 10 min.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From one look at a sensor that cannot be used to the next, 10 s to 1 h: its firmware may have been updated.</summary>
    public TimeSpan RefusedPause { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long only the known address is listened for, 0 to 60 s; afterwards the name will do, for a private address changes.</summary>
    public TimeSpan AddressOnly { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A sensor that was not heard for this long is tried by its address all the same, 5 s to 10 min: another program of this computer may hold the link.</summary>
    public TimeSpan Unheard { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A scan that hears no sensor for this long is begun anew, 10 s to 10 min.</summary>
    public TimeSpan ScanRenewal { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The adapter is switched off and on at most once in this time, 1 min to 24 h, and only when no sensor streams through it.</summary>
    public TimeSpan PowerCyclePause { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Samples of one request to the ring buffer, 1 to 10 000. Fewer = the backlog gives way to live frames more often.</summary>
    public int BacklogSamples { get; init; } = 500;

    /// <summary>From one answer of the ring buffer to the next request, 0 to 1 s: the link is the live frames' alone meanwhile.</summary>
    public TimeSpan BacklogPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>An answer of the ring buffer that brought nothing for this long has ended, 0.5 to 30 s: its last frame was lost.</summary>
    public TimeSpan BacklogSilence { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a sample is asked for again that did not come with the answer, 1 to 20; then it is given up.</summary>
    public int BacklogTries { get; init; } = 4;

    /// <summary>How long a sensor that is no longer wanted is given to stop its streams, 0 to 10 s.</summary>
    public TimeSpan Farewell { get; init; } = TimeSpan.FromSeconds(1);
}

using SensorHub.Core;

namespace SensorHub.Storage.Bridging;

/// <summary>How a bridge batches, waits and stops.</summary>
public sealed record BridgeOptions
{
    /// <summary>
    /// Messages that the broker may deliver ahead of their acknowledgement: received and not yet stored. It keeps what is
    /// beyond. Range 1 to 65,535 (MQTT's Receive Maximum).
    /// </summary>
    public int Capacity { get; init; } = 4096;

    /// <summary>
    /// Messages that are stored together, at most; fewer where the output takes fewer at once. About half of <see cref="Capacity"/>, so that one batch can be filled
    /// while another is stored. Larger ones cost more than they save: what waits is memory that the garbage collector moves (tests/SensorHub.Benchmarks/README.md).
    /// </summary>
    public int BatchSize { get; init; } = 2000;

    /// <summary>A batch is written when it is full or its first point has waited so long. Range 0 to 10 s.</summary>
    public TimeSpan BatchInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Wait before the first retry of an output that is away; doubles with each.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait, and the wait after each refusal that a person must mend.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stop waits for the output; what it has not taken by then stays with the broker.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Seed of the jitter in the waits.</summary>
    public int JitterSeed { get; init; } = 1;

    /// <exception cref="UserException">A value is outside its range.</exception>
    public void Validate()
    {
        if (Capacity is < 1 or > ushort.MaxValue)
            throw new UserException($"The bridge's capacity is 1 to {ushort.MaxValue} messages, not {Capacity}.");
        if (BatchSize < 1)
            throw new UserException($"A batch is of 1 message or more, not of {BatchSize}.");
        if (BatchInterval < TimeSpan.Zero || BatchInterval > TimeSpan.FromSeconds(10))
            throw new UserException($"The bridge's batch interval is 0 to 10 s, not {BatchInterval}.");
        if (FirstRetry <= TimeSpan.Zero || LongestRetry < FirstRetry)
            throw new UserException($"The bridge's retries wait from more than 0 s up, not from {FirstRetry} to {LongestRetry}.");
    }
}

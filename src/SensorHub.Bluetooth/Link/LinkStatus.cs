using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>How a wanted sensor does.</summary>
public sealed record LinkStatus
{
    public required Slug Sensor { get; init; }

    public required LinkState State { get; init; }

    /// <summary>Hub time at which it came into this state.</summary>
    public required Timestamp Since { get; init; }

    /// <summary>Why it is in this state, one line for a person; empty when there is nothing to say.</summary>
    public required string Reason { get; init; }

    /// <summary>What is wrong and what to do, one line for a person; null when nothing is. May come with a sensor that streams.</summary>
    public string? Trouble { get; init; }

    /// <summary>How far recovery has gone.</summary>
    public RecoveryStage Stage { get; init; }

    /// <summary>Tries in a row that did not end in streaming.</summary>
    public int Tries { get; init; }

    /// <summary>Of the last advertisement, dBm; null when it was not heard or the radio does not say.</summary>
    public int? Rssi { get; init; }

    /// <summary>ATT MTU of this link; null without one, or when the radio does not say.</summary>
    public int? Mtu { get; init; }

    /// <summary>%, as last told; null until then.</summary>
    public int? Battery { get; init; }

    /// <summary>As last told; null until then.</summary>
    public string? Firmware { get; init; }

    /// <summary>As last read; null until then.</summary>
    public SensorDescriptor? Descriptor { get; init; }

    /// <summary>The wanted streams, in the descriptor's order; empty until it is known.</summary>
    public IReadOnlyList<StreamStatus> Streams { get; init; } = [];

    /// <summary>Of its first IMU stream, or else its first with a period, over the last five seconds.</summary>
    public double SamplesPerSecond { get; init; }

    /// <summary>Samples that are known to be missing and that the sensor may still have.</summary>
    public long Missing { get; init; }

    /// <summary>Samples that came from the ring buffer, since the hub began.</summary>
    public long Fetched { get; init; }

    /// <summary>Samples that were missing and will not come any more, since the hub began.</summary>
    public long GivenUp { get; init; }

    /// <summary>Frames that could not be read, since the hub began.</summary>
    public long Malformed { get; init; }
}

/// <summary>How a wanted stream does.</summary>
/// <param name="Stream">Its id in the descriptor.</param>
/// <param name="NominalRate">Samples per second, as asked for; null of events.</param>
/// <param name="SamplesPerSecond">As they came over the last five seconds, without those of the backlog.</param>
public sealed record StreamStatus(byte Stream, StreamKind Kind, double? NominalRate, double SamplesPerSecond);

/// <summary>What is done for a sensor that should stream and does not, from the mildest to the strongest.</summary>
public enum RecoveryStage : byte
{
    None = 0,

    /// <summary>Notifications are enabled anew and the streams started again, on the same link.</summary>
    Resubscribe = 1,

    /// <summary>The link is made anew.</summary>
    Reconnect = 2,

    /// <summary>The sensor is searched for by a fresh scan before the link is made anew.</summary>
    Rediscover = 3,

    /// <summary>The adapter is switched off and on, when no sensor streams through it.</summary>
    PowerCycle = 4,

    /// <summary>The hub is at the end of its means, and says what a person can do. It goes on trying.</summary>
    RestartHint = 5,
}

/// <summary>A sensor that was heard, whether it is wanted or not.</summary>
/// <param name="Address">The radio's name for it. Stays inside the hub: never in a topic, a tag or a log.</param>
/// <param name="Rssi">dBm; null when the radio does not say.</param>
/// <param name="LastHeard">Hub time of its last advertisement.</param>
public sealed record NearbySensor(string Address, string Name, int? Rssi, Timestamp LastHeard);

/// <summary>What a sensor says about itself to everybody, without pairing.</summary>
/// <param name="Battery">%; null when it does not say. So are the others.</param>
public sealed record SensorLook(
    Slug Sensor, SensorDescriptor Descriptor, string? Manufacturer, string? Model, string? Serial, string? Hardware, string? Firmware, int? Battery);

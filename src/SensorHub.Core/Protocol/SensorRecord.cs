using SensorHub.Core.Timing;

namespace SensorHub.Core.Protocol;

/// <summary>
/// Something the hub saw or was told, as it was, with the hub's time of seeing it. The records of a session in their
/// order are its truth: recording keeps them, and every estimate is a function of them, live and in replay alike.
/// </summary>
/// <param name="At">Hub time of receipt. Never earlier than the record before it.</param>
public abstract record SensorRecord(Timestamp At)
{
    /// <summary>A sensor said what it is. Comes before its first frame, and again after each reconnect.</summary>
    /// <param name="Bytes">The value of the descriptor characteristic, at most 512 bytes.</param>
    public sealed record Described(Timestamp At, Slug Sensor, ReadOnlyMemory<byte> Bytes) : SensorRecord(At);

    /// <summary>A notification on the data or backlog characteristic, whole and unchecked.</summary>
    public sealed record Frame(Timestamp At, Slug Sensor, ReadOnlyMemory<byte> Bytes) : SensorRecord(At);

    /// <summary>A request for the device's time and its response.</summary>
    /// <param name="At">Hub time when the response was received.</param>
    /// <param name="RequestedAt">Hub time when the request was written.</param>
    /// <param name="Received">Device time when it took the request.</param>
    /// <param name="Sent">Device ticks when it sent the response.</param>
    public sealed record TimeExchanged(Timestamp At, Slug Sensor, Timestamp RequestedAt, DeviceTime Received, ulong Sent) : SensorRecord(At);

    /// <summary>The link to a sensor came up or went down.</summary>
    /// <param name="Reason">Empty, or what the radio said.</param>
    public sealed record Link(Timestamp At, Slug Sensor, LinkState State, string Reason) : SensorRecord(At);

    /// <summary>Samples that were missing and will not come any more: the sensor no longer has them.</summary>
    /// <param name="BootId">The boot that numbered them.</param>
    /// <param name="Sequence">Number of the first.</param>
    /// <param name="Count">How many, at least 1.</param>
    public sealed record GivenUp(Timestamp At, Slug Sensor, byte Stream, uint BootId, uint Sequence, uint Count) : SensorRecord(At);

    /// <summary>Something a person or the program said: session begun, stand calibrated, muscle chosen, session ended.</summary>
    public sealed record Marked(Timestamp At, Sessions.Marker Marker) : SensorRecord(At);
}

public enum LinkState : byte
{
    /// <summary>It was heard; the link is being made.</summary>
    Connecting = 1,

    /// <summary>Samples arrive.</summary>
    Streaming = 2,

    /// <summary>The link was lost, and another try follows.</summary>
    Lost = 3,

    /// <summary>Listened for.</summary>
    Searching = 4,

    /// <summary>The link is there and is being encrypted, perhaps with a person's help.</summary>
    Pairing = 5,

    /// <summary>The link is encrypted; streams are being started.</summary>
    Starting = 6,

    /// <summary>The link is there, and samples that should come do not.</summary>
    Stalled = 7,

    /// <summary>It cannot be used until somebody changes something: another protocol, a refused pairing.</summary>
    Refused = 8,

    /// <summary>Nobody wants it now.</summary>
    Off = 9,
}

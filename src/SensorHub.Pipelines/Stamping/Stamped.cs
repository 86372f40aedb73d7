using SensorHub.Core;
using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Stamping;

/// <summary>
/// What became of a record: samples with their times, or what was noticed on the way. One ordered stream for all
/// sensors; a record gives none, one or several.
/// </summary>
/// <param name="At">The record's hub time.</param>
public abstract record Stamped(Timestamp At)
{
    /// <summary>A sensor is there, and this is what it is. Comes once before its first packet, and again if it became another.</summary>
    /// <param name="Marks">What was said in the present session before, and of a sensor before it, in order, for estimators that begin now.</param>
    public sealed record Known(Timestamp At, Slug Sensor, SensorDescriptor Descriptor, IReadOnlyList<Marked> Marks) : Stamped(At);

    /// <param name="Place">Where in its stream.</param>
    /// <param name="Raw">The same samples as they were sent.</param>
    public sealed record Imu(Timestamp At, ImuPacket Packet, StreamPlace Place, RawSamples Raw) : Stamped(At);

    /// <param name="Place">Where in its stream.</param>
    /// <param name="Raw">The same samples as they were sent.</param>
    public sealed record Load(Timestamp At, LoadPacket Packet, StreamPlace Place, RawSamples Raw) : Stamped(At);

    /// <summary>
    /// Samples or events that came behind newer ones of their stream. Live estimates go on without them; they are there for whoever
    /// puts everything into the order in which it happened.
    /// </summary>
    /// <param name="Due">When it would have arrived, had nothing been lost.</param>
    /// <param name="Item">What came, at <paramref name="Due"/>.</param>
    public sealed record Late(Timestamp At, Timestamp Due, Stamped Item) : Stamped(At);

    public sealed record Marked(Timestamp At, Marker Marker) : Stamped(At);

    /// <summary>A <see cref="Gap"/>, a <see cref="DeviceEvent"/> or the <see cref="SensorHealth"/>; for the outlets as it is.</summary>
    public sealed record Noticed(Timestamp At, Feature Feature) : Stamped(At);
}

/// <summary>Where samples stand in their stream.</summary>
/// <param name="BootId">The boot that numbers them.</param>
public readonly record struct StreamPlace(byte Stream, uint BootId, SampleRange Samples);

/// <summary>Samples with every channel of their stream, in bytes.</summary>
/// <param name="Stream">Says which channel is where.</param>
/// <param name="Bytes">Of the samples alone. A view of the frame.</param>
public readonly record struct RawSamples(StreamDescriptor Stream, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>One channel of one sample in its physical unit.</summary>
    public double Read(int sample, int channel) => Stream.Read(Bytes.Span, sample, channel);
}

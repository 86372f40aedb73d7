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

    public sealed record Imu(Timestamp At, ImuPacket Packet) : Stamped(At);

    public sealed record Load(Timestamp At, LoadPacket Packet) : Stamped(At);

    public sealed record Marked(Timestamp At, Marker Marker) : Stamped(At);

    /// <summary>A <see cref="Gap"/>, a <see cref="DeviceEvent"/> or the <see cref="SensorHealth"/>; for the outlets as it is.</summary>
    public sealed record Noticed(Timestamp At, Feature Feature) : Stamped(At);
}

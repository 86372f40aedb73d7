using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Export.Recordings;

/// <summary>What is known of a recording before its samples are read.</summary>
/// <param name="Path">Of the recording.</param>
/// <param name="Session">None for frames without one.</param>
/// <param name="Subject">Pseudonym.</param>
/// <param name="BodyMassKg">Null when it was not told.</param>
/// <param name="Start">Of the session, or the first record.</param>
/// <param name="End">Of the session, or the last record.</param>
/// <param name="HasEnded">Whether the end of the session is in it.</param>
/// <param name="Sha256">Of the bytes of its segments in their order, in hexadecimal.</param>
/// <param name="Bytes">Of the segments.</param>
/// <param name="Devices">Those that sent frames, by name.</param>
/// <param name="Imported">Markers that came from elsewhere afterwards.</param>
public sealed record SessionOutline(
    string Path, Slug Session, Slug Subject, double? BodyMassKg, Timestamp Start, Timestamp End, bool HasEnded, string Sha256, long Bytes, IReadOnlyList<Device> Devices,
    IReadOnlyList<ImportedMarker> Imported);

/// <summary>A sensor of a recording.</summary>
/// <param name="Descriptor">What it said of itself last.</param>
/// <param name="Firmwares">All that it had, in their order.</param>
/// <param name="Streams">Sampled ones. One that changed its channels stands there for each.</param>
public sealed record Device(Slug Sensor, SensorDescriptor Descriptor, IReadOnlyList<string> Firmwares, IReadOnlyList<RawStream> Streams);

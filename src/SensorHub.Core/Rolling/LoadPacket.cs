using SensorHub.Core.Timing;

namespace SensorHub.Core.Rolling;

/// <summary>The stamped samples of one frame of a load stream, oldest first.</summary>
/// <param name="Missing">Samples lost between the packet before and this one; null when a reboot left no way to know.</param>
public sealed record LoadPacket(Slug Sensor, IReadOnlyList<LoadSample> Samples, long? Missing);

/// <param name="Time">When it was taken, on the hub's axis.</param>
/// <param name="Cells">Newton, one a load cell, calibrated.</param>
public readonly record struct LoadSample(Timestamp Time, IReadOnlyList<double> Cells);

using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>The stamped samples of one frame of an IMU stream, oldest first.</summary>
/// <param name="Missing">Samples lost between the packet before and this one; null when a reboot left no way to know.</param>
public sealed record ImuPacket(Slug Sensor, ElementRole Element, IReadOnlyList<ImuSample> Samples, long? Missing);

/// <param name="Time">When it was taken, on the hub's axis.</param>
/// <param name="SpecificForce">m/s², sensor frame, including gravity: +9.81 on the axis that points up at rest.</param>
/// <param name="AngularRate">rad/s, sensor frame.</param>
public readonly record struct ImuSample(Timestamp Time, Vector3D SpecificForce, Vector3D AngularRate);

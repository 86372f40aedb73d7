using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.BlueZ;

/// <summary>Something that BlueZ told of an object.</summary>
/// <param name="Interface">The interface that changed, came or went.</param>
/// <param name="Properties">The new values; all of them when it came, none when it went.</param>
internal sealed record ObjectChange(ChangeKind Kind, string Path, string Interface, BusDictionary Properties);

internal enum ChangeKind
{
    Added,
    Changed,
    Removed,

    /// <summary>BlueZ or the bus is gone, and every object with it. Path and interface are empty.</summary>
    Gone,
}

namespace SensorHub.Core.Timing;

/// <summary>
/// A reading of a sensor's own clock: whole ticks since it booted, with the random id of that boot. Ticks of two boots
/// do not compare. Only <see cref="SampleClock"/> relates device time to the hub's <see cref="Timestamp"/>.
/// </summary>
public readonly record struct DeviceTime(uint BootId, ulong Ticks)
{
    public override string ToString() => FormattableString.Invariant($"{Ticks} ticks of boot {BootId:x8}");
}

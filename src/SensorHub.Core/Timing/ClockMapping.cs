namespace SensorHub.Core.Timing;

/// <summary>How a sensor's ticks lie on the hub's time axis: a line through the newest stamp. It holds until the <see cref="SampleClock"/> bends it, about once a second.</summary>
/// <param name="BootId">The boot that counts the ticks.</param>
/// <param name="Ticks">Device ticks of the newest stamp.</param>
/// <param name="Time">The stamp.</param>
/// <param name="TicksPerSecond">Device ticks per second of hub time.</param>
public sealed record ClockMapping(uint BootId, ulong Ticks, Timestamp Time, double TicksPerSecond)
{
    /// <summary>Hub time of other ticks of the same boot, before or behind.</summary>
    public Timestamp At(ulong ticks) => new(Time.UnixNanoseconds + (long)Math.Round(unchecked((long)(ticks - Ticks)) / TicksPerSecond * 1e9));
}

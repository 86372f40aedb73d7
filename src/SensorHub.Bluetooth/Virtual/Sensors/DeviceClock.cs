namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>A sensor's own clock: whole ticks since it booted, at a rate that is a little off.</summary>
/// <param name="bootSeconds">When it booted, in seconds of the simulation; before its beginning when negative.</param>
/// <param name="tickRate">Ticks per second, nominal.</param>
/// <param name="driftPpm">How much faster it runs than nominal, parts per million.</param>
public sealed class DeviceClock(double bootSeconds, uint tickRate, double driftPpm)
{
    private readonly double _rate = tickRate * (1 + driftPpm * 1e-6);

    public double DriftPpm => driftPpm;

    /// <summary>What the clock shows then; 0 before it booted.</summary>
    public ulong Ticks(double seconds) => (ulong)Math.Max(0, Math.Floor((seconds - bootSeconds) * _rate + 1e-6));

    /// <summary>When the clock showed that, in seconds of the simulation.</summary>
    public double Seconds(ulong ticks) => bootSeconds + ticks / _rate;

    /// <summary>The same oscillator, started anew.</summary>
    public DeviceClock Rebooted(double seconds) => new(seconds, tickRate, driftPpm);
}

namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>A sensor's own clock: whole ticks since it booted, at a rate that is a little off.</summary>
/// <param name="bootSeconds">When it booted, in seconds of the simulation; before its beginning when negative.</param>
/// <param name="tickRate">Ticks per second, nominal.</param>
/// <param name="driftPpm">How much faster it runs than nominal, parts per million.</param>
/// <param name="warmingPpm">By how much that changes as the body warms it from the beginning of the simulation on, parts per million.</param>
public sealed class DeviceClock(double bootSeconds, uint tickRate, double driftPpm, double warmingPpm = 0)
{
    private const double WarmingSeconds = 180;

    private readonly double _rate = tickRate * (1 + driftPpm * 1e-6);

    public double DriftPpm => driftPpm;

    /// <summary>What the clock shows then; 0 before it booted.</summary>
    public ulong Ticks(double seconds) => (ulong)Math.Max(0, Math.Floor((seconds - bootSeconds + Gained(seconds)) * _rate + 1e-6));

    /// <summary>When the clock showed that, in seconds of the simulation.</summary>
    public double Seconds(ulong ticks)
    {
        var unwarmed = bootSeconds + ticks / _rate;
        if (warmingPpm == 0)
            return unwarmed;
        var seconds = unwarmed;
        for (var i = 0; i < 3; i++)
            seconds = unwarmed - Gained(seconds); // contracts by a factor of 1e-5 each time
        return seconds;
    }

    /// <summary>The same oscillator, started anew.</summary>
    public DeviceClock Rebooted(double seconds) => new(seconds, tickRate, driftPpm, warmingPpm);

    /// <summary>What warming has added to the time that the clock shows, s.</summary>
    private double Gained(double seconds)
    {
        var warm = Math.Max(0, seconds);
        return warmingPpm * 1e-6 * (warm - WarmingSeconds * (1 - Math.Exp(-warm / WarmingSeconds)));
    }
}

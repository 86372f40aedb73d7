namespace SensorHub.Mqtt.Connecting;

/// <summary>
/// How long to wait before the next try: doubling from <paramref name="first"/> to <paramref name="longest"/>, each
/// drawn evenly from the upper half, so that clients that lost one broker together do not return together.
/// </summary>
internal sealed class BackOff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _tries;

    public void Reset() => _tries = 0;

    public TimeSpan Next()
    {
        var full = Math.Min(first.TotalSeconds * Math.Pow(2, Math.Min(_tries++, 30)), longest.TotalSeconds);
        return TimeSpan.FromSeconds(full * (0.5 + 0.5 * random.NextDouble()));
    }
}

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// How long to wait before the next try: doubling from <paramref name="first"/> to <paramref name="longest"/>, each wait
/// shortened at random by up to a half, so that several sensors do not try in step.
/// </summary>
public sealed class BackOff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _failures;

    public TimeSpan Next()
    {
        var wait = Math.Pow(2, Math.Min(_failures++, 30)) * first;
        return (0.5 + 0.5 * random.NextDouble()) * (wait < longest ? wait : longest);
    }

    /// <summary>It worked: the next wait is short again.</summary>
    public void Reset() => _failures = 0;
}

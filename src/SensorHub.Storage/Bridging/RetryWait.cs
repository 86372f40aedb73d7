namespace SensorHub.Storage.Bridging;

/// <summary>
/// How long to leave an output alone: doubling, drawn evenly from the upper half so that bridges that lost one database
/// together do not return together; never less than it asked for; seldom where a person must act first.
/// </summary>
internal sealed class RetryWait(BridgeOptions options)
{
    private readonly Random _random = new(options.JitterSeed);
    private int _tries;

    public void Reset() => _tries = 0;

    public TimeSpan After(OutputException failure)
    {
        if (failure.Fault == OutputFault.Misconfigured)
            return options.LongestRetry;
        var full = Math.Min(options.FirstRetry.TotalSeconds * Math.Pow(2, Math.Min(_tries++, 30)), options.LongestRetry.TotalSeconds);
        var wait = TimeSpan.FromSeconds(full * (0.5 + 0.5 * _random.NextDouble()));
        // A server that asks for hours is asked again sooner: it may have been restarted.
        var asked = failure.RetryAfter ?? TimeSpan.Zero;
        return wait > asked ? wait : asked < TimeSpan.FromMinutes(5) ? asked : TimeSpan.FromMinutes(5);
    }
}

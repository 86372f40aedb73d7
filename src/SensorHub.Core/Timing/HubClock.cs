namespace SensorHub.Core.Timing;

/// <summary>
/// The hub's time axis: UTC when the clock was made, and from then on the monotonic clock. A step of the wall clock
/// (NTP, a user) never moves it, so stamps of one run keep their distances.
/// </summary>
public sealed class HubClock(TimeProvider time)
{
    private readonly Timestamp _start = Timestamp.FromDateTimeOffset(time.GetUtcNow());
    private readonly long _startTicks = time.GetTimestamp();

    public TimeProvider TimeProvider => time;

    public Timestamp Now => _start + time.GetElapsedTime(_startTicks);
}

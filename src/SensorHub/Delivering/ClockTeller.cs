using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Health;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Delivering;

/// <summary>
/// Says once a second, while records come, where the hub's time axis lies. It has a clock of its own, made with those that stamp the records when measuring
/// begins, so it is the same axis; the records themselves come too late to be held against the computer's clock when the machine is busy.
/// </summary>
/// <param name="publish">Takes it, at once.</param>
internal sealed class ClockTeller(TimeProvider time, Action<HubClockPayload> publish) : IObserver<SensorRecord>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly HubClock _clock = new(time);
    private long _since = time.GetTimestamp();

    public void OnNext(SensorRecord value)
    {
        if (time.GetElapsedTime(_since) < Interval)
            return;
        _since = time.GetTimestamp();
        publish(Payload(_clock.Now, Timestamp.FromDateTimeOffset(time.GetUtcNow()), SystemClock.ReadUtc()));
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private static HubClockPayload Payload(Timestamp hub, Timestamp system, UtcState? utc) => new()
    {
        Schema = Schemas.Clock,
        Time = hub.ToString(),
        SystemTime = system.ToString(),
        OffsetMs = Milliseconds((hub.UnixNanoseconds - system.UnixNanoseconds) / 1e6),
        Utc = utc?.IsSynchronised switch { true => "synchronised", false => "unsynchronised", null => "unknown" },
        UtcEstimatedErrorMs = utc is null ? null : Milliseconds(utc.EstimatedError.TotalMilliseconds),
        UtcMaximumErrorMs = utc is null ? null : Milliseconds(utc.MaximumError.TotalMilliseconds),
    };

    private static double Milliseconds(double value) => Math.Round(value, 3) + 0.0;
}

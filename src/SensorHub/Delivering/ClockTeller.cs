using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Health;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Delivering;

/// <summary>
/// Says once a second, while records come, where the hub's time axis lies. Each record is stamped on that axis as it comes; the one that was quickest from
/// its stamp to here tells best what the computer's clock shows at the same time.
/// </summary>
/// <param name="publish">Takes it, at once.</param>
internal sealed class ClockTeller(TimeProvider time, Action<HubClockPayload> publish) : IObserver<SensorRecord>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _since = time.GetTimestamp();
    private (Timestamp Hub, Timestamp System)? _quickest;

    public void OnNext(SensorRecord value)
    {
        var now = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        if (_quickest is not { } best || value.At.UnixNanoseconds - now.UnixNanoseconds > best.Hub.UnixNanoseconds - best.System.UnixNanoseconds)
            _quickest = (value.At, now);
        if (time.GetElapsedTime(_since) < Interval)
            return;
        publish(Payload(_quickest.Value.Hub, _quickest.Value.System, SystemClock.ReadUtc()));
        (_since, _quickest) = (time.GetTimestamp(), null);
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

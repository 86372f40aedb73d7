namespace SensorHub.Mqtt.Broker;

/// <summary>How fast one client is read: two buckets, of messages and of bytes, that fill with time. For one reader.</summary>
internal sealed class Pace(BrokerLimits limits, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly Bucket _messages = new(limits.MessagesPerSecond, limits.MessageBurst);
    private readonly Bucket _bytes = new(limits.BytesPerSecond, limits.ByteBurst);

    /// <summary>Takes a message's share, and ends when it is due.</summary>
    public Task TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        var now = time.GetElapsedTime(_start).TotalSeconds;
        var wait = Math.Max(_messages.Take(1, now), _bytes.Take(bytes, now));
        return wait <= 0 ? Task.CompletedTask : Task.Delay(TimeSpan.FromSeconds(wait), time, cancellationToken);
    }

    /// <summary>Begins full; what is taken beyond that has to be waited for.</summary>
    private sealed class Bucket(double perSecond, double burst)
    {
        private double _taken;
        private double _at;

        /// <summary>Seconds until what was taken has been paid for.</summary>
        public double Take(double amount, double now)
        {
            _taken = Math.Max(0, _taken - (now - _at) * perSecond) + amount;
            _at = now;
            return (_taken - burst) / perSecond;
        }
    }
}

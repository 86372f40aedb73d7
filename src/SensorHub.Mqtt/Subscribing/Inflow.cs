using MQTTnet;

namespace SensorHub.Mqtt.Subscribing;

/// <summary>
/// What one connection brings to a subscription, and whether it may bring more. A broker keeps to the Receive Maximum, so that nothing is ever held up; but
/// mosquitto before 2.0.13 sends, for each acknowledgement, as many more as it allows, and so in the end all that it has.
/// </summary>
internal sealed class Inflow(MqttSubscription subscription)
{
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _regulated;
    private int _underway;

    /// <summary>Ends when reading has stopped for the first time.</summary>
    public Task Held => _held.Task;

    /// <summary>Too much waits for the reader: twice what a broker may send, since what the connection before brought may wait too.</summary>
    public bool IsFull => _regulated && Volatile.Read(ref _underway) + subscription.Messages.Count >= 2 * subscription.Options.Capacity;

    /// <summary>From now on reading may stop: what the connection needs itself has come.</summary>
    public void Regulate() => _regulated = !subscription.Options.DropOldest;

    /// <summary>A message was read, and is on its way through MQTTnet's queue.</summary>
    public void Arrived() => Interlocked.Increment(ref _underway);

    public Task DeliverAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        Interlocked.Decrement(ref _underway);
        return subscription.DeliverAsync(received, this);
    }

    /// <summary>Ends when the reader has taken some of what waits; ask again then.</summary>
    public Task RoomAsync()
    {
        _held.TrySetResult();
        return subscription.RoomAsync(this);
    }
}

using MQTTnet;

namespace SensorHub.Mqtt.Connecting;

/// <summary>How a link behaves. The defaults suit a broker on this machine and one far away.</summary>
public sealed record MqttLinkOptions
{
    /// <summary>Unique at the broker: a second client with the same id throws the first one out.</summary>
    public required string ClientId { get; init; }

    /// <summary>
    /// How long the broker keeps the subscription and what it could not deliver while the link is down; zero (default)
    /// forgets both at once. Whole seconds.
    /// </summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// The message that says "online" (true) or "offline" (false), retained. Online is published after each connect;
    /// offline is the will, and is published on leaving. Null: this client has no presence.
    /// </summary>
    public Func<bool, MqttApplicationMessage>? Presence { get; init; }

    /// <summary>
    /// How long the broker waits before it says offline for a link that vanished: one that is back by then was never away. Whole seconds; at most
    /// <see cref="SessionExpiry"/> counts, and the embedded broker does not wait.
    /// </summary>
    public TimeSpan WillDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long without a packet the broker is asked whether it is there. 1 s to 18 h.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For connecting, subscribing and leaving.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Wait before the first reconnect; doubles with each failure.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Socket buffers, bytes. MQTTnet's default of 8192 stalls bursts.</summary>
    public int SocketBuffer { get; init; } = 256 * 1024;

    /// <summary>Seed of the jitter in the waits between tries; null: from the client id.</summary>
    public int? JitterSeed { get; init; }
}

using SensorHub.Core;

namespace SensorHub.Mqtt.Broker;

/// <summary>
/// What one client can take of the embedded broker. Those about rates, connections and subscriptions do not hold for the system's own parts
/// (<see cref="RolePermissions.IsOwnPart"/>).
/// </summary>
public sealed record BrokerLimits
{
    /// <summary>Clients that are signed in, together. 1 to 10000.</summary>
    public int Connections { get; init; } = 200;

    /// <summary>Of one account. 1 to 10000.</summary>
    public int ConnectionsPerAccount { get; init; } = 50;

    /// <summary>From one network address. 1 to 10000.</summary>
    public int ConnectionsPerAddress { get; init; } = 100;

    /// <summary>Connections that have not signed in yet, together; one more closes the oldest of them, so that nobody can take all the places. 4 to 1000.</summary>
    public int SigningIn { get; init; } = 64;

    /// <summary>A connection that has not signed in by then is closed. 1 to 60 s.</summary>
    public TimeSpan SignInTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Messages, subscriptions and pings that a client may send per second over time; what comes faster is read later, so its acknowledgement is late too.
    /// Acknowledgements are free. 1 to 10000.
    /// </summary>
    public int MessagesPerSecond { get; init; } = 20;

    /// <summary>Of them at once, after a pause. 1 to 10000.</summary>
    public int MessageBurst { get; init; } = 100;

    /// <summary>The same in bytes. 1 kB to 100 MB per second.</summary>
    public int BytesPerSecond { get; init; } = 64 * 1024;

    /// <summary>1 kB to 100 MB.</summary>
    public int ByteBurst { get; init; } = 1024 * 1024;

    /// <summary>Topic filters of one client. 1 to 1000.</summary>
    public int Subscriptions { get; init; } = 50;

    /// <summary>Of a topic or a filter; the contract's longest has 112. 64 to 1024.</summary>
    public int TopicBytes { get; init; } = 256;

    /// <summary>Levels of a topic or a filter; the contract has 6 at most. 6 to 100.</summary>
    public int TopicLevels { get; init; } = 10;

    /// <summary>A client is not silent for longer than half as much again, whatever it asked for. Whole seconds, 10 s to 18 h.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Retained messages, together. 10 to 100000.</summary>
    public int Retained { get; init; } = 10_000;

    /// <summary>Their topics and payloads, together. 64 kB to 256 MB.</summary>
    public int RetainedBytes { get; init; } = 16 * 1024 * 1024;

    /// <exception cref="UserException">A limit is out of its range; the message names it and the range.</exception>
    public void Validate()
    {
        Check("connections", Connections, 1, 10_000);
        Check("connections of an account", ConnectionsPerAccount, 1, 10_000);
        Check("connections from an address", ConnectionsPerAddress, 1, 10_000);
        Check("connections that are signing in", SigningIn, 4, 1000);
        Check("seconds to sign in", SignInTimeout.TotalSeconds, 1, 60);
        Check("messages per second", MessagesPerSecond, 1, 10_000);
        Check("messages at once", MessageBurst, 1, 10_000);
        Check("bytes per second", BytesPerSecond, 1024, 100_000_000);
        Check("bytes at once", ByteBurst, 1024, 100_000_000);
        Check("subscriptions of a client", Subscriptions, 1, 1000);
        Check("bytes of a topic", TopicBytes, 64, 1024);
        Check("levels of a topic", TopicLevels, 6, 100);
        Check("seconds of keep-alive", KeepAlive.TotalSeconds, 10, ushort.MaxValue);
        Check("retained messages", Retained, 10, 100_000);
        Check("bytes of retained messages", RetainedBytes, 64 * 1024, 256 * 1024 * 1024);
    }

    private static void Check(string what, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
            throw new UserException(FormattableString.Invariant($"The embedded MQTT broker's limit of {what} is {least} to {most}, not {value}."));
    }
}

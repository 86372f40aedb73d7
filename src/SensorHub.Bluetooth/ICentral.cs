namespace SensorHub.Bluetooth;

/// <summary>A Bluetooth LE central: what the hub needs of a radio, and what every backend and the virtual radio can give.</summary>
public interface ICentral
{
    /// <summary>Sensors that advertise our service, each time one is heard. Ends when cancelled.</summary>
    IAsyncEnumerable<Advertisement> ScanAsync(CancellationToken cancellationToken);

    /// <summary>Connects and finds the services.</summary>
    /// <exception cref="LinkException">The sensor did not answer; the message says what to do.</exception>
    Task<IConnection> ConnectAsync(string address, CancellationToken cancellationToken);
}

/// <param name="Address">The radio's name for the peripheral. Stays inside the hub: never in a topic, a tag or a log.</param>
/// <param name="Name">The advertised local name.</param>
/// <param name="Rssi">dBm; null when the radio does not say.</param>
public sealed record Advertisement(string Address, string Name, int? Rssi);

/// <summary>A link to one sensor. Operations end with <see cref="LinkException"/> once it is lost.</summary>
public interface IConnection : IAsyncDisposable
{
    /// <summary>ATT MTU; null while the radio does not say.</summary>
    int? Mtu { get; }

    /// <summary>Ends when the link is lost, with the radio's reason.</summary>
    Task<string> Lost { get; }

    Task<ReadOnlyMemory<byte>> ReadAsync(Guid characteristic, CancellationToken cancellationToken);

    /// <summary>Writes with response.</summary>
    Task WriteAsync(Guid characteristic, ReadOnlyMemory<byte> value, CancellationToken cancellationToken);

    /// <summary>
    /// Enables notifications or indications, whichever the characteristic has. <paramref name="receive"/> is called
    /// once per value, in order, as soon as it is there; the memory is the receiver's to keep.
    /// </summary>
    Task SubscribeAsync(Guid characteristic, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken);
}

/// <summary>The radio could not do what it was asked: link lost, ATT error, no answer. The message is fit for a user.</summary>
public sealed class LinkException : Exception
{
    public LinkException(string message) : base(message)
    {
    }

    public LinkException(string message, Exception inner) : base(message, inner)
    {
    }

    public LinkException()
    {
    }
}

namespace SensorHub.Bluetooth;

/// <summary>A Bluetooth LE central: what the hub needs of a radio, and what every backend and the virtual radio can give.</summary>
/// <remarks>Operations fail with <see cref="RadioException"/> while the radio itself cannot be used: no adapter, no service, no permission.</remarks>
public interface ICentral
{
    /// <summary>Sensors that advertise our service, each time one is heard. Ends when cancelled.</summary>
    IAsyncEnumerable<Advertisement> ScanAsync(CancellationToken cancellationToken);

    /// <summary>Connects and finds the services.</summary>
    /// <exception cref="LinkException">The sensor did not answer; the message says what to do.</exception>
    Task<IConnection> ConnectAsync(string address, CancellationToken cancellationToken);

    /// <summary>Removes the bond and whatever else the radio keeps of a peripheral; what it does not know is no error.</summary>
    Task ForgetAsync(string address, CancellationToken cancellationToken);

    /// <summary>Switches the adapter off and on again, for an adapter that hangs. Every link through it is lost.</summary>
    Task PowerCycleAsync(CancellationToken cancellationToken);
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

    /// <summary>
    /// Encrypts the link, and pairs when there is no bond. Done at once when it is encrypted. Reading is allowed before;
    /// control, data and backlog need it (firmware-protocol/README.md §2.2).
    /// </summary>
    /// <exception cref="LinkException">Pairing failed or was refused; the message says what to do.</exception>
    Task EncryptAsync(CancellationToken cancellationToken);

    Task<ReadOnlyMemory<byte>> ReadAsync(Guid characteristic, CancellationToken cancellationToken);

    /// <param name="withResponse">False = a write command, which nobody answers.</param>
    Task WriteAsync(Guid characteristic, ReadOnlyMemory<byte> value, bool withResponse, CancellationToken cancellationToken);

    /// <summary>
    /// Enables notifications or indications, whichever the characteristic has. <paramref name="receive"/> is called
    /// once per value, in order, as soon as it is there; the memory is the receiver's to keep. Of a characteristic that
    /// is subscribed to already, the receiver is replaced and the peripheral configured anew.
    /// </summary>
    Task SubscribeAsync(Guid characteristic, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken);

    /// <summary>Disables them again.</summary>
    Task UnsubscribeAsync(Guid characteristic, CancellationToken cancellationToken);
}

/// <summary>The radio could not do what it was asked: link lost, ATT error, no answer. The message is fit for a user.</summary>
public class LinkException : Exception
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

/// <summary>
/// The radio itself cannot be used: no Bluetooth service, no adapter, blocked, no permission. The message is for the user
/// and has the command that mends it. It may be mended while the hub runs: try again later.
/// </summary>
public sealed class RadioException : LinkException
{
    public RadioException(string message) : base(message)
    {
    }

    public RadioException(string message, Exception inner) : base(message, inner)
    {
    }

    public RadioException()
    {
    }
}

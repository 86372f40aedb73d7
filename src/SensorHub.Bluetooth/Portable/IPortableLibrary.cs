namespace SensorHub.Bluetooth.Portable;

/// <summary>
/// What a Bluetooth library for several operating systems offers of a radio. <see cref="PortableCentral"/> makes a central
/// of it that keeps its word; README.md says what it has to make up for.
/// </summary>
public interface IPortableLibrary
{
    /// <summary>Whether the radio can be used now.</summary>
    /// <exception cref="RadioException">It cannot; the message says what mends it.</exception>
    Task CheckAsync();

    /// <summary>Whatever is heard, of any kind, again and again until cancelled.</summary>
    IAsyncEnumerable<HeardDevice> ListenAsync(CancellationToken cancellationToken);

    /// <returns>Null when the radio knows no such peripheral.</returns>
    Task<IPortablePeripheral?> FindAsync(string address, CancellationToken cancellationToken);

    /// <summary>Removes the bond.</summary>
    /// <exception cref="LinkException">This system has no way to do it; the message says where a person can.</exception>
    Task ForgetAsync(string address, CancellationToken cancellationToken);

    /// <exception cref="RadioException">This system has no way to do it.</exception>
    Task PowerCycleAsync(CancellationToken cancellationToken);

    /// <summary>What an exception of the library means for a person.</summary>
    PortableFault Explain(Exception exception);
}

/// <param name="Name">Empty when it was not in what was heard.</param>
/// <param name="Services">What was advertised; empty when that was not in what was heard, or the library does not tell.</param>
/// <param name="Rssi">dBm; null when the radio does not say.</param>
public readonly record struct HeardDevice(string Address, string Name, IReadOnlyCollection<Guid> Services, int? Rssi);

/// <summary>A peripheral, connected or not. None of the operations can be cancelled; any may never end.</summary>
public interface IPortablePeripheral : IDisposable
{
    /// <summary>Raised when the link is lost; perhaps twice, perhaps never.</summary>
    event Action? Disconnected;

    /// <summary>ATT MTU; 0 while the library does not say.</summary>
    int Mtu { get; }

    Task ConnectAsync();

    /// <summary>Pairs where that has to be asked for.</summary>
    Task PairAsync();

    /// <summary>The characteristics of a service; of all services when it is null.</summary>
    Task<IReadOnlyDictionary<Guid, IPortableCharacteristic>> DiscoverAsync(Guid? service);

    Task DisconnectAsync();
}

public interface IPortableCharacteristic
{
    /// <summary>A notified or indicated value, in an array that may be used again; null when the library reports a fault.</summary>
    event Action<byte[]?>? ValueChanged;

    /// <returns>Null when the value could not be had.</returns>
    Task<byte[]?> ReadAsync();

    Task WriteAsync(byte[] value, bool withResponse);

    Task StartNotificationsAsync();

    Task StopNotificationsAsync();
}

/// <param name="Message">What happened, without a full stop, and what mends it where that is known.</param>
/// <param name="Reach">How far it reaches.</param>
public readonly record struct PortableFault(string Message, FaultReach Reach);

/// <summary>How far a fault reaches.</summary>
public enum FaultReach
{
    /// <summary>The operation failed; the next may succeed.</summary>
    Operation,

    /// <summary>The link is lost, whatever the library says of it.</summary>
    Link,

    /// <summary>The radio cannot be used.</summary>
    Radio,
}

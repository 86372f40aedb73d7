using System.Runtime.CompilerServices;
using SensorHub.Bluetooth.Portable;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Tests.Portable;

/// <summary>A portable library with one peripheral, which does what a test tells it to.</summary>
internal sealed class ScriptedLibrary : IPortableLibrary
{
    public List<HeardDevice> Heard { get; } = [];

    public ScriptedPeripheral? Peripheral { get; set; } = new();

    public Task CheckAsync() => throw new InvalidOperationException("radio off");

    public async IAsyncEnumerable<HeardDevice> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        foreach (var heard in Heard)
            yield return heard;
        throw new InvalidOperationException("radio gone");
    }

    public Task<IPortablePeripheral?> FindAsync(string address, CancellationToken cancellationToken) => Task.FromResult<IPortablePeripheral?>(Peripheral);

    public Task ForgetAsync(string address, CancellationToken cancellationToken) => throw new LinkException("Remove it in the system's settings.");

    public Task PowerCycleAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("radio stuck");

    public PortableFault Explain(Exception exception) => new(exception.Message, exception.Message.Split(' ')[0] switch
    {
        "radio" => FaultReach.Radio,
        "link" => FaultReach.Link,
        _ => FaultReach.Operation,
    });
}

internal sealed class ScriptedPeripheral : IPortablePeripheral
{
    public event Action? Disconnected;

    public Dictionary<Guid, ScriptedCharacteristic> Characteristics { get; } = new()
    {
        [Gatt.Descriptor] = new(), [Gatt.Control] = new(), [Gatt.Data] = new(), [Gatt.Backlog] = new(),
    };

    public int Mtu { get; set; }

    /// <summary>How often discovery comes too early and finds nothing.</summary>
    public int DiscoversNothing { get; set; }

    public Func<Task> Connect { get; set; } = () => Task.CompletedTask;

    public Func<Task> Disconnect { get; set; } = () => Task.CompletedTask;

    public bool Disposed { get; private set; }

    public Task ConnectAsync() => Connect();

    public Task PairAsync() => Task.CompletedTask;

    public Task<IReadOnlyDictionary<Guid, IPortableCharacteristic>> DiscoverAsync(Guid? service) =>
        Task.FromResult<IReadOnlyDictionary<Guid, IPortableCharacteristic>>(DiscoversNothing-- > 0
            ? new Dictionary<Guid, IPortableCharacteristic>()
            : Characteristics.ToDictionary(c => c.Key, c => (IPortableCharacteristic)c.Value));

    public Task DisconnectAsync() => Disconnect();

    public void Dispose() => Disposed = true;

    public void RaiseDisconnected() => Disconnected?.Invoke();
}

internal sealed class ScriptedCharacteristic : IPortableCharacteristic
{
    public event Action<byte[]?>? ValueChanged;

    public Func<Task<byte[]?>> Read { get; set; } = () => Task.FromResult<byte[]?>([1, 2, 3]);

    public Func<Task> Write { get; set; } = () => Task.CompletedTask;

    /// <summary>"on" and "off", in the order in which they came.</summary>
    public List<string> Configured { get; } = [];

    public Task<byte[]?> ReadAsync() => Read();

    public Task WriteAsync(byte[] value, bool withResponse) => Write();

    public Task StartNotificationsAsync()
    {
        Configured.Add("on");
        return Task.CompletedTask;
    }

    public Task StopNotificationsAsync()
    {
        Configured.Add("off");
        return Task.CompletedTask;
    }

    public void Notify(byte[]? value) => ValueChanged?.Invoke(value);
}

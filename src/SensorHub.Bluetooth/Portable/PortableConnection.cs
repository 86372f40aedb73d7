using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Portable;

/// <summary>
/// A link through a portable library. Whether it stands is told by the library's event and by operations that fail, never
/// by the library's property; an operation that the library leaves without an end has one here.
/// </summary>
internal sealed class PortableConnection : IConnection
{
    /// <summary>Pairing and service discovery of a slow peripheral included.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(45);

    /// <summary>A person may have to confirm it.</summary>
    private static readonly TimeSpan PairTimeout = TimeSpan.FromSeconds(60);

    /// <summary>An ATT transaction that takes longer ends the link (Core Specification, Vol 3 Part F §3.3.3).</summary>
    private static readonly TimeSpan OperationTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan DisconnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Services may be reported as found before they are: looked for this often, with a pause between.</summary>
    private const int DiscoverAttempts = 5;

    private static readonly TimeSpan DiscoverPause = TimeSpan.FromSeconds(0.5);

    private readonly IPortableLibrary _library;
    private readonly IPortablePeripheral _peripheral;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _order = new();
    private readonly MtuEstimate _mtu = new();
    private readonly Dictionary<Guid, Subscription> _subscriptions = [];
    private Dictionary<Guid, IPortableCharacteristic> _characteristics = [];
    private bool _discoveredAll;
    private int _disposed;

    public PortableConnection(IPortableLibrary library, IPortablePeripheral peripheral, TimeProvider time)
    {
        (_library, _peripheral, _time) = (library, peripheral, time);
        peripheral.Disconnected += OnDisconnected;
    }

    /// <summary>23 or more: what the library says, or what notifications have shown.</summary>
    public int? Mtu => _mtu.Value(_peripheral.Mtu);

    public Task<string> Lost => _lost.Task;

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await RunAsync("connecting", _peripheral.ConnectAsync, ConnectTimeout, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            _characteristics = new(await RunAsync("discovery", () => _peripheral.DiscoverAsync(Gatt.Service), OperationTimeout, cancellationToken));
            if (_characteristics.ContainsKey(Gatt.Descriptor))
                return;
            if (attempt == DiscoverAttempts)
                throw new LinkException("The sensor is connected but shows no sensor service: forget it, switch it off and on, and connect again.");
            await Task.Delay(DiscoverPause, _time, cancellationToken);
        }
    }

    public Task EncryptAsync(CancellationToken cancellationToken) =>
        RunAsync("pairing", _peripheral.PairAsync, PairTimeout, cancellationToken);

    public async Task<ReadOnlyMemory<byte>> ReadAsync(Guid characteristic, CancellationToken cancellationToken)
    {
        var found = await FindAsync(characteristic, cancellationToken);
        var value = await RunAsync("reading", found.ReadAsync, OperationTimeout, cancellationToken)
            ?? throw new LinkException("The sensor refused to be read, or is out of reach.");
        return value.ToArray();
    }

    public async Task WriteAsync(Guid characteristic, ReadOnlyMemory<byte> value, bool withResponse, CancellationToken cancellationToken)
    {
        var found = await FindAsync(characteristic, cancellationToken);
        await RunAsync("writing", () => found.WriteAsync(value.ToArray(), withResponse), OperationTimeout, cancellationToken);
    }

    public async Task SubscribeAsync(Guid characteristic, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken)
    {
        var found = await FindAsync(characteristic, cancellationToken);
        try
        {
            await UnsubscribeAsync(characteristic, cancellationToken);
        }
        catch (LinkException) when (!_lost.Task.IsCompleted)
        {
            // They were off already.
        }
        var subscription = new Subscription(found, value => OnValue(value, receive));
        lock (_order)
            _subscriptions[characteristic] = subscription;
        await RunAsync("subscribing", found.StartNotificationsAsync, OperationTimeout, cancellationToken);
    }

    public async Task UnsubscribeAsync(Guid characteristic, CancellationToken cancellationToken)
    {
        Subscription? subscription;
        lock (_order)
            _subscriptions.Remove(characteristic, out subscription);
        if (subscription is null)
            return;
        subscription.Dispose();
        await RunAsync("unsubscribing", subscription.Characteristic.StopNotificationsAsync, OperationTimeout, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        Lose("closed by the hub");
        _peripheral.Disconnected -= OnDisconnected;
        lock (_order)
        {
            foreach (var subscription in _subscriptions.Values)
                subscription.Dispose();
            _subscriptions.Clear();
        }
        try
        {
            await Started(_peripheral.DisconnectAsync).WaitAsync(DisconnectTimeout, _time);
        }
        catch (Exception)
        {
            // It was being left anyway: a link that cannot be closed is lost already, or falls to the supervision time-out.
        }
        _peripheral.Dispose();
    }

    private async Task<IPortableCharacteristic> FindAsync(Guid characteristic, CancellationToken cancellationToken)
    {
        if (_characteristics.TryGetValue(characteristic, out var found))
            return found;
        if (!_discoveredAll)
        {
            foreach (var (uuid, other) in await RunAsync("discovery", () => _peripheral.DiscoverAsync(null), OperationTimeout, cancellationToken))
                _characteristics.TryAdd(uuid, other); // those that are subscribed to stay what they are
            _discoveredAll = true;
        }
        return _characteristics.GetValueOrDefault(characteristic)
            ?? throw new LinkException($"The sensor has no characteristic {characteristic}: update its firmware.");
    }

    private Task<bool> RunAsync(string what, Func<Task> operation, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(what, async () =>
        {
            await operation();
            return true;
        }, timeout, cancellationToken);

    /// <summary>One operation after the other: some systems refuse a second one, others mix up their answers.</summary>
    private async Task<T> RunAsync<T>(string what, Func<Task<T>> operation, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        try
        {
            await _turn.WaitAsync(end.Token);
            var running = Started(async () =>
            {
                try
                {
                    return await operation();
                }
                finally
                {
                    _turn.Release(); // only when it is over, however long somebody waits for it
                }
            });
            return await running.WaitAsync(timeout, _time, end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && _lost.Task.IsCompleted)
        {
            throw new LinkException($"The link was lost: {await _lost.Task}.");
        }
        catch (TimeoutException late)
        {
            Lose($"no answer to {what} within {timeout.TotalSeconds:0} s");
            throw new LinkException($"The sensor did not answer {what} within {timeout.TotalSeconds:0} s: is it switched on and near?", late);
        }
        catch (Exception e) when (e is not (LinkException or OperationCanceledException))
        {
            var fault = _library.Explain(e);
            if (fault.Reach != FaultReach.Operation)
                Lose(fault.Message);
            throw fault.ToException($"{char.ToUpperInvariant(what[0])}{what[1..]} failed", e);
        }
    }

    /// <summary>Whatever is thrown is in the task, and does not matter when nobody waits for it any more.</summary>
    private static async Task<T> Started<T>(Func<Task<T>> operation)
    {
        await Task.Yield();
        return await operation();
    }

    private static async Task Started(Func<Task> operation)
    {
        await Task.Yield();
        await operation();
    }

    private void OnDisconnected() => Lose("the radio lost the connection");

    /// <summary>The first reason counts.</summary>
    private void Lose(string reason)
    {
        if (_lost.TrySetResult(reason))
            _ended.Cancel();
    }

    /// <summary>In the library's callback: nothing may be thrown back into it.</summary>
    private void OnValue(byte[]? value, Action<ReadOnlyMemory<byte>> receive)
    {
        if (value is null || Volatile.Read(ref _disposed) == 1)
            return;
        try
        {
            lock (_order)
            {
                _mtu.Notified(value.Length);
                receive(value.ToArray());
            }
        }
        catch (Exception e)
        {
            Lose($"the hub could not take a value: {e.Message}");
        }
    }

    private sealed class Subscription : IDisposable
    {
        private readonly Action<byte[]?> _changed;

        public Subscription(IPortableCharacteristic characteristic, Action<byte[]?> changed)
        {
            (Characteristic, _changed) = (characteristic, changed);
            characteristic.ValueChanged += changed;
        }

        public IPortableCharacteristic Characteristic { get; }

        public void Dispose() => Characteristic.ValueChanged -= _changed;
    }
}

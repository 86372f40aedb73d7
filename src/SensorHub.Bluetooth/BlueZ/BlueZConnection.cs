using System.Collections.Concurrent;
using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.BlueZ;

/// <summary>A link to one sensor through BlueZ.</summary>
internal sealed class BlueZConnection : IConnection
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SignToReason = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private static readonly Guid[] Profile = [Gatt.Descriptor, Gatt.Control, Gatt.Data, Gatt.Backlog];

    private readonly BlueZSession _session;
    private readonly string _adapter;
    private readonly BlueZOptions _options;
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _subscribing = new(1);
    private readonly ConcurrentDictionary<string, ISubscription> _subscriptions = new();
    private readonly ConcurrentDictionary<string, bool> _used = new();
    private int _watching;
    private int _disposed;

    /// <param name="device">Its path on the bus.</param>
    public BlueZConnection(BlueZSession session, string adapter, string device, BlueZOptions options) =>
        (_session, _adapter, Device, _options) = (session, adapter, device, options);

    public string Device { get; }

    public int? Mtu { get; private set; }

    public Task<string> Lost => _lost.Task;

    /// <summary>From now on a lost link is noticed. Called on the bus's thread with BlueZ's word that there is a link.</summary>
    public void Watch()
    {
        if (Interlocked.Exchange(ref _watching, 1) == 0)
            _session.Changed += OnChanged;
    }

    /// <summary>
    /// Waits until BlueZ has found the services. It may say so too early, or still from the link before: only when every
    /// characteristic of the profile is there, are they.
    /// </summary>
    public async Task ResolveAsync(CancellationToken cancellationToken)
    {
        var objects = _session.Objects;
        bool IsResolved() => objects.Find<bool>(Device, Names.Device, "ServicesResolved") && Array.TrueForAll(Profile, c => PathOf(c) is not null);
        var time = _options.TimeProvider;
        var start = time.GetTimestamp();
        while (!await _session.UntilAsync(() => _lost.Task.IsCompleted || IsResolved(), LookAgain, cancellationToken).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(start) < _options.DiscoveryTimeout)
            {
                await _session.RefreshAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }
            throw objects.Find<bool>(Device, Names.Device, "ServicesResolved")
                ? new LinkException("The sensor lacks characteristics of the sensor profile. Update its firmware; if that was just done, forget the sensor on the hub and pair again.")
                : new LinkException($"The sensor's services were not found within {_options.DiscoveryTimeout.TotalSeconds:0} s. Bring it nearer, or switch it off and on.");
        }
        await ThrowIfLostAsync().ConfigureAwait(false);
        await ReadMtuAsync(PathOf(Gatt.Data)!, cancellationToken).ConfigureAwait(false);
    }

    public async Task EncryptAsync(CancellationToken cancellationToken)
    {
        await ThrowIfLostAsync().ConfigureAwait(false);
        if (IsPaired())
            return; // BlueZ encrypts a link to a bonded sensor itself
        using var questions = _session.Agent.Begin(Device);
        var time = _options.TimeProvider;
        var start = time.GetTimestamp();
        try
        {
            await WithRetriesAsync(async () =>
            {
                if (!IsPaired())
                    await CallAsync(Device, Names.Device, "Pair", default, _options.PairingTimeout, cancellationToken).ConfigureAwait(false);
                return true;
            }, _options.PairingTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await TryAsync(Device, Names.Device, "CancelPairing").ConfigureAwait(false);
            throw;
        }
        catch (BusErrorException e) when (e.Kind() == "AlreadyExists")
        {
        }
        catch (BusErrorException e)
        {
            await TryAsync(Device, Names.Device, "CancelPairing").ConfigureAwait(false);
            await ThrowIfLostAsync(e).ConfigureAwait(false);
            throw BlueZTrouble.OfRadio(e, _options) ?? (e.Kind() switch
            {
                "AuthenticationFailed" or "ConnectionAttemptFailed" => new LinkException($"Pairing with the sensor failed. {BlueZTrouble.PairingOff}.", e),
                "AuthenticationRejected" => new LinkException($"The sensor refused to pair. {BlueZTrouble.PairingOff}.", e),
                "AuthenticationCanceled" => new LinkException($"Pairing was cancelled. {BlueZTrouble.PairingOff}.", e),
                "AuthenticationTimeout" => new LinkException($"Pairing took too long. {BlueZTrouble.PairingOff}.", e),
                _ when e.IsTimeout => new LinkException($"Pairing took longer than {time.GetElapsedTime(start).TotalSeconds:0} s. {BlueZTrouble.PairingOff}.", e),
                _ => BlueZTrouble.Of(e, "pairing", _options),
            });
        }
    }

    public Task<ReadOnlyMemory<byte>> ReadAsync(Guid characteristic, CancellationToken cancellationToken) =>
        characteristic == StandardServices.BatteryLevel && PathOf(characteristic) is null
            ? ReadBatteryAsync(cancellationToken)
            : RunAsync("the read", characteristic, async path =>
            {
                var answer = await CallAsync(path, Names.GattCharacteristic, "ReadValue", BusBody.Of("a{sv}", new BusDictionary()), _options.OperationTimeout, cancellationToken).ConfigureAwait(false);
                return (ReadOnlyMemory<byte>)answer.Value<byte[]>(0);
            }, cancellationToken);

    public Task WriteAsync(Guid characteristic, ReadOnlyMemory<byte> value, bool withResponse, CancellationToken cancellationToken) => RunAsync("the write", characteristic, path =>
    {
        var kind = new BusDictionary { ["type"] = (Variant)(withResponse ? "request" : "command") };
        return CallAsync(path, Names.GattCharacteristic, "WriteValue", BusBody.Of("aya{sv}", value.ToArray(), kind), _options.OperationTimeout, cancellationToken);
    }, cancellationToken);

    public Task SubscribeAsync(Guid characteristic, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken) =>
        OneByOneAsync(() => RunAsync("the subscription", characteristic, async path =>
        {
            await EndSubscriptionAsync(path).ConfigureAwait(false);
            // A socket has its own way past the bus; indications stay in order with what BlueZ answers to writes.
            if (!_session.Objects.Has(path, Names.GattCharacteristic, "NotifyAcquired") || !HasFlag(path, "notify") || !await AcquireAsync(path, receive, cancellationToken).ConfigureAwait(false))
                await StartAsync(path, receive, cancellationToken).ConfigureAwait(false);
            _used[path] = true;
            return true;
        }, cancellationToken), cancellationToken);

    public Task UnsubscribeAsync(Guid characteristic, CancellationToken cancellationToken) =>
        OneByOneAsync(() => RunAsync("the end of the subscription", characteristic, async path =>
        {
            await EndSubscriptionAsync(path).ConfigureAwait(false);
            return true;
        }, cancellationToken), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        var isConnected = !_lost.Task.IsCompleted && _watching == 1;
        if (isConnected)
            foreach (var path in _subscriptions.Keys)
                await EndSubscriptionAsync(path).ConfigureAwait(false);
        Lose("closed by the hub"); // before BlueZ says it in its own words
        if (isConnected)
            await TryAsync(Device, Names.Device, "Disconnect").ConfigureAwait(false);
    }

    /// <summary>The object that is the characteristic; null when BlueZ has none.</summary>
    private string? PathOf(Guid characteristic)
    {
        string? found = null;
        foreach (var path in _session.Objects.All(Names.GattCharacteristic))
        {
            if (!new ObjectPath(path).IsUnder(Device) || !IsUuid(path, Names.GattCharacteristic, characteristic))
                continue;
            if (IsUuid(path[..path.LastIndexOf('/')], Names.GattService, Gatt.Service))
                return path;
            found ??= path;
        }
        return found;
    }

    private bool IsUuid(string path, string @interface, Guid uuid) =>
        Guid.TryParse(_session.Objects.Find<string>(path, @interface, "UUID"), out var found) && found == uuid;

    private bool HasFlag(string path, string flag) =>
        _session.Objects.Find<List<object>>(path, Names.GattCharacteristic, "Flags") is { } flags && flags.Contains(flag);

    private bool IsPaired() => _session.Objects.Find<bool>(Device, Names.Device, "Paired") || _session.Objects.Find<bool>(Device, Names.Device, "Bonded");

    /// <summary>BlueZ keeps the Battery service to itself, and shows what it has read some time after the services are resolved.</summary>
    private async Task<ReadOnlyMemory<byte>> ReadBatteryAsync(CancellationToken cancellationToken)
    {
        await ThrowIfLostAsync().ConfigureAwait(false);
        bool Is() => _session.Objects.Has(Device, Names.Battery, "Percentage");
        return await _session.UntilAsync(() => Is() || _lost.Task.IsCompleted, LookAgain, cancellationToken).ConfigureAwait(false) && Is()
            ? new[] { _session.Objects.Find<byte>(Device, Names.Battery, "Percentage") }
            : throw new LinkException("The sensor did not say how full its battery is.");
    }

    /// <summary>BlueZ does not say when it changes, so that what the object tree has may be of the link before.</summary>
    private async Task ReadMtuAsync(string path, CancellationToken cancellationToken)
    {
        if (_session.Objects.Has(path, Names.GattCharacteristic, "MTU")
            && await _session.GetAsync<ushort>(path, Names.GattCharacteristic, "MTU", cancellationToken).ConfigureAwait(false) is > 0 and var mtu)
            Mtu = mtu;
    }

    /// <returns>False when BlueZ has no socket for it.</returns>
    private async Task<bool> AcquireAsync(string path, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken)
    {
        try
        {
            // "Notify acquired": the socket before is not closed yet, as far as BlueZ knows.
            var answer = await WithRetriesAsync(() => CallAsync(path, Names.GattCharacteristic, "AcquireNotify", BusBody.Of("a{sv}", new BusDictionary()), _options.OperationTimeout, cancellationToken),
                Soon, cancellationToken, IsAcquired).ConfigureAwait(false);
            if (answer.Value<ushort>(1) is > 0 and var mtu)
                Mtu = mtu;
            _subscriptions[path] = new SocketSubscription(answer.Value<UnixFd>(0), receive, LoseSoon);
            return true;
        }
        catch (BusErrorException e) when (e.Kind() is "NotSupported" or "UnknownMethod" || IsAcquired(e))
        {
            return false;
        }
    }

    private static bool IsInProgress(BusErrorException e) => e.Kind() == "InProgress";

    private static bool IsAcquired(BusErrorException e) =>
        IsInProgress(e) || e.Kind() == "NotPermitted" && e.Message.Contains("acquired", StringComparison.OrdinalIgnoreCase);

    private async Task StartAsync(string path, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken)
    {
        // Before the call: the first value may come before its answer.
        _subscriptions[path] = new SignalSubscription(_session, path, receive, Lose);
        try
        {
            await WithRetriesAsync(() => CallAsync(path, Names.GattCharacteristic, "StartNotify", default, _options.OperationTimeout, cancellationToken),
                Soon, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            if (_subscriptions.TryRemove(path, out var subscription))
                subscription.Dispose();
            throw;
        }
    }

    private async Task EndSubscriptionAsync(string path)
    {
        if (!_subscriptions.TryRemove(path, out var subscription))
            return;
        if (subscription is SignalSubscription)
            await TryAsync(path, Names.GattCharacteristic, "StopNotify").ConfigureAwait(false);
        subscription.Dispose();
    }

    private async Task OneByOneAsync(Func<Task> operation, CancellationToken cancellationToken)
    {
        await _subscribing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await operation().ConfigureAwait(false);
        }
        finally
        {
            _subscribing.Release();
        }
    }

    private async Task<T> RunAsync<T>(string what, Guid characteristic, Func<string, Task<T>> operation, CancellationToken cancellationToken)
    {
        await ThrowIfLostAsync().ConfigureAwait(false);
        var path = PathOf(characteristic) ?? throw new LinkException($"The sensor has no characteristic {characteristic}. Update its firmware.");
        try
        {
            return await WithRetriesAsync(() => operation(path), Soon, cancellationToken).ConfigureAwait(false);
        }
        catch (BusErrorException e)
        {
            await ThrowIfLostAsync(e).ConfigureAwait(false);
            throw BlueZTrouble.Of(e, what, _options);
        }
        catch (IOException e)
        {
            throw new LinkException($"The radio could not do {what}: the hub has too many files open (ulimit -n).", e);
        }
    }

    private async Task<T> WithRetriesAsync<T>(Func<Task<T>> operation, TimeSpan atMost, CancellationToken cancellationToken, Func<BusErrorException, bool>? isPassing = null)
    {
        var start = _options.TimeProvider.GetTimestamp();
        while (true)
        {
            try
            {
                return await operation().ConfigureAwait(false);
            }
            catch (BusErrorException e) when ((isPassing ?? IsInProgress)(e)
                && !_lost.Task.IsCompleted && _options.TimeProvider.GetElapsedTime(start) < atMost)
            {
                await Task.Delay(RetryAfter, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A call that ends with the link at the latest.</summary>
    private async Task<BusMessage> CallAsync(string path, string @interface, string member, BusBody body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        try
        {
            return await _session.CallAsync(path, @interface, member, body, timeout, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            await ThrowIfLostAsync(e).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What nobody waits for.</summary>
    private async Task TryAsync(string path, string @interface, string member)
    {
        try
        {
            await _session.CallAsync(path, @interface, member, default, Soon, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is BusErrorException or LinkException)
        {
        }
    }

    private async Task ThrowIfLostAsync(Exception? cause = null)
    {
        if (!_lost.Task.IsCompleted)
            return;
        var text = $"The link was lost: {await _lost.Task.ConfigureAwait(false)}.";
        throw cause is null ? new LinkException(text) : new LinkException(text, cause);
    }

    private void OnChanged(ObjectChange change)
    {
        switch (change.Kind)
        {
            case ChangeKind.Gone:
                Lose("the Bluetooth service ended: sudo systemctl status bluetooth says why");
                break;
            case ChangeKind.Removed when change.Interface == Names.Device && change.Path == Device:
                Lose("the sensor was forgotten");
                break;
            case ChangeKind.Removed when change.Interface == Names.Adapter && change.Path == _adapter:
                Lose("the Bluetooth adapter was unplugged");
                break;
            case ChangeKind.Removed when change.Interface == Names.GattCharacteristic && _used.ContainsKey(change.Path):
                Lose("the sensor took its services away");
                break;
            case ChangeKind.Changed when change.Interface == Names.Device && change.Path == Device:
                if (IsFalse(change, "Connected"))
                    Lose("the sensor went out of range, was switched off, or closed it");
                else if (IsFalse(change, "ServicesResolved") && !_used.IsEmpty)
                    LoseSoon("the sensor's services are no longer there");
                break;
            case ChangeKind.Changed when change.Interface == Names.Adapter && change.Path == _adapter && IsFalse(change, "Powered"):
                Lose("the Bluetooth adapter was switched off");
                break;
        }
    }

    private static bool IsFalse(ObjectChange change, string property) =>
        change.Properties.ContainsKey(property) && !change.Properties.Find<bool>(property);

    /// <summary>A sign of a lost link, which often comes a moment before its reason.</summary>
    private void LoseSoon(string reason) => _ = Task.Run(async () =>
    {
        await Task.WhenAny(_lost.Task, Task.Delay(SignToReason, _options.TimeProvider, CancellationToken.None)).ConfigureAwait(false);
        Lose(reason);
    });

    private void Lose(string reason)
    {
        if (!_lost.TrySetResult(reason))
            return;
        _session.Changed -= OnChanged;
        foreach (var path in _subscriptions.Keys)
            if (_subscriptions.TryRemove(path, out var subscription))
                subscription.Dispose();
        // Who waits for an answer continues there, not on the bus's thread.
        _ = Task.Run(_ending.Cancel);
    }
}

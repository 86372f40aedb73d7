using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.BlueZ;

/// <summary>A connection to the bus and what BlueZ has on it. Lasts until the bus is gone; bluetoothd may go and return.</summary>
internal sealed class BlueZSession : IAsyncDisposable
{
    private static readonly BusDictionary Nothing = [];

    private readonly BlueZOptions _options;
    private readonly SemaphoreSlim _loading = new(1);
    private readonly List<IDisposable> _matches = [];
    private readonly Dictionary<string, Discovery> _discoveries = [];
    private volatile string _owner = "";
    private volatile bool _loaded;

    private BlueZSession(BusConnection bus, BlueZOptions options)
    {
        Bus = bus;
        _options = options;
        Agent = new PairingAgent(this, options.PairingAgent);
    }

    public BusConnection Bus { get; }

    public ObjectTree Objects { get; } = new();

    public PairingAgent Agent { get; }

    /// <summary>Called on the bus's thread after each change of <see cref="Objects"/>, in order: quick, and without exceptions.</summary>
    public event Action<ObjectChange>? Changed;

    /// <exception cref="RadioException">There is no bus.</exception>
    public static async Task<BlueZSession> OpenAsync(BlueZOptions options)
    {
        var session = new BlueZSession(await BusConnection.OpenAsync(options.BusAddress).ConfigureAwait(false), options);
        try
        {
            await session.MatchAsync("type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.bluez'", session.OnOwner).ConfigureAwait(false);
            await session.MatchAsync($"type='signal',sender='org.bluez',interface='{Names.ObjectManager}'", session.OnObject).ConfigureAwait(false);
            await session.MatchAsync($"type='signal',sender='org.bluez',interface='{Names.Properties}',member='PropertiesChanged'", session.OnProperties).ConfigureAwait(false);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        _ = session.EndAsync();
        return session;
    }

    /// <summary>The discovery that everybody shares who uses the adapter.</summary>
    public Discovery DiscoveryOf(string adapter)
    {
        lock (_discoveries)
        {
            if (!_discoveries.TryGetValue(adapter, out var discovery))
                _discoveries[adapter] = discovery = new Discovery(this, adapter, _options);
            return discovery;
        }
    }

    /// <summary>Makes sure that BlueZ is there and its objects are known.</summary>
    /// <exception cref="RadioException">It is not.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_loaded)
            return;
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_loaded)
                return;
            await RefreshAsync(cancellationToken).ConfigureAwait(false);
            await Agent.RegisterAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Reads all objects anew.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync("/", Names.ObjectManager, "GetManagedObjects", default, TimeSpan.FromSeconds(10), answer =>
            {
                _owner = answer.Sender;
                Objects.Load(answer);
                _loaded = true;
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (BusErrorException e)
        {
            throw BlueZTrouble.OfRadio(e, _options)
                ?? new RadioException(_owner.Length > 0 && e.IsTimeout ? BlueZTrouble.Hangs : BlueZTrouble.NotRunning, e);
        }
    }

    public Task<BusMessage> CallAsync(
        string path, string @interface, string member, BusBody body, TimeSpan timeout, CancellationToken cancellationToken) =>
        CallAsync(path, @interface, member, body, timeout, null, cancellationToken);

    /// <param name="received">Told of the answer on the bus's thread, in order with changes.</param>
    public Task<BusMessage> CallAsync(
        string path, string @interface, string member, BusBody body, TimeSpan timeout, Action<BusMessage>? received, CancellationToken cancellationToken) =>
        Bus.CallAsync(Names.Service, path, @interface, member, body, timeout, received, cancellationToken);

    public Task SetAsync(string path, string @interface, string property, Variant value, TimeSpan timeout, CancellationToken cancellationToken) =>
        CallAsync(path, Names.Properties, "Set", BusBody.Of("ssv", @interface, property, value), timeout, cancellationToken);

    /// <summary>Asks BlueZ for a property; the default when it has none of this type.</summary>
    public async Task<T?> GetAsync<T>(string path, string @interface, string property, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await CallAsync(path, Names.Properties, "Get", BusBody.Of("ss", @interface, property), TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
            return answer.Value<Variant>(0).Value is T value ? value : default;
        }
        catch (BusErrorException)
        {
            return default;
        }
    }

    /// <summary>Waits until something holds. Looked at now and after each change.</summary>
    /// <returns>False when it took too long.</returns>
    public async Task<bool> UntilAsync(Func<bool> holds, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(ObjectChange change)
        {
            if (holds())
                done.TrySetResult();
        }
        Changed += Look;
        try
        {
            if (holds())
                return true;
            await done.Task.WaitAsync(atMost, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return holds();
        }
        finally
        {
            Changed -= Look;
        }
    }

    public ValueTask DisposeAsync() => Bus.DisposeAsync();

    private async Task MatchAsync(string rule, Action<BusMessage> receive) =>
        _matches.Add(await Bus.MatchAsync(rule, receive).ConfigureAwait(false));

    private async Task EndAsync()
    {
        await Bus.Closed.ConfigureAwait(false);
        Lose("");
    }

    private void Lose(string newOwner)
    {
        _loaded = false;
        _owner = newOwner;
        Objects.Clear();
        lock (_discoveries)
        {
            foreach (var discovery in _discoveries.Values)
                discovery.End();
            _discoveries.Clear();
        }
        Changed?.Invoke(new ObjectChange(ChangeKind.Gone, "", "", Nothing));
    }

    private void OnOwner(BusMessage signal)
    {
        if (signal.Values is [Names.Service, string old, string owner] && (old.Length > 0 || _owner.Length > 0))
            Lose(owner);
    }

    private void OnObject(BusMessage signal)
    {
        if (signal.Sender != _owner)
            return;
        if (signal.Member == "InterfacesAdded" && signal.Values is [ObjectPath added, BusDictionary interfaces])
        {
            Objects.Add(added.Path, interfaces);
            foreach (var (name, properties) in interfaces)
                if (name is string text && properties is BusDictionary dictionary)
                    Changed?.Invoke(new ObjectChange(ChangeKind.Added, added.Path, text, dictionary));
        }
        else if (signal.Member == "InterfacesRemoved" && signal.Values is [ObjectPath removed, List<object> names])
        {
            Objects.Remove(removed.Path, names);
            foreach (var name in names.OfType<string>())
                Changed?.Invoke(new ObjectChange(ChangeKind.Removed, removed.Path, name, Nothing));
        }
    }

    private void OnProperties(BusMessage signal)
    {
        if (signal.Sender != _owner || signal.Values is not [string name, BusDictionary changed, List<object> invalidated])
            return;
        Objects.Change(signal.Path, name, changed, invalidated);
        if (name == Names.Adapter && (changed.ContainsKey("Discovering") || changed.ContainsKey("Powered")))
            MendDiscovery(signal.Path);
        Changed?.Invoke(new ObjectChange(ChangeKind.Changed, signal.Path, name, changed));
    }

    /// <summary>It ends with the adapter's power, and sometimes without a reason.</summary>
    private void MendDiscovery(string adapter)
    {
        lock (_discoveries)
            if (_discoveries.TryGetValue(adapter, out var discovery))
                _ = Task.Run(discovery.MendAsync);
    }
}

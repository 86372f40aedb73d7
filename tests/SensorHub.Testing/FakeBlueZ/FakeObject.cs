using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Testing.FakeBlueZ;

/// <summary>An object of bluetoothd: its interfaces with their properties, its methods, and what a test scripted for them.</summary>
public abstract class FakeObject
{
    private readonly Dictionary<string, SortedDictionary<string, Variant>> _interfaces = [];
    private readonly Dictionary<string, Queue<Func<Task<BlueZError?>>>> _before = [];
    private readonly Dictionary<string, Queue<Func<Task>>> _after = [];

    private protected FakeObject(FakeBluetoothd daemon, string path) => (Daemon, Path) = (daemon, path);

    internal FakeBluetoothd Daemon { get; }

    internal string Path { get; }

    /// <summary>Whether it is in the object tree.</summary>
    internal bool IsPublished { get; private set; }

    /// <summary>
    /// Has the next calls of a method answered by an error. The method does nothing then.
    /// </summary>
    public void Fail(string member, BlueZError error, int times = 1)
    {
        for (var i = 0; i < times; i++)
            Before(member, () => Task.FromResult<BlueZError?>(error));
    }

    /// <summary>Something happens while the next call of a method is under way, before the method does its work.</summary>
    public void Before(string member, Action happens) => Before(member, () =>
    {
        happens();
        return Task.FromResult<BlueZError?>(null);
    });

    /// <inheritdoc cref="Before(string, Action)"/>
    /// <param name="happens">An error that it returns is the answer.</param>
    public void Before(string member, Func<Task<BlueZError?>> happens)
    {
        lock (Daemon.Gate)
            Queue(_before, member).Enqueue(happens);
    }

    /// <summary>Something happens when the next call of a method has done its work, before its reply.</summary>
    public void After(string member, Func<Task> happens)
    {
        lock (Daemon.Gate)
            Queue(_after, member).Enqueue(happens);
    }

    internal async Task<BusBody?> AnswerAsync(BusMessage call)
    {
        if (Next(_before, call.Member) is { } before && await before() is { } error)
            throw error.Exception;
        var answer = await CallAsync(call);
        if (Next(_after, call.Member) is { } after)
            await after();
        return answer;
    }

    /// <summary>The methods. Null = there is none of that name.</summary>
    internal abstract Task<BusBody?> CallAsync(BusMessage call);

    /// <summary>A client writes a property.</summary>
    internal virtual Task WriteAsync(string property, Variant value) =>
        throw new BusErrorException("org.freedesktop.DBus.Error.PropertyReadOnly", $"Property '{property}' is not writable");

    /// <summary>A client is gone from the bus, and its sessions with it.</summary>
    internal virtual void Leave(string client)
    {
    }

    /// <summary>The value, null when it has none.</summary>
    internal Variant? Property(string @interface, string name) =>
        _interfaces.TryGetValue(@interface, out var properties) && properties.TryGetValue(name, out var value) ? value : (Variant?)null;

    internal IEnumerable<string> Interfaces => _interfaces.Keys;

    internal BusDictionary PropertiesOf(string @interface) =>
        Wire.Properties(_interfaces.TryGetValue(@interface, out var properties) ? properties : []);

    /// <summary>All interfaces with their properties: a{sa{sv}}.</summary>
    internal BusDictionary Everything() => Wire.Dictionary(_interfaces.Keys.Select(i => ((object)i, (object)PropertiesOf(i))));

    /// <summary>Changes a property, and says so when it is another value.</summary>
    private protected void Set(string @interface, string name, string signature, object value, bool always = false)
    {
        var isNew = _interfaces.TryAdd(@interface, []);
        var variant = new Variant(signature, value);
        var before = Property(@interface, name);
        _interfaces[@interface][name] = variant;
        if (!IsPublished)
            return;
        if (isNew)
            Announce(Wire.Dictionary([(@interface, PropertiesOf(@interface))]));
        else if (always || !Equals(before?.Value, value))
            Daemon.Emit(Path, Wire.PropertiesInterface, "PropertiesChanged", BusBody.Of(
                "sa{sv}as", @interface, Wire.Properties([new(name, variant)]), Array.Empty<string>()));
    }

    /// <summary>Takes an interface away.</summary>
    private protected void Remove(string @interface)
    {
        if (_interfaces.Remove(@interface) && IsPublished)
            Daemon.Emit("/", Wire.ObjectManagerInterface, "InterfacesRemoved", BusBody.Of("oas", new ObjectPath(Path), new[] { @interface }));
    }

    /// <summary>Takes a property away, as the RSSI when discovery ends.</summary>
    private protected void Clear(string @interface, string name)
    {
        if (_interfaces[@interface].Remove(name) && IsPublished)
            Daemon.Emit(Path, Wire.PropertiesInterface, "PropertiesChanged", BusBody.Of(
                "sa{sv}as", @interface, Wire.Properties([]), new[] { name }));
    }

    internal void Publish()
    {
        if (IsPublished)
            return;
        IsPublished = true;
        Announce(Everything());
    }

    internal void Unpublish()
    {
        if (!IsPublished)
            return;
        IsPublished = false;
        Daemon.Emit("/", Wire.ObjectManagerInterface, "InterfacesRemoved", BusBody.Of("oas", new ObjectPath(Path), _interfaces.Keys.ToArray()));
    }

    private void Announce(BusDictionary interfaces) =>
        Daemon.Emit("/", Wire.ObjectManagerInterface, "InterfacesAdded", BusBody.Of("oa{sa{sv}}", new ObjectPath(Path), interfaces));

    private T? Next<T>(Dictionary<string, Queue<T>> scripted, string member)
    {
        lock (Daemon.Gate)
            return scripted.TryGetValue(member, out var queue) && queue.TryDequeue(out var step) ? step : default;
    }

    private static Queue<T> Queue<T>(Dictionary<string, Queue<T>> scripted, string member) =>
        scripted.TryGetValue(member, out var queue) ? queue : scripted[member] = new Queue<T>();
}

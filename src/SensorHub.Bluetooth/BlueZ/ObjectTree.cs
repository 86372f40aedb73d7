using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.BlueZ;

/// <summary>
/// BlueZ's objects with their properties, kept up to date by its signals. Written on the bus's thread; read on any. What
/// does not have the form the interface promises is left out.
/// </summary>
internal sealed class ObjectTree
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, BusDictionary>> _objects = new(StringComparer.Ordinal);

    /// <summary>A property; the default when there is none of this type.</summary>
    public T? Find<T>(string path, string @interface, string property)
    {
        lock (_gate)
            return _objects.TryGetValue(path, out var interfaces) && interfaces.TryGetValue(@interface, out var properties) ? properties.Find<T>(property) : default;
    }

    public bool Has(string path, string @interface, string? property = null)
    {
        lock (_gate)
            return _objects.TryGetValue(path, out var interfaces) && interfaces.TryGetValue(@interface, out var properties)
                && (property is null || properties.ContainsKey(property));
    }

    /// <summary>The paths of the objects with the interface, in order of their length and letters: hci2 before hci10.</summary>
    public IReadOnlyList<string> All(string @interface)
    {
        lock (_gate)
            return [.. _objects.Where(o => o.Value.ContainsKey(@interface)).Select(o => o.Key).OrderBy(p => p.Length).ThenBy(p => p, StringComparer.Ordinal)];
    }

    public void Clear()
    {
        lock (_gate)
            _objects.Clear();
    }

    /// <summary>What GetManagedObjects answered.</summary>
    public void Load(BusMessage answer)
    {
        lock (_gate)
        {
            _objects.Clear();
            if (answer.Values is not [BusDictionary objects])
                return;
            foreach (var (path, interfaces) in objects)
                if (path is ObjectPath objectPath && interfaces is BusDictionary added)
                    AddTo(objectPath.Path, added);
        }
    }

    public void Add(string path, BusDictionary interfaces)
    {
        lock (_gate)
            AddTo(path, interfaces);
    }

    public void Remove(string path, IEnumerable<object> interfaces)
    {
        lock (_gate)
        {
            if (!_objects.TryGetValue(path, out var known))
                return;
            foreach (var name in interfaces.OfType<string>())
                known.Remove(name);
            if (known.Count == 0)
                _objects.Remove(path);
        }
    }

    public void Change(string path, string @interface, BusDictionary changed, IEnumerable<object> invalidated)
    {
        lock (_gate)
        {
            if (!_objects.TryGetValue(path, out var interfaces) || !interfaces.TryGetValue(@interface, out var properties))
                return;
            foreach (var name in invalidated)
                properties.Remove(name);
            foreach (var (name, value) in changed)
                if (@interface != Names.GattCharacteristic || name is not "Value")
                    properties[name] = value;
        }
    }

    private void AddTo(string path, BusDictionary interfaces)
    {
        if (!_objects.TryGetValue(path, out var known))
            _objects[path] = known = new Dictionary<string, BusDictionary>(StringComparer.Ordinal);
        foreach (var (name, properties) in interfaces)
            if (name is string text && properties is BusDictionary dictionary)
                known[text] = dictionary;
    }
}

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>A D-Bus variant: one complete type and a value of it, as <see cref="BusBody"/> lists them.</summary>
internal readonly record struct Variant(string Signature, object Value)
{
    public static implicit operator Variant(bool value) => new("b", value);

    public static implicit operator Variant(string value) => new("s", value);

    public static implicit operator Variant(ushort value) => new("q", value);

    public static implicit operator Variant(short value) => new("n", value);

    public static implicit operator Variant(byte value) => new("y", value);

    public static implicit operator Variant(byte[] value) => new("ay", value);

    public static implicit operator Variant(ObjectPath value) => new("o", value);
}

/// <summary>The path of an object on the bus, as in <c>/org/bluez/hci0</c>.</summary>
internal readonly record struct ObjectPath(string Path)
{
    public override string ToString() => Path;

    /// <summary>Whether the text obeys the specification's rule for paths.</summary>
    public static bool IsValid(string? path)
    {
        if (path is null or "" || path[0] != '/' || path.Length > 1 && path[^1] == '/')
            return false;
        for (var i = 1; i < path.Length; i++)
            if (!(char.IsAsciiLetterOrDigit(path[i]) || path[i] == '_' || path[i] == '/' && path[i - 1] != '/'))
                return false;
        return true;
    }

    /// <summary>Whether this is the other path, or an object below it.</summary>
    public bool IsUnder(string path) =>
        Path.StartsWith(path, StringComparison.Ordinal) && (Path.Length == path.Length || path == "/" || Path[path.Length] == '/');
}

/// <summary>A D-Bus signature as a value (type <c>g</c>).</summary>
internal readonly record struct TypeSignature(string Text);

/// <summary>The members of a D-Bus struct, in order.</summary>
internal sealed class BusStruct(params object[] members)
{
    public IReadOnlyList<object> Members => members;

    public object this[int index] => members[index];
}

/// <summary>A D-Bus dictionary (<c>a{..}</c>), as messages are read; written is any dictionary.</summary>
internal sealed class BusDictionary : Dictionary<object, object>
{
    /// <summary>The value under a key, out of its variant; the default when it is absent or of another type.</summary>
    public T? Find<T>(object key) =>
        TryGetValue(key, out var value) && (value is Variant variant ? variant.Value : value) is T found ? found : default;
}

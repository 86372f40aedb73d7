using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Testing.FakeBlueZ;

/// <summary>Names and shapes that all of BlueZ's interfaces share.</summary>
internal static class Wire
{
    public const string PropertiesInterface = "org.freedesktop.DBus.Properties";
    public const string ObjectManagerInterface = "org.freedesktop.DBus.ObjectManager";

    /// <summary>a{sv}.</summary>
    public static BusDictionary Properties(IEnumerable<KeyValuePair<string, Variant>> properties) =>
        Dictionary(properties.Select(p => ((object)p.Key, (object)p.Value)));

    public static BusDictionary Dictionary(IEnumerable<(object Key, object Value)> entries)
    {
        var dictionary = new BusDictionary();
        foreach (var (key, value) in entries)
            dictionary.Add(key, value);
        return dictionary;
    }
}

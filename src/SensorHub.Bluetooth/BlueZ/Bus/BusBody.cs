namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>
/// The body of a message: a signature and a value for each of its complete types. A value is <see cref="byte"/> (y),
/// <see cref="bool"/> (b), <see cref="short"/> (n), <see cref="ushort"/> (q), <see cref="int"/> (i), <see cref="uint"/> (u),
/// <see cref="long"/> (x), <see cref="ulong"/> (t), <see cref="double"/> (d), <see cref="string"/> (s),
/// <see cref="ObjectPath"/> (o), <see cref="TypeSignature"/> (g), <see cref="UnixFd"/> or another handle of a descriptor (h),
/// <see cref="Variant"/> (v), <see cref="BusStruct"/>, a byte array (ay), any dictionary (a{..}), or any other sequence (a).
/// </summary>
/// <remarks>What is read comes as <see cref="UnixFd"/>, <see cref="BusDictionary"/>, and a list of objects for a sequence.</remarks>
internal readonly struct BusBody
{
    private BusBody(string signature, object[] values) => (Text, Items) = (signature, values);

    public string Signature => Text ?? "";

    public IReadOnlyList<object> Values => Items ?? [];

    private string? Text { get; }

    private object[]? Items { get; }

    /// <exception cref="ArgumentException">The values do not fit the signature.</exception>
    public static BusBody Of(string signature, params object[] values)
    {
        BusSignature.CheckAll(signature, values);
        return new BusBody(signature, values);
    }
}

using System.Runtime.InteropServices;

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>A message that came, read to its end: it no longer depends on the bus. Of descriptors in it, the receiver is the owner.</summary>
internal sealed class BusMessage
{
    private BusMessage(nint message)
    {
        Path = TextOf(SystemdBus.GetPath(message));
        Interface = TextOf(SystemdBus.GetInterface(message));
        Member = TextOf(SystemdBus.GetMember(message));
        Sender = TextOf(SystemdBus.GetSender(message));
        Signature = TextOf(SystemdBus.GetSignature(message, 1));
        Values = BusReader.ReadAll(message);
    }

    /// <summary>Empty in an answer, as are the next two.</summary>
    public string Path { get; }

    public string Interface { get; }

    public string Member { get; }

    /// <summary>The unique name of who sent it.</summary>
    public string Sender { get; }

    public string Signature { get; }

    public IReadOnlyList<object> Values { get; }

    /// <summary>The value at the place.</summary>
    /// <exception cref="BusErrorException">There is none of this type: the peer does not keep to the interface.</exception>
    public T Value<T>(int index) => index < Values.Count && Values[index] is T value
        ? value
        : throw new BusErrorException("org.freedesktop.DBus.Error.InvalidSignature", $"{Interface}.{Member} came with '{Signature}' instead of what its interface says.");

    /// <summary>On the bus's thread.</summary>
    internal static BusMessage Read(nint message) => new(message);

    internal static string TextOf(nint text) => Marshal.PtrToStringUTF8(text) ?? "";
}

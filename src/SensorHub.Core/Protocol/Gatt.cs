namespace SensorHub.Core.Protocol;

/// <summary>
/// The GATT profile: firmware-protocol/README.md §2. One vendor base, 678aXXXX-ed35-42e5-9ac3-2166de8cc690, in which
/// XXXX is the short part.
/// </summary>
public static class Gatt
{
    public static readonly Guid Service = Vendor(0x0001);

    /// <summary>Read: the self-describing <see cref="SensorDescriptor"/>. Readable before pairing.</summary>
    public static readonly Guid Descriptor = Vendor(0x0002);

    /// <summary>Write with response + indicate: requests and their responses. Needs an encrypted link.</summary>
    public static readonly Guid Control = Vendor(0x0003);

    /// <summary>Notify: live frames. Needs an encrypted link.</summary>
    public static readonly Guid Data = Vendor(0x0004);

    /// <summary>Notify: frames from the ring buffer. Needs an encrypted link.</summary>
    public static readonly Guid Backlog = Vendor(0x0005);

    /// <summary>Bytes of an ATT handle-value notification or indication that are not ours (Core Specification, Vol 3 Part F §3.4.7).</summary>
    public const int AttOverhead = 3;

    /// <summary>The longest value of an attribute, and so of a frame (Core Specification, Vol 3 Part F §3.2.9).</summary>
    public const int MaxValue = 512;

    private static Guid Vendor(ushort part) => new(0x678a0000u | part, 0xed35, 0x42e5, 0x9a, 0xc3, 0x21, 0x66, 0xde, 0x8c, 0xc6, 0x90);
}

using System.Buffers.Binary;
using System.Text;

namespace SensorHub.Core.Protocol;

/// <summary>
/// Bytes ↔ <see cref="SensorDescriptor"/>: major, minor, then type-length-value fields (firmware-protocol/README.md §3).
/// A field of an unknown type is skipped, and so are bytes that a newer minor version added to the end of a known one.
/// </summary>
public static class SensorDescriptorCodec
{
    public const int MaxSize = Gatt.MaxValue;
    public const int MaxText = 32;
    public const int MaxElements = 4;
    public const int MaxStreams = 8;
    public const int MaxPeriods = 8;
    public const int MaxChannels = 16;
    public const int MaxCells = 8;

    public static DecodeStatus Decode(ReadOnlySpan<byte> bytes, out SensorDescriptor? descriptor) => Decode(bytes, out descriptor, out _);

    /// <param name="fault">What is wrong with the bytes and where, for the firmware's maker; null when the status is ok.</param>
    public static DecodeStatus Decode(ReadOnlySpan<byte> bytes, out SensorDescriptor? descriptor, out string? fault)
    {
        var found = Parse(bytes, out descriptor) ?? SensorDescriptorRules.FindFault(descriptor!);
        if (found is not null)
            descriptor = null;
        fault = found?.What;
        return found?.Status ?? DecodeStatus.Ok;
    }

    /// <exception cref="ArgumentException">A hub would refuse this descriptor, or it is longer than an attribute; the message says why.</exception>
    public static byte[] Encode(SensorDescriptor descriptor)
    {
        var bytes = new List<byte>(256) { descriptor.ProtocolMajor, descriptor.ProtocolMinor };
        Add(Field.Kind, [(byte)descriptor.Kind]);
        Add(Field.Serial, Text(descriptor.Serial));
        if (descriptor.Firmware.Length > 0)
            Add(Field.Firmware, Text(descriptor.Firmware));
        Add(Field.TickRate, U32(descriptor.TickRate));
        foreach (var element in descriptor.Elements)
            Add(Field.Element, [element.Id, (byte)element.Role]);
        foreach (var stream in descriptor.Streams)
        {
            List<byte> value = [stream.Id, (byte)stream.Kind, stream.Element, .. U32(stream.BufferDepth), unchecked((byte)stream.Periods.Count)];
            foreach (var period in stream.Periods)
                value.AddRange(U32(period));
            value.Add(unchecked((byte)stream.Channels.Count));
            foreach (var channel in stream.Channels)
                value.AddRange([(byte)channel.Quantity, channel.Axis, (byte)channel.Type, .. F32(channel.Scale), .. F32(channel.Offset)]);
            Add(Field.Stream, value);
        }
        foreach (var c in descriptor.LoadCalibrations)
            Add(Field.LoadCalibration, [c.Axis, .. F32(c.Gain), .. F32(c.Zero), .. F32(c.TemperatureCoefficient), .. F32(c.ReferenceTemperature)]);
        if (descriptor.Roller is { } roller)
            Add(Field.Roller, [.. F32(roller.Radius), .. F32(roller.Length), roller.Firm ? (byte)1 : (byte)0, (byte)roller.Arrangement]);

        var encoded = bytes.ToArray();
        if (Decode(encoded, out _, out var fault) != DecodeStatus.Ok)
            throw new ArgumentException($"A hub would refuse this descriptor: {fault}", nameof(descriptor));
        return encoded;

        void Add(Field type, IReadOnlyCollection<byte> value)
        {
            if (value.Count > byte.MaxValue)
                throw new ArgumentException($"The field {type} has {value.Count} bytes; a field holds {byte.MaxValue}.", nameof(descriptor));
            bytes.Add((byte)type);
            bytes.Add((byte)value.Count);
            bytes.AddRange(value);
        }

        static byte[] Text(string text) => Ascii.IsValid(text)
            ? Encoding.ASCII.GetBytes(text)
            : throw new ArgumentException($"'{text}' is not ASCII.", nameof(descriptor));
    }

    /// <summary>The form: lengths, limits, what may occur once. What the values mean together is <see cref="SensorDescriptorRules"/>'s.</summary>
    private static DescriptorFault? Parse(ReadOnlySpan<byte> bytes, out SensorDescriptor? descriptor)
    {
        descriptor = null;
        if (bytes.Length < 2)
            return new(DecodeStatus.TooShort, "it has less than the two bytes of its version.");
        if (bytes[0] != FrameCodec.Major)
            return new(DecodeStatus.UnknownMajor, $"it speaks protocol {bytes[0]}.{bytes[1]}, and this hub {FrameCodec.Major}.x.");
        if (bytes.Length > MaxSize)
            return new(DecodeStatus.LengthMismatch, $"it has {bytes.Length} bytes; an attribute holds {MaxSize}.");

        byte? kind = null;
        string? serial = null, firmware = null;
        uint? tickRate = null;
        RollerGeometry? roller = null;
        List<ElementDescriptor> elements = [];
        List<StreamDescriptor> streams = [];
        List<LoadCalibration> calibrations = [];

        for (var rest = bytes[2..]; rest.Length > 0;)
        {
            var at = bytes.Length - rest.Length;
            if (rest.Length < 2 || rest.Length < 2 + rest[1])
                return new(DecodeStatus.LengthMismatch, $"the field at byte {at} ends behind the end.");
            var type = (Field)rest[0];
            var value = rest.Slice(2, rest[1]);
            rest = rest[(2 + value.Length)..];

            if (value.Length < MinimumLength(type))
                return new(DecodeStatus.LengthMismatch, $"the field {type} at byte {at} has {value.Length} bytes, and needs {MinimumLength(type)}.");
            if (type switch
                {
                    Field.Kind => kind is not null,
                    Field.Serial => serial is not null,
                    Field.Firmware => firmware is not null,
                    Field.TickRate => tickRate is not null,
                    Field.Element => elements.Count == MaxElements,
                    Field.Stream => streams.Count == MaxStreams,
                    Field.LoadCalibration => calibrations.Count == MaxCells,
                    Field.Roller => roller is not null,
                    _ => false,
                })
                return new(DecodeStatus.BadValue, $"the field {type} at byte {at} is one too many.");

            switch (type)
            {
                case Field.Kind:
                    kind = value[0];
                    break;
                case Field.Serial when TryReadText(value, out serial):
                case Field.Firmware when TryReadText(value, out firmware):
                    break;
                case Field.Serial or Field.Firmware:
                    return new(DecodeStatus.BadValue, $"the field {type} at byte {at} is not 1 to {MaxText} printable ASCII characters.");
                case Field.TickRate:
                    tickRate = BinaryPrimitives.ReadUInt32LittleEndian(value);
                    break;
                case Field.Element:
                    elements.Add(new ElementDescriptor(value[0], (ElementRole)value[1]));
                    break;
                case Field.Stream:
                    if (ParseStream(value, out var stream) is { } fault)
                        return fault;
                    streams.Add(stream!);
                    break;
                case Field.LoadCalibration:
                    calibrations.Add(new LoadCalibration(value[0], ReadSingle(value[1..]), ReadSingle(value[5..]), ReadSingle(value[9..]), ReadSingle(value[13..])));
                    break;
                case Field.Roller:
                    if (value[8] > 1)
                        return new(DecodeStatus.BadValue, $"the roller's firmness is {value[8]}, neither 0 nor 1.");
                    roller = new RollerGeometry(ReadSingle(value), ReadSingle(value[4..]), value[8] == 1, (LoadArrangement)value[9]);
                    break;
                default:
                    break;
            }
        }

        if (kind is null || serial is null || tickRate is null || streams.Count == 0)
            return new(DecodeStatus.Missing, "it needs a kind, a serial, a tick rate and at least one stream.");
        descriptor = new SensorDescriptor(bytes[0], bytes[1], (SensorKind)kind, serial, firmware ?? "", tickRate.Value, elements, streams, calibrations, roller);
        return null;
    }

    private static DescriptorFault? ParseStream(ReadOnlySpan<byte> value, out StreamDescriptor? stream)
    {
        stream = null;
        byte id = value[0], element = value[2];
        var kind = (StreamKind)value[1];
        var depth = BinaryPrimitives.ReadUInt32LittleEndian(value[3..]);

        int periodCount = value[7];
        var rest = value[8..];
        if (periodCount > MaxPeriods)
            return new(DecodeStatus.BadValue, $"stream {id} offers {periodCount} periods; {MaxPeriods} is the most.");
        if (rest.Length < 4 * periodCount + 1)
            return new(DecodeStatus.LengthMismatch, $"stream {id} ends within its periods.");
        var periods = new uint[periodCount];
        for (var i = 0; i < periods.Length; i++, rest = rest[4..])
            periods[i] = BinaryPrimitives.ReadUInt32LittleEndian(rest);

        int channelCount = rest[0];
        rest = rest[1..];
        if (channelCount is 0 or > MaxChannels)
            return new(DecodeStatus.BadValue, $"stream {id} has {channelCount} channels, not 1 to {MaxChannels}.");
        if (rest.Length < ChannelLength * channelCount)
            return new(DecodeStatus.LengthMismatch, $"stream {id} ends within its channels.");
        var channels = new ChannelDescriptor[channelCount];
        for (var i = 0; i < channels.Length; i++, rest = rest[ChannelLength..])
            channels[i] = new ChannelDescriptor((Quantity)rest[0], rest[1], (RawType)rest[2], ReadSingle(rest[3..]), ReadSingle(rest[7..]));

        stream = new StreamDescriptor(id, kind, element, depth, periods, channels);
        return null;
    }

    private const int ChannelLength = 11;

    private enum Field : byte
    {
        Kind = 1,
        Serial = 2,
        Firmware = 3,
        TickRate = 4,
        Element = 5,
        Stream = 6,
        LoadCalibration = 7,
        Roller = 8,
    }

    private static int MinimumLength(Field type) => type switch
    {
        Field.Kind => 1,
        Field.Serial => 1,
        Field.Firmware => 1,
        Field.TickRate => 4,
        Field.Element => 2,
        Field.Stream => 9,
        Field.LoadCalibration => 17,
        Field.Roller => 10,
        _ => 0,
    };

    private static bool TryReadText(ReadOnlySpan<byte> bytes, out string? text)
    {
        var isText = bytes.Length <= MaxText && !bytes.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e);
        text = isText ? Encoding.ASCII.GetString(bytes) : null;
        return isText;
    }

    private static float ReadSingle(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadSingleLittleEndian(bytes);

    private static byte[] U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] F32(float value) => U32(BitConverter.SingleToUInt32Bits(value));
}

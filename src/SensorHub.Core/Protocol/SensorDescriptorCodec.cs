using System.Buffers.Binary;
using System.Text;

namespace SensorHub.Core.Protocol;

/// <summary>
/// Bytes ↔ <see cref="SensorDescriptor"/>: major, minor, then type-length-value fields (firmware-protocol/README.md §3).
/// A field of an unknown type is skipped, and so are bytes that a newer minor version added to the end of a known one.
/// </summary>
public static class SensorDescriptorCodec
{
    /// <summary>The longest value of a GATT attribute (Core Specification, Vol 3 Part F §3.2.9).</summary>
    public const int MaxSize = 512;

    public const int MaxChannels = 16;

    public static DecodeStatus Decode(ReadOnlySpan<byte> bytes, out SensorDescriptor? descriptor)
    {
        descriptor = null;
        if (bytes.Length < 2)
            return DecodeStatus.TooShort;
        if (bytes[0] != FrameCodec.Major)
            return DecodeStatus.UnknownMajor;
        if (bytes.Length > MaxSize)
            return DecodeStatus.LengthMismatch;

        SensorKind? kind = null;
        string? serial = null;
        var firmware = "";
        uint tickRate = 0;
        RollerGeometry? roller = null;
        List<ElementDescriptor> elements = [];
        List<StreamDescriptor> streams = [];
        List<LoadCalibration> calibrations = [];

        for (var rest = bytes[2..]; rest.Length > 0;)
        {
            if (rest.Length < 2 || rest.Length < 2 + rest[1])
                return DecodeStatus.LengthMismatch;
            var type = (Field)rest[0];
            var value = rest.Slice(2, rest[1]);
            rest = rest[(2 + value.Length)..];

            if (value.Length < MinimumLength(type))
                return DecodeStatus.LengthMismatch;
            switch (type)
            {
                case Field.Kind:
                    if (value[0] is not ((byte)SensorKind.Roller or (byte)SensorKind.Clip))
                        return DecodeStatus.BadValue;
                    kind = (SensorKind)value[0];
                    break;
                case Field.Serial:
                    if (!TryReadText(value, out serial))
                        return DecodeStatus.BadValue;
                    break;
                case Field.Firmware:
                    if (!TryReadText(value, out firmware))
                        return DecodeStatus.BadValue;
                    break;
                case Field.TickRate:
                    tickRate = BinaryPrimitives.ReadUInt32LittleEndian(value);
                    if (tickRate == 0)
                        return DecodeStatus.BadValue;
                    break;
                case Field.Element:
                    var element = new ElementDescriptor(value[0], (ElementRole)value[1]);
                    if (element.Id == 0 || element.Role is < ElementRole.Core or > ElementRole.Upper || elements.Exists(e => e.Id == element.Id))
                        return DecodeStatus.BadValue;
                    elements.Add(element);
                    break;
                case Field.Stream:
                    if (DecodeStream(value, out var stream) is var status && status != DecodeStatus.Ok)
                        return status;
                    if (streams.Exists(s => s.Id == stream!.Id))
                        return DecodeStatus.BadValue;
                    streams.Add(stream!);
                    break;
                case Field.LoadCalibration:
                    var calibration = new LoadCalibration(value[0], ReadSingle(value[1..]), ReadSingle(value[5..]), ReadSingle(value[9..]), ReadSingle(value[13..]));
                    if (!IsFinite(calibration.Gain, calibration.Zero, calibration.TemperatureCoefficient, calibration.ReferenceTemperature))
                        return DecodeStatus.BadValue;
                    calibrations.Add(calibration);
                    break;
                case Field.Roller:
                    roller = new RollerGeometry(ReadSingle(value), ReadSingle(value[4..]), value[8] != 0, (LoadArrangement)value[9]);
                    if (!IsFinite(roller.Radius, roller.Length) || roller.Radius <= 0 || roller.Length <= 0 || value[8] > 1 || value[9] > (byte)LoadArrangement.StrainPairs)
                        return DecodeStatus.BadValue;
                    break;
                default:
                    break;
            }
        }

        if (kind is null || serial is null || tickRate == 0 || streams.Count == 0 || (kind == SensorKind.Roller) != (roller is not null))
            return DecodeStatus.Missing;
        foreach (var stream in streams)
            if (stream.Element != 0 && !elements.Exists(e => e.Id == stream.Element))
                return DecodeStatus.BadValue;

        descriptor = new SensorDescriptor(bytes[0], bytes[1], kind.Value, serial, firmware, tickRate, elements, streams, calibrations, roller);
        return DecodeStatus.Ok;
    }

    /// <exception cref="ArgumentException">The descriptor has a text, a list or a whole that is longer than the format allows.</exception>
    public static byte[] Encode(SensorDescriptor descriptor)
    {
        var bytes = new List<byte>(256) { descriptor.ProtocolMajor, descriptor.ProtocolMinor };
        Add(Field.Kind, [(byte)descriptor.Kind]);
        Add(Field.Serial, Encoding.ASCII.GetBytes(descriptor.Serial));
        if (descriptor.Firmware.Length > 0)
            Add(Field.Firmware, Encoding.ASCII.GetBytes(descriptor.Firmware));
        Add(Field.TickRate, U32(descriptor.TickRate));
        foreach (var element in descriptor.Elements)
            Add(Field.Element, [element.Id, (byte)element.Role]);
        foreach (var stream in descriptor.Streams)
        {
            List<byte> value = [stream.Id, (byte)stream.Kind, stream.Element, .. U32(stream.BufferDepth), checked((byte)stream.Periods.Count)];
            foreach (var period in stream.Periods)
                value.AddRange(U32(period));
            value.Add(checked((byte)stream.Channels.Count));
            foreach (var channel in stream.Channels)
                value.AddRange([(byte)channel.Quantity, channel.Axis, (byte)channel.Type, .. F32(channel.Scale), .. F32(channel.Offset)]);
            Add(Field.Stream, value);
        }
        foreach (var c in descriptor.LoadCalibrations)
            Add(Field.LoadCalibration, [c.Axis, .. F32(c.Gain), .. F32(c.Zero), .. F32(c.TemperatureCoefficient), .. F32(c.ReferenceTemperature)]);
        if (descriptor.Roller is { } roller)
            Add(Field.Roller, [.. F32(roller.Radius), .. F32(roller.Length), roller.Firm ? (byte)1 : (byte)0, (byte)roller.Arrangement]);
        if (bytes.Count > MaxSize)
            throw new ArgumentException($"The descriptor has {bytes.Count} bytes; an attribute holds {MaxSize}.", nameof(descriptor));
        return [.. bytes];

        void Add(Field type, IReadOnlyCollection<byte> value)
        {
            if (value.Count > byte.MaxValue)
                throw new ArgumentException($"The {type} field has {value.Count} bytes; a field holds {byte.MaxValue}.", nameof(descriptor));
            bytes.Add((byte)type);
            bytes.Add((byte)value.Count);
            bytes.AddRange(value);
        }
    }

    private static DecodeStatus DecodeStream(ReadOnlySpan<byte> value, out StreamDescriptor? stream)
    {
        stream = null;
        byte id = value[0], element = value[2];
        var kind = (StreamKind)value[1];
        var depth = BinaryPrimitives.ReadUInt32LittleEndian(value[3..]);
        var periods = new uint[value[7]];
        var rest = value[8..];
        if (rest.Length < 4 * periods.Length + 1)
            return DecodeStatus.LengthMismatch;
        for (var i = 0; i < periods.Length; i++, rest = rest[4..])
            periods[i] = BinaryPrimitives.ReadUInt32LittleEndian(rest);
        var channels = new ChannelDescriptor[rest[0]];
        rest = rest[1..];
        if (rest.Length < 11 * channels.Length)
            return DecodeStatus.LengthMismatch;
        if (kind is < StreamKind.Imu or > StreamKind.Events || channels.Length is 0 or > MaxChannels)
            return DecodeStatus.BadValue;
        if ((kind == StreamKind.Events) != (periods.Length == 0) || periods.Contains(0u))
            return DecodeStatus.BadValue;
        for (var i = 0; i < channels.Length; i++, rest = rest[11..])
        {
            var channel = new ChannelDescriptor((Quantity)rest[0], rest[1], (RawType)rest[2], ReadSingle(rest[3..]), ReadSingle(rest[7..]));
            if (channel.Type is < RawType.U8 or > RawType.I32 || !IsFinite(channel.Scale, channel.Offset))
                return DecodeStatus.BadValue;
            channels[i] = channel;
        }
        stream = new StreamDescriptor(id, kind, element, depth, periods, channels);
        return DecodeStatus.Ok;
    }

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

    /// <summary>1 to 32 printable ASCII characters.</summary>
    private static bool TryReadText(ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        if (bytes.Length > 32 || bytes.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e))
            return false;
        text = Encoding.ASCII.GetString(bytes);
        return true;
    }

    private static bool IsFinite(params ReadOnlySpan<float> values)
    {
        foreach (var value in values)
            if (!float.IsFinite(value))
                return false;
        return true;
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

using System.Buffers.Binary;

namespace SensorHub.Core.Protocol;

public enum SensorKind : byte
{
    Roller = 1,
    Clip = 2,
}

/// <summary>Where an IMU element sits.</summary>
public enum ElementRole : byte
{
    /// <summary>In the roller's core.</summary>
    Core = 1,

    /// <summary>On the sacrum, S1/S2.</summary>
    Lower = 2,

    /// <summary>On the thoracolumbar junction, T12/L1.</summary>
    Upper = 3,
}

public enum StreamKind : byte
{
    Imu = 1,
    Load = 2,
    Battery = 3,
    Events = 4,
}

/// <summary>What a channel measures. Physical value = raw · scale + offset, in the unit given here.</summary>
public enum Quantity : byte
{
    /// <summary>Specific force including gravity, m/s²; axis 0, 1, 2 = x, y, z of the element.</summary>
    Acceleration = 1,

    /// <summary>Angular rate, rad/s; axis 0, 1, 2 = x, y, z of the element.</summary>
    AngularRate = 2,

    /// <summary>°C.</summary>
    Temperature = 3,

    /// <summary>Counts of a load cell; newton by <see cref="LoadCalibration"/>; axis = number of the cell, from 0.</summary>
    LoadCounts = 4,

    /// <summary>Pa; axis 0 = bladder, 1 = ambient.</summary>
    Pressure = 5,

    /// <summary>%.</summary>
    BatteryLevel = 6,

    /// <summary>V.</summary>
    BatteryVoltage = 7,

    /// <summary><see cref="EventCode"/>.</summary>
    EventCode = 8,

    /// <summary>A number that belongs to the event: taps counted, button number.</summary>
    EventArgument = 9,

    /// <summary>Ticks after the frame's, for events.</summary>
    TickOffset = 10,
}

public enum EventCode : byte
{
    Tap = 1,
    Button = 2,
    ChargerConnected = 3,
    ChargerRemoved = 4,
}

/// <summary>How a raw value is stored. Little-endian.</summary>
public enum RawType : byte
{
    U8 = 1,
    I8 = 2,
    U16 = 3,
    I16 = 4,
    U32 = 5,
    I32 = 6,
}

/// <summary>How a roller's load cells see force (firmware-protocol/README.md §3).</summary>
public enum LoadArrangement : byte
{
    None = 0,

    /// <summary>The sum of the cells is the force between body and roller.</summary>
    Direct = 1,

    /// <summary>An air bladder with an ambient reference.</summary>
    Bladder = 2,

    /// <summary>A ring that sees the floor and the body: half of the sum.</summary>
    Ring = 3,

    /// <summary>Pairs of strain-gauge sets 45° apart, cells 2k and 2k + 1: F = Σ √(e₁² + e₂²).</summary>
    StrainPairs = 4,
}

/// <param name="Scale">Unit per count; not 0.</param>
/// <param name="Offset">Unit at count 0.</param>
public sealed record ChannelDescriptor(Quantity Quantity, byte Axis, RawType Type, float Scale, float Offset)
{
    /// <summary>Bytes of one value.</summary>
    public int Size => Type switch { RawType.U8 or RawType.I8 => 1, RawType.U16 or RawType.I16 => 2, _ => 4 };

    public long MinRaw => Type switch { RawType.I8 => sbyte.MinValue, RawType.I16 => short.MinValue, RawType.I32 => int.MinValue, _ => 0 };

    public long MaxRaw => Type switch
    {
        RawType.U8 => byte.MaxValue,
        RawType.I8 => sbyte.MaxValue,
        RawType.U16 => ushort.MaxValue,
        RawType.I16 => short.MaxValue,
        RawType.U32 => uint.MaxValue,
        _ => int.MaxValue,
    };

    public double ToPhysical(long raw) => raw * (double)Scale + Offset;

    /// <summary>The nearest count, halves away from zero.</summary>
    /// <returns>False when the value lies outside the range: <paramref name="raw"/> is then its end, or 0 for NaN.</returns>
    public bool TryToRaw(double physical, out long raw)
    {
        var counts = (physical - Offset) / Scale;
        counts += counts < 0 ? -0.5 : 0.5;
        if (counts > MinRaw - 1.0 && counts < MaxRaw + 1.0)
        {
            raw = (long)counts;
            return true;
        }
        raw = double.IsNaN(counts) ? 0 : counts < 0 ? MinRaw : MaxRaw;
        return false;
    }
}

/// <param name="Element">The IMU element of the stream; 0 = the sensor as a whole.</param>
/// <param name="BufferDepth">Samples that the ring buffer keeps; 0 = none.</param>
/// <param name="Periods">Sample periods on offer, in device ticks, fastest first; empty for events.</param>
public sealed record StreamDescriptor(
    byte Id, StreamKind Kind, byte Element, uint BufferDepth, IReadOnlyList<uint> Periods, IReadOnlyList<ChannelDescriptor> Channels)
{
    // Samples are read by the million: arrays, and the offsets once.
    private readonly ChannelDescriptor[] _channels = [.. Channels];
    private readonly int[] _offsets = OffsetsOf(Channels);

    /// <summary>In the order in which a sample carries them.</summary>
    public IReadOnlyList<ChannelDescriptor> Channels => _channels;

    /// <summary>Bytes of one sample.</summary>
    public int SampleSize => _offsets[^1];

    /// <summary>Without a sampling period: each sample carries its own <see cref="Quantity.TickOffset"/>.</summary>
    public bool IsIrregular => Periods.Count == 0;

    /// <summary>Reads one channel of one sample as the raw number it was sent as.</summary>
    public long ReadRaw(ReadOnlySpan<byte> samples, int sample, int channel)
    {
        var bytes = samples[(sample * SampleSize + _offsets[channel])..];
        return _channels[channel].Type switch
        {
            RawType.U8 => bytes[0],
            RawType.I8 => (sbyte)bytes[0],
            RawType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            RawType.I16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            RawType.U32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        };
    }

    /// <summary>Reads one channel of one sample in its physical unit.</summary>
    public double Read(ReadOnlySpan<byte> samples, int sample, int channel) =>
        _channels[channel].ToPhysical(ReadRaw(samples, sample, channel));

    /// <summary>Writes one channel of one sample.</summary>
    /// <returns>False when the number is outside the channel's range: its end was written, and the frame is <see cref="FrameFlags.Saturated"/>.</returns>
    public bool WriteRaw(Span<byte> samples, int sample, int channel, long raw)
    {
        var bytes = samples[(sample * SampleSize + _offsets[channel])..];
        var descriptor = _channels[channel];
        var value = Math.Clamp(raw, descriptor.MinRaw, descriptor.MaxRaw);
        switch (descriptor.Size)
        {
            case 1: bytes[0] = unchecked((byte)value); break;
            case 2: BinaryPrimitives.WriteUInt16LittleEndian(bytes, unchecked((ushort)value)); break;
            default: BinaryPrimitives.WriteUInt32LittleEndian(bytes, unchecked((uint)value)); break;
        }
        return value == raw;
    }

    /// <summary>Writes a physical value as the nearest count of one channel of one sample.</summary>
    /// <returns>False when the value is outside the channel's range: its end was written (0 for NaN), and the frame is <see cref="FrameFlags.Saturated"/>.</returns>
    public bool Write(Span<byte> samples, int sample, int channel, double physical)
    {
        var fits = _channels[channel].TryToRaw(physical, out var raw);
        WriteRaw(samples, sample, channel, raw);
        return fits;
    }

    /// <summary>The channel of this quantity and axis, or −1.</summary>
    public int FindChannel(Quantity quantity, byte axis = 0)
    {
        for (var i = 0; i < _channels.Length; i++)
            if (_channels[i].Quantity == quantity && _channels[i].Axis == axis)
                return i;
        return -1;
    }

    private static int[] OffsetsOf(IReadOnlyList<ChannelDescriptor> channels)
    {
        var offsets = new int[channels.Count + 1];
        for (var i = 0; i < channels.Count; i++)
            offsets[i + 1] = offsets[i] + channels[i].Size;
        return offsets;
    }
}

/// <summary>An IMU element: its number and where it sits.</summary>
public sealed record ElementDescriptor(byte Id, ElementRole Role);

/// <summary>Counts of a load cell → newton: F = (raw − Zero) · Gain · (1 + TemperatureCoefficient · (T − ReferenceTemperature)).</summary>
/// <param name="Axis">Number of the load cell: the axis of its channel, 0 to 7.</param>
/// <param name="Gain">N per count; not 0.</param>
/// <param name="Zero">Counts without load.</param>
/// <param name="TemperatureCoefficient">Per °C.</param>
/// <param name="ReferenceTemperature">°C.</param>
public sealed record LoadCalibration(byte Axis, float Gain, float Zero, float TemperatureCoefficient, float ReferenceTemperature)
{
    internal bool IsValid =>
        Axis < SensorDescriptorCodec.MaxCells && Gain != 0 &&
        float.IsFinite(Gain) && float.IsFinite(Zero) && float.IsFinite(TemperatureCoefficient) && float.IsFinite(ReferenceTemperature);

    public double ToNewton(double counts, double? temperature = null) =>
        (counts - Zero) * Gain * (1 + TemperatureCoefficient * ((temperature ?? ReferenceTemperature) - ReferenceTemperature));
}

/// <summary>The roller's body.</summary>
/// <param name="Radius">m, without load.</param>
/// <param name="Length">m.</param>
/// <param name="Firm">A rigid shell; otherwise soft foam.</param>
public sealed record RollerGeometry(float Radius, float Length, bool Firm, LoadArrangement Arrangement);

/// <summary>What a sensor says about itself: the value of the descriptor characteristic.</summary>
/// <param name="TickRate">Device ticks per second, nominal.</param>
public sealed record SensorDescriptor(
    byte ProtocolMajor,
    byte ProtocolMinor,
    SensorKind Kind,
    string Serial,
    string Firmware,
    uint TickRate,
    IReadOnlyList<ElementDescriptor> Elements,
    IReadOnlyList<StreamDescriptor> Streams,
    IReadOnlyList<LoadCalibration> LoadCalibrations,
    RollerGeometry? Roller)
{
    public StreamDescriptor? FindStream(byte id)
    {
        for (var i = 0; i < Streams.Count; i++) // without an enumerator: once per frame
            if (Streams[i].Id == id)
                return Streams[i];
        return null;
    }

    /// <summary>The IMU stream of the element in this place, or null.</summary>
    public StreamDescriptor? FindImu(ElementRole role)
    {
        foreach (var element in Elements)
            if (element.Role == role)
                return Streams.FirstOrDefault(s => s.Kind == StreamKind.Imu && s.Element == element.Id);
        return null;
    }
}

using System.Buffers.Binary;

namespace SensorHub.Core.Protocol;

[Flags]
public enum FrameFlags : byte
{
    None = 0,

    /// <summary>Sent from the ring buffer, on the backlog characteristic.</summary>
    Backlog = 1 << 0,

    /// <summary>The last frame that answers a backlog request.</summary>
    End = 1 << 1,

    /// <summary>At least one sample of this frame hit the end of its range.</summary>
    Saturated = 1 << 2,

    /// <summary>The ring buffer overwrote samples that came before this frame.</summary>
    Overflow = 1 << 3,
}

/// <summary>
/// The fixed 24 bytes before the samples of a frame: firmware-protocol/README.md §4. Little-endian.
/// </summary>
/// <param name="Minor">Protocol minor version; a newer one than ours is read.</param>
/// <param name="Stream">The stream of the descriptor that the samples belong to.</param>
/// <param name="Flags">Unknown bits are kept and ignored.</param>
/// <param name="Count">Samples in the frame, 1 to 255; 0 only with <see cref="FrameFlags.End"/> in an empty backlog answer.</param>
/// <param name="BootId">Random id of the sensor's boot; never 0.</param>
/// <param name="Sequence">Number of the first sample, counted per stream from 0 at boot, modulo 2³².</param>
/// <param name="Ticks">Device ticks at which the first sample was taken.</param>
/// <param name="Period">Device ticks from one sample to the next; 0 in streams of irregular events.</param>
public readonly record struct FrameHeader(
    byte Minor, byte Stream, FrameFlags Flags, byte Count, uint BootId, uint Sequence, ulong Ticks, uint Period)
{
    public const int Size = 24;

    /// <summary>Sequence number that follows the last sample.</summary>
    public uint NextSequence => unchecked(Sequence + Count);
}

/// <summary>One frame: a header and the samples behind it, still in bytes. A view: it lives as long as the bytes it was read from.</summary>
public readonly ref struct Frame(FrameHeader header, ReadOnlySpan<byte> samples)
{
    public FrameHeader Header { get; } = header;

    public ReadOnlySpan<byte> Samples { get; } = samples;
}

/// <summary>Bytes ↔ frame. Bad bytes are a <see cref="DecodeStatus"/>, never an exception.</summary>
public static class FrameCodec
{
    public const byte Major = 1;
    public const byte Minor = 0;

    /// <summary>Reads a frame without knowing its stream; the samples' length is checked by <see cref="Check"/>.</summary>
    public static DecodeStatus Decode(ReadOnlySpan<byte> bytes, out Frame frame)
    {
        frame = default;
        if (bytes.Length < 1)
            return DecodeStatus.TooShort;
        if (bytes[0] >> 4 != Major)
            return DecodeStatus.UnknownMajor;
        if (bytes.Length < FrameHeader.Size)
            return DecodeStatus.TooShort;

        var header = new FrameHeader(
            Minor: (byte)(bytes[0] & 0x0f),
            Stream: bytes[1],
            Flags: (FrameFlags)bytes[2],
            Count: bytes[3],
            BootId: BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            Sequence: BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            Ticks: BinaryPrimitives.ReadUInt64LittleEndian(bytes[12..]),
            Period: BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]));
        if (!IsValid(header))
            return DecodeStatus.BadValue;

        frame = new Frame(header, bytes[FrameHeader.Size..]);
        return DecodeStatus.Ok;
    }

    /// <summary>Whether the frame is one of this sensor: its stream is known and its samples have the stream's size.</summary>
    public static DecodeStatus Check(in Frame frame, SensorDescriptor sensor, out StreamDescriptor? stream)
    {
        stream = sensor.FindStream(frame.Header.Stream);
        if (stream is null)
            return DecodeStatus.UnknownStream;
        if (frame.Samples.Length != frame.Header.Count * stream.SampleSize)
            return DecodeStatus.LengthMismatch;
        return (frame.Header.Period == 0) == stream.IsIrregular ? DecodeStatus.Ok : DecodeStatus.BadValue;
    }

    /// <summary>
    /// Samples that a frame carries: as many as a notification holds, but no more than the latency allows, for the first
    /// waits until the last is taken.
    /// </summary>
    /// <param name="period">Device ticks; 0 for irregular streams, which only the MTU limits.</param>
    /// <param name="mtu">ATT MTU.</param>
    /// <param name="latencyMilliseconds">0 = no limit.</param>
    /// <returns>1 to 255, or 0 when not even one sample fits: <see cref="ControlStatus.MtuTooSmall"/>.</returns>
    public static int SamplesPerFrame(StreamDescriptor stream, uint tickRate, uint period, int mtu, ushort latencyMilliseconds)
    {
        var room = Math.Min(mtu - Gatt.AttOverhead, Gatt.MaxValue) - FrameHeader.Size;
        var byMtu = Math.Clamp(room / stream.SampleSize, 0, byte.MaxValue);
        if (period == 0 || latencyMilliseconds == 0)
            return byMtu;
        var byLatency = (ulong)latencyMilliseconds * tickRate / 1000 / period + 1;
        return (int)Math.Min((ulong)byMtu, byLatency);
    }

    /// <summary>Writes header and samples; returns the bytes written.</summary>
    /// <exception cref="ArgumentException">The destination is too small, or the header is one that <see cref="Decode"/> refuses.</exception>
    public static int Encode(in FrameHeader header, ReadOnlySpan<byte> samples, Span<byte> destination)
    {
        if (header.Minor > 15 || !IsValid(header))
            throw new ArgumentException($"No frame has the header {header}.", nameof(header));
        var length = FrameHeader.Size + samples.Length;
        if (destination.Length < length)
            throw new ArgumentException($"A frame of {length} bytes does not fit into {destination.Length}.", nameof(destination));
        destination[0] = (byte)(Major << 4 | header.Minor);
        destination[1] = header.Stream;
        destination[2] = (byte)header.Flags;
        destination[3] = header.Count;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], header.BootId);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], header.Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[12..], header.Ticks);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[20..], header.Period);
        samples.CopyTo(destination[FrameHeader.Size..]);
        return length;
    }

    private static bool IsValid(in FrameHeader header)
    {
        const FrameFlags emptyAnswer = FrameFlags.Backlog | FrameFlags.End;
        return header.BootId != 0 && (header.Count != 0 || (header.Flags & emptyAnswer) == emptyAnswer);
    }
}

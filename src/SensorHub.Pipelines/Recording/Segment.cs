using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SensorHub.Pipelines.Recording;

/// <summary>The bytes of one file of a recording: README.md, "Segment".</summary>
internal static class Segment
{
    public const string Extension = ".shr";
    public const int HeaderSize = 16;
    public const int MaxPayload = ushort.MaxValue;

    private const byte Major = 1;
    private const byte Minor = 0;
    private const ushort Sync = 0x53a7;
    private const int FrameSize = 8;

    private static ReadOnlySpan<byte> Magic => "SHUBREC\n"u8;

    /// <summary>Names sort as the segments follow.</summary>
    public static string FileName(int number) => FormattableString.Invariant($"{number:00000}{Extension}");

    /// <summary>The segments of a recording, in order.</summary>
    public static string[] Find(string folder)
    {
        var files = Directory.GetFiles(folder, "*" + Extension);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    public static byte[] Header()
    {
        var bytes = new byte[HeaderSize];
        Magic.CopyTo(bytes);
        bytes[8] = Major;
        bytes[9] = Minor;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Crc32C(bytes.AsSpan(0, 12)));
        return bytes;
    }

    public static byte[] Frame(ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MaxPayload);
        var bytes = new byte[FrameSize + payload.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, Sync);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)payload.Length);
        payload.CopyTo(bytes.AsSpan(FrameSize));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc(bytes));
        return bytes;
    }

    /// <summary>
    /// What is in a segment, from its beginning: payloads, and the stretches between them that are none.
    /// After a stretch of damage it goes on at the next frame that is whole.
    /// </summary>
    /// <exception cref="NotSupportedException">As <see cref="IsHeader"/>.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IEnumerable<Part> Scan(FileWindow file)
    {
        long at = IsHeader(file.From(0, HeaderSize).Span) ? HeaderSize : 0;
        while (at < file.Length)
        {
            var frame = WholeFrame(file, at);
            if (frame.IsEmpty)
            {
                var next = NextFrame(file, at + 1);
                yield return new Part(at, next - at, null);
                at = next;
                continue;
            }
            yield return new Part(at, frame.Length, frame[FrameSize..]);
            at += frame.Length;
        }
    }

    /// <summary>Whether the file begins as a segment does.</summary>
    /// <exception cref="NotSupportedException">A major version that this program does not read.</exception>
    public static bool IsHeader(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderSize || !file.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(file[12..]) != Crc32C(file[..12]))
            return false;
        return file[8] == Major
            ? true
            : throw new NotSupportedException($"version {file[8]}.{file[9]} of the format; this program reads version {Major}");
    }

    private static long NextFrame(FileWindow file, long from)
    {
        while (from < file.Length)
        {
            var ahead = file.From(from, 1).Span;
            var hop = ahead.IndexOf((byte)(Sync & 0xff));
            if (hop < 0)
            {
                from += ahead.Length;
                continue;
            }
            from += hop;
            if (!WholeFrame(file, from).IsEmpty)
                return from;
            from++;
        }
        return file.Length;
    }

    /// <summary>The frame that begins here, or nothing when none does.</summary>
    private static ReadOnlyMemory<byte> WholeFrame(FileWindow file, long at)
    {
        var head = file.From(at, FrameSize).Span;
        if (head.Length < FrameSize || BinaryPrimitives.ReadUInt16LittleEndian(head) != Sync)
            return default;
        var size = FrameSize + BinaryPrimitives.ReadUInt16LittleEndian(head[2..]);
        var bytes = file.From(at, size);
        return size <= bytes.Length && Crc(bytes.Span[..size]) == BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[4..]) ? bytes[..size] : default;
    }

    /// <summary>Of the length and the payload.</summary>
    private static uint Crc(ReadOnlySpan<byte> frame) => Crc32C(frame[FrameSize..], BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt16LittleEndian(frame[2..])));

    /// <summary>CRC-32C (Castagnoli), RFC 9260 appendix A: initial value and final complement all ones.</summary>
    internal static uint Crc32C(ReadOnlySpan<byte> bytes, uint crc = uint.MaxValue)
    {
        foreach (var eight in MemoryMarshal.Cast<byte, ulong>(bytes))
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? eight : BinaryPrimitives.ReverseEndianness(eight));
        foreach (var one in bytes[(bytes.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }

    /// <param name="Offset">Where it begins in the file.</param>
    /// <param name="Length">Bytes of the file that it takes.</param>
    /// <param name="Payload">Null = damage.</param>
    public readonly record struct Part(long Offset, long Length, ReadOnlyMemory<byte>? Payload);
}

using SensorHub.Core.Protocol;

namespace SensorHub.Core.Tests.Protocol;

/// <summary>Inputs for a decoder, one behind the other, made from a seed: random bytes, good inputs, and good ones gone bad.</summary>
internal sealed class Inputs(int capacity)
{
    private static readonly byte[] Interesting = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];
    private const int LongestInput = 1024;

    private ulong _state;

    public byte[] Bytes { get; } = new byte[capacity * LongestInput];

    public uint[] Ends { get; } = new uint[capacity];

    /// <summary>Which sensor a frame is said to be of.</summary>
    public byte[] Slots { get; } = new byte[capacity];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int i] => Bytes.AsSpan((int)(i == 0 ? 0 : Ends[i - 1])..(int)Ends[i]);

    public void Reset(ulong seed)
    {
        Count = 0;
        // SplitMix64: seeds that follow each other give unlike states.
        var z = seed + 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        _state = (z ^ (z >> 31)) | 1;
    }

    public void Add(ReadOnlySpan<byte> input, byte slot = 0)
    {
        input.CopyTo(Free);
        Commit(input.Length, slot);
    }

    /// <summary>One of the inputs, or bytes at random, with none to three mutations.</summary>
    public void AddMutated(byte[][] examples)
    {
        var free = Free;
        int length;
        if (Below(16) == 0)
        {
            length = Below(64);
            Fill(free[..length]);
        }
        else
        {
            var example = examples[Below(examples.Length)];
            example.CopyTo(free);
            length = example.Length;
        }
        Commit(Mutate(free, length), 0);
    }

    /// <summary>A frame of the sensor with random numbers, of which one in four stays good.</summary>
    public void AddFrame(SensorDescriptor[] sensors)
    {
        var free = Free;
        var slot = Below(sensors.Length);
        var streams = sensors[slot].Streams;
        var stream = streams[Below(streams.Count)];
        var count = 1 + Below(3);
        var length = FrameHeader.Size + count * stream.SampleSize;
        Fill(free[..length]);
        free[0] = (byte)(0x10 | free[0] & 0x0f);
        free[1] = stream.Id;
        free[3] = (byte)count;
        if (stream.IsIrregular)
            free[20..24].Clear();
        if (Below(16) == 0)
            length = Below(64);
        Commit(Below(4) == 0 ? length : Mutate(free, length), (byte)slot);
    }

    public int Below(int limit) => (int)((Next() >> 32) * (ulong)limit >> 32);

    public double Double() => BitConverter.Int64BitsToDouble((long)Next());

    /// <summary>xorshift64*</summary>
    private ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545f4914f6cdd1d;
    }

    private Span<byte> Free => Bytes.AsSpan((int)(Count == 0 ? 0 : Ends[Count - 1]));

    private void Commit(int length, byte slot)
    {
        Slots[Count] = slot;
        Ends[Count] = (uint)((Count == 0 ? 0 : Ends[Count - 1]) + length);
        Count++;
    }

    private void Fill(Span<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
            BitConverter.TryWriteBytes(bytes, Next());
        var last = Next();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(last >> 8 * i);
    }

    private int Mutate(Span<byte> bytes, int length)
    {
        for (var mutations = Below(5); mutations > 0; mutations--)
        {
            var kind = Below(16);
            if (kind == 0)
                length = Below(length + 1);
            else if (kind == 1)
                for (var more = Below(20); more > 0 && length < LongestInput; more--)
                    bytes[length++] = (byte)Below(256);
            else if (kind == 2 && length > 24)
                length -= RemoveField(bytes[..length]);
            else if (length > 0 && kind < 10)
                bytes[Below(length)] ^= (byte)(1 << Below(8));
            else if (length > 0)
                bytes[Below(length)] = Interesting[Below(Interesting.Length)];
        }
        return length;
    }

    /// <summary>Takes one type-length-value field out, where a descriptor has them; returns its length.</summary>
    private int RemoveField(Span<byte> bytes)
    {
        var at = 2;
        for (var skip = Below(8); skip > 0 && at + 1 < bytes.Length; skip--)
            at += 2 + bytes[at + 1];
        if (at + 1 >= bytes.Length || at + 2 + bytes[at + 1] is var end && end > bytes.Length)
            return 0;
        bytes[end..].CopyTo(bytes[at..]);
        return end - at;
    }
}

using System.Numerics;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Virtual.Gatt;

/// <summary>The last samples of one stream, under consecutive sequence numbers; the oldest are overwritten.</summary>
internal sealed class SampleRing
{
    private readonly StreamDescriptor _stream;
    private readonly byte[] _samples;
    private readonly Entry[] _entries;
    private readonly uint _mask;

    /// <param name="capacity">The least it keeps. A power of two lets sequence numbers wrap without a seam.</param>
    public SampleRing(StreamDescriptor stream, uint capacity)
    {
        var slots = BitOperations.RoundUpToPowerOf2(capacity);
        _stream = stream;
        _mask = slots - 1;
        _samples = new byte[slots * stream.SampleSize];
        _entries = new Entry[slots];
    }

    /// <param name="Ticks">When it was taken.</param>
    /// <param name="Period">To the sample before and after, ticks; 0 in an event stream.</param>
    public readonly record struct Entry(ulong Ticks, uint Period, SampleOutcome Outcome);

    /// <summary>Number of the next sample.</summary>
    public uint Next { get; private set; }

    public int Count { get; private set; }

    /// <summary>Number of the oldest sample kept.</summary>
    public uint First => unchecked(Next - (uint)Count);

    /// <summary>Where to write the next sample, before <see cref="Add"/>.</summary>
    public Span<byte> Slot => SampleAt(Next);

    public void Add(Entry entry)
    {
        _entries[Next & _mask] = entry;
        Next = unchecked(Next + 1);
        Count = Math.Min(Count + 1, _entries.Length);
    }

    public Entry this[uint sequence] => _entries[sequence & _mask];

    public Span<byte> SampleAt(uint sequence) =>
        _samples.AsSpan((int)(sequence & _mask) * _stream.SampleSize, _stream.SampleSize);

    /// <summary>Whether this sample can follow the one before it in a frame: taken, and one period later.</summary>
    public bool Continues(uint sequence)
    {
        var before = this[unchecked(sequence - 1)];
        var entry = this[sequence];
        return entry.Outcome != SampleOutcome.Absent && entry.Period == before.Period &&
            (_stream.IsIrregular || entry.Ticks == before.Ticks + entry.Period);
    }
}

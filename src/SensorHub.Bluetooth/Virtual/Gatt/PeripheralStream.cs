using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Virtual.Gatt;

/// <summary>One stream of a sensor: whether it is on, its samples, and the frame that is being filled.</summary>
internal sealed class PeripheralStream(StreamDescriptor descriptor)
{
    /// <summary>A frame's samples come from the ring, also in a stream that offers no backlog.</summary>
    private const uint LeastCapacity = 2 * byte.MaxValue;

    private readonly byte[] _scratch = new byte[Core.Protocol.Gatt.MaxValue];
    private uint _frameStart;

    public StreamDescriptor Descriptor => descriptor;

    public SampleRing Ring { get; } = new(descriptor, Math.Max(descriptor.BufferDepth, LeastCapacity));

    public StreamState State { get; private set; }

    public uint Period { get; private set; }

    public ushort LatencyMilliseconds { get; private set; }

    /// <summary>Samples to a live frame.</summary>
    public int SamplesPerFrame { get; private set; }

    /// <summary>When the next sample is due; none in an event stream, or when off.</summary>
    public ulong? NextTicks { get; private set; }

    /// <summary>What a backlog request can get.</summary>
    public (uint Sequence, uint Count) Available
    {
        get
        {
            var count = Math.Min((uint)Ring.Count, descriptor.BufferDepth);
            return (unchecked(Ring.Next - count), count);
        }
    }

    public bool HasPending => _frameStart != Ring.Next;

    /// <summary>Age of the oldest sample that has not been sent, in ticks.</summary>
    public ulong PendingFor(ulong now) => HasPending ? now - Ring[_frameStart].Ticks : 0;

    public uint PendingCount => unchecked(Ring.Next - _frameStart);

    /// <summary>
    /// Starts or resumes sending. Samples are taken at multiples of the period since boot, so streams of one period are in
    /// step, and resuming does not disturb the sampling.
    /// </summary>
    public void Start(uint period, ushort latencyMilliseconds, int samplesPerFrame, ulong now)
    {
        State = StreamState.Streaming;
        (Period, LatencyMilliseconds, SamplesPerFrame) = (period, latencyMilliseconds, samplesPerFrame);
        NextTicks = period == 0 ? null : (now / period + 1) * period;
        DropPending();
    }

    /// <summary>Nobody listens: samples go to the ring alone. A stream without one goes off.</summary>
    public void Buffer()
    {
        if (State != StreamState.Streaming)
            return;
        DropPending();
        if (descriptor.BufferDepth == 0)
            Stop();
        else
            State = StreamState.Buffering;
    }

    public void Stop()
    {
        State = StreamState.Off;
        NextTicks = null;
    }

    public void Advance() => NextTicks += Period;

    public void DropPending() => _frameStart = Ring.Next;

    /// <summary>The frame that is being filled, and begins the next.</summary>
    public byte[] TakeFrame(uint bootId)
    {
        var bytes = Build(bootId, _frameStart, (int)PendingCount, FrameFlags.None, out _);
        DropPending();
        return bytes;
    }

    /// <summary>A frame of samples from <paramref name="first"/> on: at most <paramref name="limit"/>, and as far as they are evenly spaced.</summary>
    public byte[] Build(uint bootId, uint first, int limit, FrameFlags flags, out int count)
    {
        var start = Ring[first];
        var size = descriptor.SampleSize;
        var offsets = descriptor.FindChannel(Quantity.TickOffset);
        for (count = 0; count < limit; count++)
        {
            var sequence = unchecked(first + (uint)count);
            if (count > 0 && !Ring.Continues(sequence))
                break;
            Ring.SampleAt(sequence).CopyTo(_scratch.AsSpan(count * size));
            if (Ring[sequence].Outcome == SampleOutcome.Saturated)
                flags |= FrameFlags.Saturated;
            if (descriptor.IsIrregular && offsets >= 0)
                descriptor.WriteRaw(_scratch, count, offsets, (long)(Ring[sequence].Ticks - start.Ticks));
        }
        var header = new FrameHeader(FrameCodec.Minor, descriptor.Id, flags, (byte)count, bootId, first, start.Ticks, start.Period);
        var frame = new byte[FrameHeader.Size + count * size];
        FrameCodec.Encode(header, _scratch.AsSpan(0, count * size), frame);
        return frame;
    }
}

/// <summary>firmware-protocol/README.md §6.</summary>
internal enum StreamState : byte
{
    Off,
    Streaming,
    Buffering,
}

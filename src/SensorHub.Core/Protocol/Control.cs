using System.Buffers.Binary;

namespace SensorHub.Core.Protocol;

/// <summary>Op codes of the control point: firmware-protocol/README.md §5.</summary>
public enum ControlOp : byte
{
    GetStatus = 0x01,
    Start = 0x02,
    Stop = 0x03,
    ExchangeTime = 0x04,
    FetchBacklog = 0x05,
    AbortBacklog = 0x06,
    GetRange = 0x07,
    Identify = 0x08,
    ZeroLoad = 0x09,
    SetLoadCalibration = 0x0a,
}

public enum ControlStatus : byte
{
    Ok = 0,
    UnknownOp = 1,
    UnknownStream = 2,
    BadLength = 3,
    BadParameter = 4,
    AlreadyInState = 5,
    UnsupportedPeriod = 6,
    MtuTooSmall = 7,
    NotAvailable = 8,
    WrongBoot = 9,
    Busy = 10,
    StorageFull = 11,
    InCharger = 12,
}

/// <summary>A request to the control point. <see cref="ControlCodec"/> has its bytes.</summary>
public abstract record ControlRequest(ControlOp Op)
{
    public sealed record GetStatus() : ControlRequest(ControlOp.GetStatus);

    /// <param name="Period">Device ticks from sample to sample; one of the stream's, 0 for events.</param>
    /// <param name="LatencyMilliseconds">The longest a sample may wait in the sensor before its frame is sent; 0 = as full as the MTU allows.</param>
    public sealed record Start(byte Stream, uint Period, ushort LatencyMilliseconds) : ControlRequest(ControlOp.Start);

    public sealed record Stop(byte Stream) : ControlRequest(ControlOp.Stop);

    /// <param name="Cookie">Comes back in the response.</param>
    public sealed record ExchangeTime(uint Cookie) : ControlRequest(ControlOp.ExchangeTime);

    /// <summary>Asks for the samples <paramref name="Sequence"/> to <paramref name="Sequence"/> + <paramref name="Count"/> − 1 of that boot.</summary>
    /// <param name="Count">1 to 2³¹ − 1.</param>
    public sealed record FetchBacklog(byte Stream, uint BootId, uint Sequence, uint Count) : ControlRequest(ControlOp.FetchBacklog)
    {
        /// <summary>What of it a ring buffer has that keeps <paramref name="kept"/> samples from <paramref name="first"/> on: README §7.2.</summary>
        public (uint Sequence, uint Count) Intersect(uint first, uint kept)
        {
            var ahead = unchecked((int)(Sequence - first));
            var count = ahead >= 0
                ? Math.Min(Count, kept - Math.Min((uint)ahead, kept))
                : (uint)Math.Clamp(Count + (long)ahead, 0, kept);
            return (ahead < 0 && count > 0 ? first : Sequence, count);
        }
    }

    public sealed record AbortBacklog() : ControlRequest(ControlOp.AbortBacklog);

    public sealed record GetRange(byte Stream) : ControlRequest(ControlOp.GetRange);

    /// <summary>Lights the sensor's LED; 0 seconds ends it.</summary>
    public sealed record Identify(byte Seconds) : ControlRequest(ControlOp.Identify);

    /// <summary>Takes the present counts as zero for the cells whose bits are set: at least one of 0 to 7.</summary>
    public sealed record ZeroLoad(ushort Cells) : ControlRequest(ControlOp.ZeroLoad);

    public sealed record SetLoadCalibration(LoadCalibration Calibration) : ControlRequest(ControlOp.SetLoadCalibration);
}

/// <summary>The indication that answers a request: 0xF0, op code, status, then what the op returns (only when the status is ok).</summary>
public abstract record ControlResponse(ControlOp Op, ControlStatus Status)
{
    /// <summary>A refusal, or an acceptance that carries nothing.</summary>
    public sealed record Plain(ControlOp Op, ControlStatus Status) : ControlResponse(Op, Status);

    /// <param name="Streaming">Bit n = the nth stream of the descriptor is on.</param>
    public sealed record State(uint BootId, ulong Ticks, byte Streaming) : ControlResponse(ControlOp.GetStatus, ControlStatus.Ok);

    /// <param name="Period">Device ticks from sample to sample.</param>
    /// <param name="SamplesPerFrame">What MTU and latency allow.</param>
    /// <param name="NextSequence">Number of the first sample that will come.</param>
    public sealed record Started(byte Stream, uint Period, byte SamplesPerFrame, uint NextSequence) : ControlResponse(ControlOp.Start, ControlStatus.Ok);

    /// <param name="Received">Device ticks when the request was taken from the link.</param>
    /// <param name="Sent">Device ticks when this response was handed to the link.</param>
    public sealed record Time(uint Cookie, uint BootId, ulong Received, ulong Sent) : ControlResponse(ControlOp.ExchangeTime, ControlStatus.Ok);

    /// <summary>What of the range will come on the backlog characteristic; the last frame has <see cref="FrameFlags.End"/>.</summary>
    public sealed record Backlog(byte Stream, uint Sequence, uint Count) : ControlResponse(ControlOp.FetchBacklog, ControlStatus.Ok);

    /// <summary>What the ring buffer has now.</summary>
    public sealed record Range(byte Stream, uint BootId, uint Sequence, uint Count) : ControlResponse(ControlOp.GetRange, ControlStatus.Ok);
}

/// <summary>Bytes ↔ control requests and responses, for both ends of the link.</summary>
public static class ControlCodec
{
    public const byte ResponseMark = 0xf0;
    public const int MaxSize = 32;

    public static byte[] Encode(ControlRequest request)
    {
        var w = new Writer(stackalloc byte[MaxSize]);
        w.U8((byte)request.Op);
        switch (request)
        {
            case ControlRequest.Start r: w.U8(r.Stream); w.U32(r.Period); w.U16(r.LatencyMilliseconds); break;
            case ControlRequest.Stop r: w.U8(r.Stream); break;
            case ControlRequest.ExchangeTime r: w.U32(r.Cookie); break;
            case ControlRequest.FetchBacklog r: w.U8(r.Stream); w.U32(r.BootId); w.U32(r.Sequence); w.U32(r.Count); break;
            case ControlRequest.GetRange r: w.U8(r.Stream); break;
            case ControlRequest.Identify r: w.U8(r.Seconds); break;
            case ControlRequest.ZeroLoad r: w.U16(r.Cells); break;
            case ControlRequest.SetLoadCalibration { Calibration: var c }:
                w.U8(c.Axis); w.F32(c.Gain); w.F32(c.Zero); w.F32(c.TemperatureCoefficient); w.F32(c.ReferenceTemperature); break;
            default: break;
        }
        return w.ToArray();
    }

    public static byte[] Encode(ControlResponse response)
    {
        var w = new Writer(stackalloc byte[MaxSize]);
        w.U8(ResponseMark);
        w.U8((byte)response.Op);
        w.U8((byte)response.Status);
        switch (response)
        {
            case ControlResponse.State r: w.U32(r.BootId); w.U64(r.Ticks); w.U8(r.Streaming); break;
            case ControlResponse.Started r: w.U8(r.Stream); w.U32(r.Period); w.U8(r.SamplesPerFrame); w.U32(r.NextSequence); break;
            case ControlResponse.Time r: w.U32(r.Cookie); w.U32(r.BootId); w.U64(r.Received); w.U64(r.Sent); break;
            case ControlResponse.Backlog r: w.U8(r.Stream); w.U32(r.Sequence); w.U32(r.Count); break;
            case ControlResponse.Range r: w.U8(r.Stream); w.U32(r.BootId); w.U32(r.Sequence); w.U32(r.Count); break;
            default: break;
        }
        return w.ToArray();
    }

    /// <summary>
    /// Reads a request. What a sensor answers: <see cref="ControlStatus.UnknownOp"/>, <see cref="ControlStatus.BadLength"/>
    /// or <see cref="ControlStatus.BadParameter"/> instead of acting.
    /// </summary>
    public static ControlStatus Decode(ReadOnlySpan<byte> bytes, out ControlRequest? request)
    {
        request = null;
        if (bytes.Length == 0)
            return ControlStatus.BadLength;
        var op = (ControlOp)bytes[0];
        var length = op switch
        {
            ControlOp.GetStatus or ControlOp.AbortBacklog => 1,
            ControlOp.Stop or ControlOp.GetRange or ControlOp.Identify => 2,
            ControlOp.ZeroLoad => 3,
            ControlOp.ExchangeTime => 5,
            ControlOp.Start => 8,
            ControlOp.FetchBacklog => 14,
            ControlOp.SetLoadCalibration => 18,
            _ => 0,
        };
        if (length == 0)
            return ControlStatus.UnknownOp;
        if (bytes.Length != length)
            return ControlStatus.BadLength;
        var r = new Reader(bytes[1..]);
        request = op switch
        {
            ControlOp.GetStatus => new ControlRequest.GetStatus(),
            ControlOp.Start => new ControlRequest.Start(r.U8(), r.U32(), r.U16()),
            ControlOp.Stop => new ControlRequest.Stop(r.U8()),
            ControlOp.ExchangeTime => new ControlRequest.ExchangeTime(r.U32()),
            ControlOp.FetchBacklog => new ControlRequest.FetchBacklog(r.U8(), r.U32(), r.U32(), r.U32()),
            ControlOp.AbortBacklog => new ControlRequest.AbortBacklog(),
            ControlOp.GetRange => new ControlRequest.GetRange(r.U8()),
            ControlOp.Identify => new ControlRequest.Identify(r.U8()),
            ControlOp.ZeroLoad => new ControlRequest.ZeroLoad(r.U16()),
            _ => new ControlRequest.SetLoadCalibration(new LoadCalibration(r.U8(), r.F32(), r.F32(), r.F32(), r.F32())),
        };
        if (IsValid(request))
            return ControlStatus.Ok;
        request = null;
        return ControlStatus.BadParameter;
    }

    /// <summary>Reads a response. Bytes behind the known ones, which a newer minor version may send, are ignored.</summary>
    public static DecodeStatus Decode(ReadOnlySpan<byte> bytes, out ControlResponse? response)
    {
        response = null;
        if (bytes.Length < 3)
            return DecodeStatus.TooShort;
        if (bytes[0] != ResponseMark)
            return DecodeStatus.BadValue;
        var (op, status) = ((ControlOp)bytes[1], (ControlStatus)bytes[2]);
        var body = status == ControlStatus.Ok ? BodyLength(op) : 0;
        if (bytes.Length < 3 + body)
            return DecodeStatus.LengthMismatch;
        var r = new Reader(bytes[3..]);
        response = body == 0 ? new ControlResponse.Plain(op, status) : op switch
        {
            ControlOp.GetStatus => new ControlResponse.State(r.U32(), r.U64(), r.U8()),
            ControlOp.Start => new ControlResponse.Started(r.U8(), r.U32(), r.U8(), r.U32()),
            ControlOp.ExchangeTime => new ControlResponse.Time(r.U32(), r.U32(), r.U64(), r.U64()),
            ControlOp.FetchBacklog => new ControlResponse.Backlog(r.U8(), r.U32(), r.U32()),
            _ => new ControlResponse.Range(r.U8(), r.U32(), r.U32(), r.U32()),
        };
        if (IsValid(response))
            return DecodeStatus.Ok;
        response = null;
        return DecodeStatus.BadValue;
    }

    private static bool IsValid(ControlRequest request) => request switch
    {
        // Half the circle of sequence numbers: beyond it, "before" and "after" have no meaning.
        ControlRequest.FetchBacklog r => r.Count is > 0 and <= int.MaxValue,
        ControlRequest.ZeroLoad r => r.Cells is > 0 and < 1 << SensorDescriptorCodec.MaxCells,
        ControlRequest.SetLoadCalibration r => r.Calibration.IsValid,
        _ => true,
    };

    private static bool IsValid(ControlResponse response) => response switch
    {
        ControlResponse.State r => r.BootId != 0,
        ControlResponse.Started r => r.SamplesPerFrame != 0,
        ControlResponse.Time r => r.BootId != 0,
        ControlResponse.Range r => r.BootId != 0,
        _ => true,
    };

    private static int BodyLength(ControlOp op) => op switch
    {
        ControlOp.GetStatus => 13,
        ControlOp.Start => 10,
        ControlOp.ExchangeTime => 24,
        ControlOp.FetchBacklog => 9,
        ControlOp.GetRange => 13,
        _ => 0,
    };

    private ref struct Writer(Span<byte> bytes)
    {
        private readonly Span<byte> _bytes = bytes;
        private int _at;

        public void U8(byte v) => _bytes[_at++] = v;

        public void U16(ushort v) => BinaryPrimitives.WriteUInt16LittleEndian(Next(2), v);

        public void U32(uint v) => BinaryPrimitives.WriteUInt32LittleEndian(Next(4), v);

        public void U64(ulong v) => BinaryPrimitives.WriteUInt64LittleEndian(Next(8), v);

        public void F32(float v) => BinaryPrimitives.WriteSingleLittleEndian(Next(4), v);

        public readonly byte[] ToArray() => _bytes[.._at].ToArray();

        private Span<byte> Next(int size) => _bytes.Slice((_at += size) - size, size);
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _bytes = bytes;

        public byte U8() => Next(1)[0];

        public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Next(2));

        public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Next(4));

        public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Next(8));

        public float F32() => BinaryPrimitives.ReadSingleLittleEndian(Next(4));

        private ReadOnlySpan<byte> Next(int size)
        {
            var next = _bytes[..size];
            _bytes = _bytes[size..];
            return next;
        }
    }
}

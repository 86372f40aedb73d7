using System.Buffers.Binary;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.Tests.Virtual.Gatt;

/// <summary>A roller's GATT server whose samples begin with the ticks at which they were taken, in ms, connected and configured.</summary>
internal sealed class PeripheralRig : ISampleSource
{
    public const uint BootId = 0xb007b007;
    public const byte Imu = 1, Load = 3, Battery = 4, Events = 5;
    public const uint Period = 10_000;

    public PeripheralRig(uint imuDepth = 6000, int mtu = 247, bool configured = true)
    {
        var descriptor = SensorModels.RollerDescriptor("SH000001");
        Descriptor = descriptor with { Streams = [.. descriptor.Streams.Select(s => s.Id == Imu ? s with { BufferDepth = imuDepth } : s)] };
        Peripheral = new GattPeripheral(Descriptor, this, BootId);
        Peripheral.Connect(mtu);
        if (!configured)
            return;
        Peripheral.Configure(Profile.Control, enable: true);
        Peripheral.Configure(Profile.Data, enable: true);
        Peripheral.Configure(Profile.Backlog, enable: true);
    }

    public SensorDescriptor Descriptor { get; }

    public GattPeripheral Peripheral { get; }

    /// <summary>Whether the sample of these ticks can be taken.</summary>
    public Func<StreamDescriptor, ulong, SampleOutcome> Outcome { get; set; } = (_, _) => SampleOutcome.Taken;

    public SampleOutcome Measure(StreamDescriptor stream, ulong ticks, Span<byte> sample)
    {
        sample.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(sample, (ushort)(ticks / 1000));
        return Outcome(stream, ticks);
    }

    public void Advance(double milliseconds) => Peripheral.Advance(Peripheral.Now + (ulong)(1000 * milliseconds));

    public ControlResponse Ask(ControlRequest request) => Ask(ControlCodec.Encode(request));

    public ControlResponse Ask(params byte[] request)
    {
        Assert.Equal(AttError.None, Peripheral.Write(Profile.Control, request));
        Assert.True(Peripheral.TryTake(out var value));
        Assert.Equal(Profile.Control, value.Characteristic);
        Peripheral.Confirm();
        Assert.Equal(DecodeStatus.Ok, ControlCodec.Decode(value.Bytes, out ControlResponse? response));
        return response!;
    }

    public T Ask<T>(ControlRequest request) where T : ControlResponse => Assert.IsType<T>(Ask(request));

    public void Start(byte stream, uint period = Period, ushort latency = 60) => Ask<ControlResponse.Started>(new ControlRequest.Start(stream, period, latency));

    /// <summary>All frames that wait, checked against the descriptor.</summary>
    public List<Received> Take()
    {
        var frames = new List<Received>();
        while (Peripheral.TryTake(out var value))
        {
            Assert.Equal(DecodeStatus.Ok, FrameCodec.Decode(value.Bytes, out var frame));
            Assert.Equal(DecodeStatus.Ok, FrameCodec.Check(frame, Descriptor, out var stream));
            Assert.Equal(value.Characteristic == Profile.Backlog, (frame.Header.Flags & FrameFlags.Backlog) != 0);
            frames.Add(new Received(frame.Header, stream!, frame.Samples.ToArray()));
        }
        return frames;
    }

    public sealed record Received(FrameHeader Header, StreamDescriptor Stream, byte[] Samples)
    {
        /// <summary>What <see cref="Measure"/> wrote into each sample.</summary>
        public IEnumerable<ushort> Milliseconds
        {
            get
            {
                for (var i = 0; i < Header.Count; i++)
                    yield return BinaryPrimitives.ReadUInt16LittleEndian(Samples.AsSpan(i * Stream.SampleSize));
            }
        }
    }
}

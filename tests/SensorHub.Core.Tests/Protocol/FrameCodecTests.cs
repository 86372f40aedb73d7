using CsCheck;
using SensorHub.Core.Protocol;

namespace SensorHub.Core.Tests.Protocol;

public sealed class FrameCodecTests
{
    private static readonly SensorDescriptor[] Sensors = [.. Cases.Sensors.Values];

    private static readonly Gen<(SensorDescriptor Sensor, FrameHeader Header, byte[] Samples)> Frames =
        from sensor in Gen.OneOf(Sensors)
        from stream in Gen.OneOf(sensor.Streams.ToArray())
        from count in Gen.Byte[1, 20]
        from samples in Gen.Byte.Array[count * stream.SampleSize]
        from minor in Gen.Byte[0, 15]
        from flags in Gen.Byte
        from boot in Gen.UInt[1, uint.MaxValue]
        from sequence in Gen.UInt
        from ticks in Gen.ULong
        from period in Gen.UInt[1, uint.MaxValue]
        select (sensor, new FrameHeader(minor, stream.Id, (FrameFlags)flags, count, boot, sequence, ticks, stream.IsIrregular ? 0 : period), samples);

    [Fact]
    public void A_frame_that_is_written_is_read_back() => Frames.Sample(f =>
    {
        var bytes = Encode(f.Header, f.Samples);
        Assert.Equal(DecodeStatus.Ok, FrameCodec.Decode(bytes, out var frame));
        Assert.Equal(DecodeStatus.Ok, FrameCodec.Check(frame, f.Sensor, out var stream));
        Assert.Equal(f.Header, frame.Header);
        Assert.True(frame.Samples.SequenceEqual(f.Samples));
        Assert.Equal(f.Header.Stream, stream!.Id);
    }, iter: 2000);

    [Fact]
    public void A_frame_that_is_cut_or_has_bytes_behind_it_is_refused() => Gen.Select(Frames, Gen.Int[1, 100]).Sample((f, by) =>
    {
        var bytes = Encode(f.Header, f.Samples);
        Assert.NotEqual(DecodeStatus.Ok, DecodeAndCheck(bytes.AsSpan(0, Math.Max(bytes.Length - by, 0)), f.Sensor));
        Assert.NotEqual(DecodeStatus.Ok, DecodeAndCheck([.. bytes, .. new byte[by]], f.Sensor));
    }, iter: 2000);

    [Fact]
    public void No_bytes_throw() => Gen.Select(Gen.Byte.Array[0, 80], Gen.OneOf(Sensors)).Sample((bytes, sensor) =>
    {
        DecodeAndCheck(bytes, sensor);
        if (bytes.Length > 0)
            bytes[0] = 0x10;
        DecodeAndCheck(bytes, sensor);
    }, iter: 5000);

    [Fact]
    public void Every_raw_number_is_read_as_it_was_written() => Frames.Sample(f =>
    {
        var stream = f.Sensor.FindStream(f.Header.Stream)!;
        var copy = new byte[f.Samples.Length];
        for (var sample = 0; sample < f.Header.Count; sample++)
            for (var channel = 0; channel < stream.Channels.Count; channel++)
                Assert.True(stream.WriteRaw(copy, sample, channel, stream.ReadRaw(f.Samples, sample, channel)));
        Assert.Equal(f.Samples, copy);
    }, iter: 500);

    [Fact]
    public void A_physical_value_is_read_within_half_a_count()
    {
        var stream = SampleSensors.Clip.Streams[0];
        Gen.Double[-39, 39].Sample(acceleration =>
        {
            var samples = new byte[2 * stream.SampleSize];
            Assert.True(stream.Write(samples, 1, 2, acceleration));
            Assert.Equal(acceleration, stream.Read(samples, 1, 2), stream.Channels[2].Scale / 2 + 1e-12);
        }, iter: 1000);
    }

    [Theory]
    [InlineData(40, 32767)]
    [InlineData(-40, -32768)]
    [InlineData(double.PositiveInfinity, 32767)]
    [InlineData(double.NegativeInfinity, -32768)]
    [InlineData(double.NaN, 0)]
    public void A_physical_value_outside_of_the_range_becomes_its_end(double acceleration, long raw)
    {
        var stream = SampleSensors.Clip.Streams[0];
        var samples = new byte[stream.SampleSize];
        Assert.False(stream.Write(samples, 0, 0, acceleration));
        Assert.Equal(raw, stream.ReadRaw(samples, 0, 0));
    }

    [Theory]
    [InlineData(32768, 32767)]
    [InlineData(long.MaxValue, 32767)]
    [InlineData(long.MinValue, -32768)]
    public void A_raw_number_outside_of_the_range_becomes_its_end(long written, long raw)
    {
        var stream = SampleSensors.Clip.Streams[0];
        var samples = new byte[stream.SampleSize];
        Assert.False(stream.WriteRaw(samples, 0, 0, written));
        Assert.Equal(raw, stream.ReadRaw(samples, 0, 0));
    }

    [Theory]
    [InlineData(5_000, 247, 60, 13)]
    [InlineData(10_000, 247, 60, 7)]
    [InlineData(10_000, 247, 59, 6)]
    [InlineData(10_000, 247, 1, 1)]
    [InlineData(10_000, 247, 0, 15)]
    [InlineData(10_000, 64, 60, 2)]
    [InlineData(10_000, 41, 60, 1)]
    [InlineData(10_000, 40, 60, 0)]
    [InlineData(10_000, 23, 60, 0)]
    [InlineData(10_000, 517, 0, 34)]
    public void Samples_per_frame_are_bounded_by_the_MTU_and_the_latency(uint period, int mtu, ushort latency, int samples) =>
        Assert.Equal(samples, FrameCodec.SamplesPerFrame(SampleSensors.Roller.Streams[0], 1_000_000, period, mtu, latency));

    [Fact]
    public void The_number_after_4294967295_is_0() =>
        Assert.Equal(1u, new FrameHeader(0, 1, 0, 3, 1, uint.MaxValue - 1, 0, 1).NextSequence);

    [Fact]
    public void Headers_that_decoding_refuses_are_not_written()
    {
        var good = new FrameHeader(0, 1, 0, 1, 1, 0, 0, 1);
        Assert.Throws<ArgumentException>(() => Encode(good with { BootId = 0 }, [0]));
        Assert.Throws<ArgumentException>(() => Encode(good with { Minor = 16 }, [0]));
        Assert.Throws<ArgumentException>(() => Encode(good with { Count = 0 }, []));
        Assert.Throws<ArgumentException>(() => FrameCodec.Encode(good, [0], new byte[24]));
    }

    private static byte[] Encode(FrameHeader header, byte[] samples)
    {
        var bytes = new byte[FrameHeader.Size + samples.Length];
        Assert.Equal(bytes.Length, FrameCodec.Encode(header, samples, bytes));
        return bytes;
    }

    private static DecodeStatus DecodeAndCheck(ReadOnlySpan<byte> bytes, SensorDescriptor sensor)
    {
        var status = FrameCodec.Decode(bytes, out var frame);
        return status == DecodeStatus.Ok ? FrameCodec.Check(frame, sensor, out _) : status;
    }
}

using CsCheck;
using SensorHub.Core.Protocol;

namespace SensorHub.Core.Tests.Protocol;

public sealed class SensorDescriptorCodecTests
{
    private static readonly Gen<float> Finite = Gen.Float[-1e6f, 1e6f];

    private static readonly Gen<ChannelDescriptor> Temperature =
        Gen.Select(Gen.Byte[1, 6], Gen.Float[1e-6f, 1e3f], Finite, (type, scale, offset) => new ChannelDescriptor(Quantity.Temperature, 0, (RawType)type, scale, offset));

    /// <summary>Rollers with any number of cells, periods and texts.</summary>
    private static readonly Gen<SensorDescriptor> Rollers =
        from serial in Gen.Char[' ', '~'].Array[1, 32]
        from firmware in Gen.Char[' ', '~'].Array[0, 32]
        from rate in Gen.UInt[1, uint.MaxValue]
        from depth in Gen.UInt
        from periods in Gen.UInt[1, uint.MaxValue].HashSet[1, 8]
        from temperature in Temperature
        from gains in Gen.Float[1e-3f, 1e3f].Array[0, 4]
        from zero in Finite
        from radius in Gen.Float[0.01f, 1f]
        from firm in Gen.Bool
        let load = new StreamDescriptor(200, StreamKind.Load, 0, depth, [20], [.. SampleSensors.Cells(gains.Length, RawType.U16), temperature])
        select new SensorDescriptor(1, 3, SensorKind.Roller, new string(serial), new string(firmware), rate,
            [new(9, ElementRole.Core)],
            [
                new(0, StreamKind.Imu, 9, depth, [.. periods.Order()], [temperature, .. SampleSensors.SixAxes]),
                .. gains.Length > 0 ? (StreamDescriptor[])[load] : [],
            ],
            [.. gains.Select((gain, cell) => new LoadCalibration((byte)cell, gain, zero, -zero, 25))],
            new RollerGeometry(radius, 2 * radius, firm, gains.Length > 0 ? LoadArrangement.Ring : LoadArrangement.None));

    [Fact]
    public void A_descriptor_that_is_written_is_read_back() => Rollers.Sample(descriptor =>
    {
        var bytes = SensorDescriptorCodec.Encode(descriptor);
        Assert.Equal(DecodeStatus.Ok, SensorDescriptorCodec.Decode(bytes, out var decoded));
        Assert.Equal(VectorFiles.Text(Json.Of(descriptor)), VectorFiles.Text(Json.Of(decoded!)));
        Assert.Equal(bytes, SensorDescriptorCodec.Encode(decoded!));
    }, iter: 500);

    [Fact]
    public void No_bytes_throw_and_each_refusal_has_a_reason()
    {
        var good = Cases.All[Cases.Descriptors].Where(v => v.Status == 0).Select(v => v.Bytes).ToArray();
        var mutated =
            from bytes in Gen.OneOf(good)
            from cut in Gen.Int[0, bytes.Length]
            from changes in Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte).Array[0, 4]
            from tail in Gen.Byte.Array[0, 10]
            select changes.Aggregate((byte[])[.. bytes[..cut], .. tail], (b, change) =>
            {
                if (change.Item1 < b.Length)
                    b[change.Item1] = change.Item2;
                return b;
            });
        Gen.OneOf(mutated, Gen.Byte.Array[0, 100]).Sample(bytes =>
        {
            var status = SensorDescriptorCodec.Decode(bytes, out var descriptor, out var fault);
            Assert.Equal(status == DecodeStatus.Ok, descriptor is not null);
            Assert.Equal(status == DecodeStatus.Ok, fault is null);
        }, iter: 5000);
    }

    [Fact]
    public void A_refusal_says_what_is_wrong_and_where()
    {
        var twoCells = SampleSensors.Roller with { LoadCalibrations = [.. SampleSensors.Roller.LoadCalibrations.Take(2)] };
        Assert.Contains("load cell 2 has no calibration", Assert.Throws<ArgumentException>(() => SensorDescriptorCodec.Encode(twoCells)).Message, StringComparison.Ordinal);

        SensorDescriptorCodec.Decode([2, 5, 0], out _, out var fault);
        Assert.Equal("it speaks protocol 2.5, and this hub 1.x.", fault);
    }

    [Fact]
    public void What_a_hub_would_refuse_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => SensorDescriptorCodec.Encode(SampleSensors.Clip with { Serial = "ä" }));
        Assert.Throws<ArgumentException>(() => SensorDescriptorCodec.Encode(SampleSensors.Clip with { Serial = "" }));
        Assert.Throws<ArgumentException>(() => SensorDescriptorCodec.Encode(SampleSensors.Clip with { Streams = [] }));
        Assert.Throws<ArgumentException>(() => SensorDescriptorCodec.Encode(SampleSensors.Clip with { ProtocolMajor = 2 }));
    }

    [Fact]
    public void The_stream_of_an_element_is_found_by_its_place()
    {
        Assert.Equal(2, SampleSensors.Clip.FindImu(ElementRole.Upper)!.Id);
        Assert.Null(SampleSensors.Clip.FindImu(ElementRole.Core));
        Assert.Null(SampleSensors.Clip.FindStream(99));
    }

    [Fact]
    public void Counts_become_newton_by_the_calibration()
    {
        var calibration = new LoadCalibration(0, 0.00125f, -8400, -0.0002f, 25);
        Assert.Equal(100, calibration.ToNewton(71_600), 1e-5);
        Assert.Equal(100 * (1 - 0.0002 * 10), calibration.ToNewton(71_600, temperature: 35), 1e-5);
    }
}

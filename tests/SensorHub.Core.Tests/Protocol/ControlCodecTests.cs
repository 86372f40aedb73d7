using CsCheck;
using SensorHub.Core.Protocol;

namespace SensorHub.Core.Tests.Protocol;

public sealed class ControlCodecTests
{
    private static readonly Gen<ControlRequest> Requests = Gen.OneOf(
        Gen.Const((ControlRequest)new ControlRequest.GetStatus()),
        Gen.Select(Gen.Byte, Gen.UInt, Gen.UShort, (stream, period, latency) => (ControlRequest)new ControlRequest.Start(stream, period, latency)),
        Gen.Byte.Select(stream => (ControlRequest)new ControlRequest.Stop(stream)),
        Gen.UInt.Select(cookie => (ControlRequest)new ControlRequest.ExchangeTime(cookie)),
        Gen.Select(Gen.Byte, Gen.UInt, Gen.UInt, Gen.UInt[1, int.MaxValue], (stream, boot, sequence, count) => (ControlRequest)new ControlRequest.FetchBacklog(stream, boot, sequence, count)),
        Gen.Const((ControlRequest)new ControlRequest.AbortBacklog()),
        Gen.Byte.Select(stream => (ControlRequest)new ControlRequest.GetRange(stream)),
        Gen.Byte.Select(seconds => (ControlRequest)new ControlRequest.Identify(seconds)),
        Gen.UShort[1, 255].Select(cells => (ControlRequest)new ControlRequest.ZeroLoad(cells)),
        Gen.Select(Gen.Byte[0, 7], Gen.Float[1e-3f, 1e3f], Gen.Float[-1e6f, 1e6f], (cell, gain, zero) => (ControlRequest)new ControlRequest.SetLoadCalibration(new(cell, gain, zero, -zero, 25))));

    private static readonly Gen<uint> Boot = Gen.UInt[1, uint.MaxValue];

    private static readonly Gen<ControlResponse> Responses = Gen.OneOf(
        Gen.Select(Gen.Byte, Gen.Byte[1, 255], (op, status) => (ControlResponse)new ControlResponse.Plain((ControlOp)op, (ControlStatus)status)),
        Gen.Select(Boot, Gen.ULong, Gen.Byte, (boot, ticks, streaming) => (ControlResponse)new ControlResponse.State(boot, ticks, streaming)),
        Gen.Select(Gen.Byte, Gen.UInt, Gen.Byte[1, 255], Gen.UInt, (stream, period, samples, next) => (ControlResponse)new ControlResponse.Started(stream, period, samples, next)),
        Gen.Select(Gen.UInt, Boot, Gen.ULong, Gen.ULong, (cookie, boot, received, sent) => (ControlResponse)new ControlResponse.Time(cookie, boot, received, sent)),
        Gen.Select(Gen.Byte, Gen.UInt, Gen.UInt, (stream, sequence, count) => (ControlResponse)new ControlResponse.Backlog(stream, sequence, count)),
        Gen.Select(Gen.Byte, Boot, Gen.UInt, Gen.UInt, (stream, boot, sequence, count) => (ControlResponse)new ControlResponse.Range(stream, boot, sequence, count)));

    [Fact]
    public void A_request_that_is_written_is_read_back() => Requests.Sample(request =>
    {
        Assert.Equal(ControlStatus.Ok, ControlCodec.Decode(ControlCodec.Encode(request), out ControlRequest? decoded));
        Assert.Equal(request, decoded);
    }, iter: 2000);

    [Fact]
    public void A_response_that_is_written_is_read_back() => Responses.Sample(response =>
    {
        Assert.Equal(DecodeStatus.Ok, ControlCodec.Decode(ControlCodec.Encode(response), out ControlResponse? decoded));
        Assert.Equal(response, decoded);
    }, iter: 2000);

    [Fact]
    public void A_request_of_another_length_is_refused() => Gen.Select(Requests, Gen.Byte.Array[1, 20]).Sample((request, more) =>
    {
        var bytes = ControlCodec.Encode(request);
        Assert.Equal(ControlStatus.BadLength, ControlCodec.Decode([.. bytes, .. more], out ControlRequest? longer));
        Assert.Null(longer);
        Assert.Equal(ControlStatus.BadLength, ControlCodec.Decode(bytes.AsSpan(0, bytes.Length == 1 ? 0 : bytes.Length - 1), out ControlRequest? shorter));
        Assert.Null(shorter);
    }, iter: 2000);

    [Fact]
    public void A_response_with_bytes_of_a_later_version_is_read_the_same() => Gen.Select(Responses, Gen.Byte.Array[1, 20]).Sample((response, more) =>
    {
        Assert.Equal(DecodeStatus.Ok, ControlCodec.Decode([.. ControlCodec.Encode(response), .. more], out ControlResponse? decoded));
        Assert.Equal(response, decoded);
    }, iter: 2000);

    [Fact]
    public void No_bytes_throw() => Gen.Byte.Array[0, 40].Sample(bytes =>
    {
        Assert.Equal(ControlCodec.Decode(bytes, out ControlRequest? request) == ControlStatus.Ok, request is not null);
        Assert.Equal(ControlCodec.Decode(bytes, out ControlResponse? response) == DecodeStatus.Ok, response is not null);
        if (bytes.Length > 2)
            (bytes[0], bytes[1]) = (ControlCodec.ResponseMark, (byte)(bytes[1] % 12));
        ControlCodec.Decode(bytes, out response);
    }, iter: 5000);

    [Fact]
    public void Nothing_is_longer_than_the_control_value()
    {
        Requests.Sample(request => ControlCodec.Encode(request).Length <= ControlCodec.MaxSize);
        Responses.Sample(response => ControlCodec.Encode(response).Length <= ControlCodec.MaxSize);
    }

    [Theory]
    [InlineData(100, 50, 110, 5, 110, 5)] // all kept
    [InlineData(100, 50, 90, 20, 100, 10)] // the first half overwritten
    [InlineData(100, 50, 90, 10, 90, 0)] // all overwritten
    [InlineData(100, 50, 140, 20, 140, 10)] // the second half still to come
    [InlineData(100, 50, 150, 1, 150, 0)] // all still to come
    [InlineData(100, 50, 0, int.MaxValue, 100, 50)]
    [InlineData(100, 0, 0, 1000, 0, 0)] // nothing kept
    [InlineData(0xfffffff0, 32, 0xfffffffe, 4, 0xfffffffe, 4)] // over the wrap
    [InlineData(5, 32, 0xfffffffe, 10, 5, 3)]
    public void A_backlog_is_what_of_the_range_is_kept(uint first, uint kept, uint asked, uint count, uint sequence, uint found) =>
        Assert.Equal((sequence, found), new ControlRequest.FetchBacklog(1, 1, asked, count).Intersect(first, kept));
}

using System.Text;
using CsCheck;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.Tests.Contract;

public sealed class StoredTests
{
    private static readonly Slug Outbox = Slug.Parse("3f9ac2d1");
    private static readonly Slug Influx = Slug.Parse("influx");

    [Fact]
    public void A_confirmation_is_that_of_the_README()
    {
        var message = Stored.Write(Samples.Hub, Outbox, Influx, [(4711, 5210), (5212, 5212)]);
        Assert.Equal(Topics.Stored(Samples.Hub), message.Topic);
        Assert.False(message.Retain);
        Assert.Contains("    " + message.Text(), File.ReadAllText(Repository.PathOf("src/SensorHub.Mqtt/README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read() =>
        Gen.Select(Gen.Long[1, long.MaxValue / 2], Gen.Long[0, 1000]).Array[0, 50].Sample(runs =>
        {
            (long, long)[] ranges = [.. runs.Select(r => (r.Item1, r.Item1 + r.Item2))];
            var read = Stored.Read(Stored.Write(Samples.Hub, Outbox, Influx, ranges).PayloadSegment());
            Assert.Equal((Outbox, Influx), (read!.Value.Outbox, read.Value.Output));
            Assert.Equal(ranges, read.Value.Ranges);
        });

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"schema":"stored/2","outbox":"a","output":"b","ranges":[]}""")]
    [InlineData("""{"schema":"stored/1","outbox":"a/1","output":"b","ranges":[]}""")]
    [InlineData("""{"schema":"stored/1","outbox":"a","output":"","ranges":[]}""")]
    [InlineData("""{"schema":"stored/1","outbox":"a","output":"b","ranges":[[0,1]]}""")]
    [InlineData("""{"schema":"stored/1","outbox":"a","output":"b","ranges":[[2,1]]}""")]
    [InlineData("""{"schema":"stored/1","outbox":"a","output":"b","ranges":[[1]]}""")]
    [InlineData("""{"schema":"stored/1","outbox":"a","output":"b","ranges":[null]}""")]
    [InlineData("""{"schema":"stored/1","outbox":"a","output":"b","ranges":null}""")]
    public void Anything_else_confirms_nothing(string payload) => Assert.Null(Stored.Read(Encoding.UTF8.GetBytes(payload)));

    [Fact]
    public void A_number_goes_both_ways() => Gen.Long[1, long.MaxValue].Sample(value =>
    {
        var number = new OutboxNumber(Outbox, value);
        Assert.True(OutboxNumber.TryParse(number.ToString(), out var read));
        Assert.Equal(number, read);
    });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/1")]
    [InlineData("a/")]
    [InlineData("a/0")]
    [InlineData("a/-1")]
    [InlineData("a/1/2")]
    [InlineData("a/99999999999999999999")]
    [InlineData("A B/1")]
    public void What_is_no_number_is_none(string? text) => Assert.False(OutboxNumber.TryParse(text, out _));
}

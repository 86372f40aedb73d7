using Microsoft.Extensions.Time.Testing;
using SensorHub.Commands;

namespace SensorHub.EndToEnd.Tests.Health;

public sealed class RepetitionTests
{
    [Fact]
    public void Lines_that_differ_in_numbers_alone_are_one_in_ten_seconds_and_the_next_says_how_many_were_left_out()
    {
        var time = new FakeTimeProvider();
        var lines = new Repetition(time);
        Assert.Equal("1 dropped so far", lines.Pass("1 dropped so far"));
        Assert.Null(lines.Pass("2 dropped so far"));
        Assert.Null(lines.Pass("4 dropped so far"));
        Assert.Equal("InfluxDB is away", lines.Pass("InfluxDB is away"));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("4096 dropped so far (2 lines like this one were left out before.)", lines.Pass("4096 dropped so far"));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("5000 dropped so far", lines.Pass("5000 dropped so far"));
    }
}

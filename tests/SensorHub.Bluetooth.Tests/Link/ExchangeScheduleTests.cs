using SensorHub.Bluetooth.Link;

namespace SensorHub.Bluetooth.Tests.Link;

public class ExchangeScheduleTests
{
    [Fact]
    public void Six_exchanges_follow_the_connection_then_three_every_ten_seconds()
    {
        var schedule = new ExchangeSchedule(new LinkOptions());
        var waits = Enumerable.Range(0, 15).Select(_ => schedule.Next().TotalSeconds).ToArray();
        Assert.All(waits, (wait, i) => Assert.InRange(wait, i is 6 or 9 or 12 ? 10 : 0, (i is 6 or 9 or 12 ? 10 : 0) + 0.060));
    }

    [Theory]
    [InlineData(7.5)]
    [InlineData(15)]
    [InlineData(30)]
    [InlineData(50)]
    public void Requests_meet_every_part_of_a_connection_interval(double intervalMs)
    {
        // An answer ends right behind a connection event, so a request's wait is its place in the interval.
        var schedule = new ExchangeSchedule(new LinkOptions());
        var places = Enumerable.Range(0, 24).Select(_ => schedule.Next().TotalMilliseconds % intervalMs).Order().ToArray();
        var distances = places.Zip(places.Skip(1), (a, b) => b - a).Append(places[0] + intervalMs - places[^1]);
        Assert.InRange(distances.Max(), 0, intervalMs / 5);
    }
}

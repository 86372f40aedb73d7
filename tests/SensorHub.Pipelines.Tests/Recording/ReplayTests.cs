using System.Reactive.Linq;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;
using static SensorHub.Pipelines.Tests.HandMade;

namespace SensorHub.Pipelines.Tests.Recording;

public class ReplayTests
{
    private readonly VirtualTime _time = new(DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_replay_takes_the_sessions_time_divided_by_the_speed(double speed)
    {
        var session = EventfulSession();
        var seen = new List<(SensorRecord Record, TimeSpan At)>();
        var start = _time.GetTimestamp();
        _time.Run(() => Replay.Producer(session, speed, _time)(r => seen.Add((r, _time.GetElapsedTime(start))), CancellationToken.None));
        Assert.Equal(session, seen.Select(s => s.Record));
        foreach (var (record, at) in seen.Where(s => s.Record.At > At(0.5) && s.Record.At < At(11.6)))
            Assert.InRange((at - (record.At - At(0.5)) / speed).TotalMilliseconds, -1, 0.001); // timers count whole milliseconds
    }

    [Fact]
    public void At_full_speed_nothing_is_waited_for()
    {
        var count = 0;
        _time.Run(() => Replay.Producer(EventfulSession(), double.PositiveInfinity, _time)(_ => count++, CancellationToken.None));
        Assert.Equal((EventfulSession().Count, 0L), (count, _time.GetTimestamp()));
    }

    [Fact]
    public void A_cancelled_replay_ends_where_it_is()
    {
        using var cancel = new CancellationTokenSource();
        var count = 0;
        _time.Run(async () =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Replay.Producer(EventfulSession(), 1, _time)(_ =>
            {
                if (++count == 50)
                    cancel.Cancel();
            }, cancel.Token));
        });
        Assert.Equal(50, count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_speed_that_goes_nowhere_is_refused(double speed) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Replay.Producer([], speed, TimeProvider.System));
}

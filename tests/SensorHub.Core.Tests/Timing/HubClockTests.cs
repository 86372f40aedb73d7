using Microsoft.Extensions.Time.Testing;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Tests.Timing;

public sealed class HubClockTests
{
    [Fact]
    public void It_begins_at_UTC_and_runs_on_with_the_monotonic_clock()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero));
        var clock = new HubClock(time);
        time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(Timestamp.Parse("2026-01-05T09:00:01.5Z"), clock.Now);
    }

    [Fact]
    public void A_step_of_the_wall_clock_does_not_move_it()
    {
        var time = new SteppingTime { Wall = new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero) };
        var clock = new HubClock(time);
        time.Wall = new DateTimeOffset(2026, 1, 5, 8, 59, 57, TimeSpan.Zero);
        time.Monotonic = TimeSpan.FromSeconds(1);
        Assert.Equal(Timestamp.Parse("2026-01-05T09:00:01Z"), clock.Now);
    }

    private sealed class SteppingTime : TimeProvider
    {
        public DateTimeOffset Wall { get; set; }

        public TimeSpan Monotonic { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => Monotonic.Ticks;
    }
}

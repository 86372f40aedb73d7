using CsCheck;
using Microsoft.Extensions.Time.Testing;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Tests.Timing;

public sealed class VirtualTimeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_delay_takes_exactly_its_virtual_time_and_no_real_time()
    {
        var time = new VirtualTime(Start);
        time.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromDays(40), time);
            await time.ExactlyAsync(TimeSpan.FromTicks(1), default);
        });
        Assert.Equal(Start.AddDays(40).AddTicks(1), time.GetUtcNow());
        Assert.Equal(TimeSpan.FromDays(40).Ticks + 1, time.GetTimestamp());
    }

    [Fact]
    public void Timers_fire_by_their_due_time_and_ties_in_the_order_of_setting() =>
        Gen.Int[0, 20].Array[1, 50].Sample(dues =>
        {
            var time = new VirtualTime(Start);
            var fired = new List<(int Due, int Number)>();
            var timers = new List<ITimer>();
            time.Run(async () =>
            {
                for (var i = 0; i < dues.Length; i++)
                {
                    var entry = (dues[i], i);
                    timers.Add(time.CreateTimer(_ => fired.Add(entry), null, TimeSpan.FromTicks(dues[i]), Timeout.InfiniteTimeSpan));
                }
                await time.ExactlyAsync(TimeSpan.FromTicks(21), default);
            });
            Assert.Equal(dues.Select((due, i) => (due, i)).OrderBy(e => e.due).ThenBy(e => e.i), fired);
        }, iter: 200);

    [Fact]
    public void Everything_runs_on_the_thread_of_Run()
    {
        var time = new VirtualTime(Start);
        var threads = new HashSet<int>();
        time.Run(() => Task.WhenAll(Enumerable.Range(0, 5).Select(async i =>
        {
            for (var n = 0; n < 10; n++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(i + n), time);
                threads.Add(Environment.CurrentManagedThreadId);
                await Task.Yield();
                threads.Add(Environment.CurrentManagedThreadId);
            }
        })));
        Assert.Equal([Environment.CurrentManagedThreadId], threads);
    }

    [Fact]
    public void A_periodic_timer_does_not_drift_and_stops_when_disposed()
    {
        var time = new VirtualTime(Start);
        var stamps = new List<long>();
        time.Run(async () =>
        {
            using (time.CreateTimer(_ => stamps.Add(time.GetTimestamp()), null, TimeSpan.FromTicks(5), TimeSpan.FromTicks(10)))
                await time.ExactlyAsync(TimeSpan.FromTicks(40), default);
            await time.ExactlyAsync(TimeSpan.FromTicks(100), default);
        });
        Assert.Equal([5, 15, 25, 35], stamps);
    }

    [Fact]
    public void A_changed_timer_fires_at_its_new_time_only_and_a_disposed_one_refuses_change()
    {
        var time = new VirtualTime(Start);
        var stamps = new List<long>();
        time.Run(async () =>
        {
            var timer = time.CreateTimer(_ => stamps.Add(time.GetTimestamp()), null, TimeSpan.FromTicks(5), Timeout.InfiniteTimeSpan);
            Assert.True(timer.Change(TimeSpan.FromTicks(30), Timeout.InfiniteTimeSpan));
            await time.ExactlyAsync(TimeSpan.FromTicks(50), default);
            timer.Dispose();
            Assert.False(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
            Assert.Throws<ArgumentOutOfRangeException>(() => timer.Change(TimeSpan.FromTicks(-5), Timeout.InfiniteTimeSpan));
        });
        Assert.Equal([30], stamps);
    }

    [Fact]
    public void Waiting_for_what_never_happens_is_told_instead_of_hanging()
    {
        using var cancel = new CancellationTokenSource();
        var e = Assert.Throws<InvalidOperationException>(() => new VirtualTime(Start).Run(() => new TaskCompletionSource().Task, cancel.Token));
        Assert.Contains("nothing is due", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_another_thread_continues_is_refused_at_infinite_speed()
    {
        var time = new VirtualTime(Start);
        var awaits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var other = new TaskCompletionSource();
        _ = awaits.Task.ContinueWith(_ => other.SetResult(), TaskScheduler.Default);
        var e = Assert.Throws<InvalidOperationException>(() => time.Run(async () =>
        {
            using var busy = time.CreateTimer(_ => awaits.TrySetResult(), null, TimeSpan.Zero, TimeSpan.FromTicks(1));
            await other.Task;
        }));
        Assert.Contains("another thread", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_of_the_task_and_of_a_callback_comes_out_of_Run()
    {
        var time = new VirtualTime(Start);
        Assert.Throws<TimeZoneNotFoundException>(() => time.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), time);
            throw new TimeZoneNotFoundException();
        }));
        Assert.Throws<TimeZoneNotFoundException>(() => time.Run(async () =>
        {
            using var timer = time.CreateTimer(_ => throw new TimeZoneNotFoundException(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            await Task.Delay(TimeSpan.FromMilliseconds(5), time);
        }));
    }

    [Fact]
    public void Cancelling_ends_a_run_that_goes_on_for_ever()
    {
        using var cancel = new CancellationTokenSource();
        var time = new VirtualTime(Start);
        var rounds = 0;
        Assert.Throws<OperationCanceledException>(() => time.Run(async () =>
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), time);
                if (++rounds == 1000)
                    cancel.Cancel();
            }
        }, cancel.Token));
        Assert.Equal(1000, rounds);
    }

    [Fact]
    public async Task Cancelling_ends_a_run_that_sleeps_on_the_real_clock()
    {
        using var cancel = new CancellationTokenSource();
        var time = new VirtualTime(Start, speed: 1, new FakeTimeProvider());
        var begun = new TaskCompletionSource();
        var run = OnThread(() => time.Run(async () =>
        {
            begun.SetResult();
            await Task.Delay(TimeSpan.FromHours(1), time);
        }, cancel.Token));
        await begun.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(0.5)]
    public async Task A_finite_speed_is_paced_by_the_real_clock(double speed)
    {
        var real = new FakeTimeProvider();
        var time = new VirtualTime(Start, speed, real);
        var seconds = 0;
        var run = OnThread(() => time.Run(async () =>
        {
            for (; seconds < 8; seconds++)
                await time.ExactlyAsync(TimeSpan.FromSeconds(1), default);
        }));

        // 8 virtual seconds are 8/speed real ones, and none may pass before its time.
        var realStart = real.GetTimestamp();
        while (!run.IsCompleted)
        {
            Assert.True(Volatile.Read(ref seconds) <= speed * real.GetElapsedTime(realStart).TotalSeconds);
            real.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
        await run;
        Assert.Equal((8, TimeSpan.FromSeconds(8).Ticks), (seconds, time.GetTimestamp()));
        Assert.True(speed * real.GetElapsedTime(realStart).TotalSeconds >= 8);
    }

    [Fact]
    public async Task A_paced_clock_that_was_set_before_it_runs_catches_up_with_the_real_one()
    {
        var real = new FakeTimeProvider();
        var time = new VirtualTime(Start, speed: 2, real, since: real.GetTimestamp());
        real.Advance(TimeSpan.FromSeconds(3));
        await OnThread(() => time.Run(() => time.ExactlyAsync(TimeSpan.FromSeconds(6), default))); // no real time passes any more
        Assert.Equal(Start.AddSeconds(6), time.GetUtcNow());
    }

    [Fact]
    public async Task What_is_posted_runs_at_the_virtual_time_that_the_real_clock_stands_for()
    {
        var real = new FakeTimeProvider();
        var time = new VirtualTime(Start, speed: 2, real);
        var begun = new TaskCompletionSource();
        var posted = new TaskCompletionSource();
        var run = OnThread(() => time.Run(async () =>
        {
            begun.SetResult();
            await Task.WhenAny(posted.Task, Task.Delay(TimeSpan.FromSeconds(100), time));
        }));
        await begun.Task;
        real.Advance(TimeSpan.FromSeconds(3));
        DateTimeOffset? at = null;
        time.Post(() =>
        {
            at = time.GetUtcNow();
            posted.SetResult();
        });
        await run;
        Assert.Equal(Start.AddSeconds(6), at);
    }

    [Fact]
    public void A_speed_of_zero_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new VirtualTime(Start, 0));

    private static Task OnThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}

using System.Reactive.Linq;
using SensorHub.Core.Protocol;
using static SensorHub.Pipelines.Tests.HandMade;

namespace SensorHub.Pipelines.Tests;

public class RecordSourceTests
{
    [Fact]
    public async Task Records_of_many_threads_come_one_at_a_time_in_one_order_and_time_never_goes_back()
    {
        var inside = 0;
        var records = RecordSource.Shared(async (report, token) => await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
                report(Link(0.001 * i + thread, thread % 2 == 0 ? Clip : Roller, LinkState.Streaming));
        }, token))));
        var a = new List<SensorRecord>();
        var b = new List<SensorRecord>();
        var done = records.LastOrDefaultAsync().GetAwaiter();
        records.Subscribe(r =>
        {
            Assert.Equal(1, Interlocked.Increment(ref inside));
            a.Add(r);
            Interlocked.Decrement(ref inside);
        });
        records.Subscribe(b.Add);
        using (records.Connect())
            await done;
        Assert.Equal(2000, a.Count);
        Assert.Equal(a, b);
        Assert.All(a.Zip(a.Skip(1)), pair => Assert.True(pair.First.At <= pair.Second.At));
    }

    [Fact]
    public void A_record_reported_by_a_subscriber_waits_its_turn()
    {
        Action<SensorRecord>? report = null;
        var log = new List<string>();
        RecordSource.Create((r, _) =>
        {
            report = r;
            r(Began(1));
            return Task.CompletedTask;
        }).Subscribe(record =>
        {
            log.Add($"begin {record.At}");
            if (record == Began(1))
                report!(Ended(0.5)); // told late: it gets the time of its turn
            log.Add($"end {record.At}");
        });
        Assert.Equal([$"begin {At(1)}", $"end {At(1)}", $"begin {At(1)}", $"end {At(1)}"], log);
    }

    [Fact]
    public void Disposing_cancels_the_producer_and_each_subscription_starts_one()
    {
        var started = 0;
        var cancelled = 0;
        var records = RecordSource.Create(async (_, token) =>
        {
            started++;
            var never = new TaskCompletionSource();
            await using var registration = token.Register(() =>
            {
                cancelled++;
                never.SetCanceled(token);
            });
            await never.Task;
        });
        records.Subscribe().Dispose();
        records.Subscribe().Dispose();
        Assert.Equal((2, 2), (started, cancelled));
    }

    [Fact]
    public async Task A_producers_failure_comes_behind_its_records()
    {
        var seen = new List<SensorRecord>();
        var records = RecordSource.Create((report, _) =>
        {
            report(Began(0));
            throw new InvalidOperationException("the radio is gone");
        });
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await records.Do(seen.Add).LastOrDefaultAsync());
        Assert.Equal("the radio is gone", failure.Message);
        Assert.Single(seen);
    }
}

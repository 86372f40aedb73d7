using CsCheck;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Tests.Timing;

public class SampleMergeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    [Fact]
    public void Frames_of_two_streams_come_out_in_one_order_however_they_arrive() =>
        Gen.Int[0, 1].Array[0, 60].Sample(arrivals =>
        {
            var merge = new SampleMerge<(int Stream, long Time)>(2, TimeSpan.FromDays(1));
            var next = new[] { 0L, 0L };
            var taken = new List<(int Stream, long Time)>();
            foreach (var stream in arrivals)
            {
                for (var i = 0; i < 3; i++)
                {
                    // 10 ms and 20 ms, so that some times are equal.
                    var time = next[stream]++ * (stream + 1) * 10_000_000;
                    merge.Add(stream, new Timestamp(time), (stream, time));
                }
                Drain(merge, taken);
            }
            return taken.SequenceEqual(taken.OrderBy(t => t.Time).ThenBy(t => t.Stream));
        });

    [Fact]
    public void A_sample_waits_for_the_other_stream()
    {
        var merge = new SampleMerge<string>(2, Patience);
        merge.Add(0, At(10), "a10");
        Assert.False(merge.TryTake(out _));

        merge.Add(1, At(10), "b10");
        Assert.True(merge.TryTake(out var first));
        Assert.True(merge.TryTake(out var second));
        Assert.Equal(("a10", "b10"), (first, second));
    }

    [Fact]
    public void A_stream_that_stays_behind_is_not_waited_for_and_comes_late()
    {
        var merge = new SampleMerge<string>(2, Patience);
        merge.Add(1, At(0), "b0");
        merge.Add(0, At(10), "a10");
        merge.Add(0, At(261), "a261");
        Assert.Equal(["b0", "a10"], Drain(merge, []));

        merge.Add(1, At(5), "b5");
        Assert.Equal(["b5"], Drain(merge, []));
    }

    [Fact]
    public void What_is_not_later_than_the_last_of_its_stream_is_dropped()
    {
        var merge = new SampleMerge<string>(1, Patience);
        merge.Add(0, At(10), "first");
        merge.Add(0, At(10), "again");
        merge.Add(0, At(9), "before");
        Assert.Equal(["first"], Drain(merge, []));
    }

    [Fact]
    public void Draining_waits_for_nobody()
    {
        var merge = new SampleMerge<string>(2, Patience);
        merge.Add(0, At(10), "a10");
        Assert.True(merge.TryTake(out var taken, drain: true));
        Assert.Equal("a10", taken);
    }

    private static Timestamp At(int milliseconds) => new(milliseconds * 1_000_000L);

    private static List<T> Drain<T>(SampleMerge<T> merge, List<T> taken)
    {
        while (merge.TryTake(out var sample))
            taken.Add(sample);
        return taken;
    }
}

using CsCheck;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Tests.Timing;

public class SequenceTrackerTests
{
    private const uint Period = 10;

    [Fact]
    public void Frames_that_follow_each_other_are_in_order()
    {
        var tracker = new SequenceTracker();
        Assert.Equal(Continuity.First, Observe(tracker, 100, 10).Continuity);
        Assert.Equal(new SequenceStep(Continuity.InOrder, 0, 0, 0), Observe(tracker, 110, 10));
        Assert.Equal((20, 0), (tracker.Received, tracker.Lost));
    }

    [Fact]
    public void The_wrap_from_4294967295_to_0_is_not_a_gap()
    {
        var tracker = new SequenceTracker();
        Observe(tracker, uint.MaxValue - 9, 10);
        Assert.Equal(Continuity.InOrder, Observe(tracker, 0, 10).Continuity);
    }

    [Fact]
    public void A_gap_across_the_wrap_has_its_size()
    {
        var tracker = new SequenceTracker();
        Observe(tracker, uint.MaxValue - 9, 5);
        Assert.Equal(new SequenceStep(Continuity.Gap, 0, 12, 0), Observe(tracker, 7, 10));
        Assert.Equal(12, tracker.Lost);
    }

    [Fact]
    public void A_late_frame_fills_its_gap_once()
    {
        var tracker = new SequenceTracker();
        Observe(tracker, 0, 10);
        Observe(tracker, 30, 10);
        Assert.Equal(new SequenceStep(Continuity.Late, 10, 0, 10), Observe(tracker, 15, 10));
        Assert.Equal(Continuity.Duplicate, Observe(tracker, 15, 10).Continuity);
        Assert.Equal(10, tracker.Lost);
        Assert.Equal(new SequenceStep(Continuity.Late, 20, 0, 10), Observe(tracker, 10, 20));
        Assert.Equal((40, 0), (tracker.Received, tracker.Lost));
    }

    [Fact]
    public void A_frame_that_overlaps_the_end_brings_only_what_is_new()
    {
        var tracker = new SequenceTracker();
        Observe(tracker, 0, 10);
        Assert.Equal(new SequenceStep(Continuity.InOrder, 4, 0, 0), Observe(tracker, 6, 10));
        Assert.Equal(16, tracker.Received);
    }

    [Fact]
    public void A_reboot_begins_the_count_anew_and_loses_an_unknown_number()
    {
        var tracker = new SequenceTracker();
        Observe(tracker, 500, 10);
        Observe(tracker, 520, 10);
        Assert.Equal(new SequenceStep(Continuity.Reboot, 0, 0, 0), tracker.Observe(new DeviceTime(2, 0), 0, 10, Period));
        Assert.Equal(Continuity.InOrder, tracker.Observe(new DeviceTime(2, 100), 10, 10, Period).Continuity);
        Assert.Equal((40, 10), (tracker.Received, tracker.Lost));
    }

    [Fact]
    public void What_fills_a_gap_is_named_across_the_wrap_and_what_is_given_up_is_awaited_no_more()
    {
        var tracker = new SequenceTracker();
        Observe(tracker, uint.MaxValue - 9, 5);
        Observe(tracker, 15, 5);
        Assert.Equal([new SampleRange(uint.MaxValue - 4, 20)], tracker.Missing);
        Observe(tracker, uint.MaxValue - 1, 4);
        Assert.Equal([new SampleRange(uint.MaxValue - 1, 4)], tracker.Filled);
        Assert.Equal([new SampleRange(10, 5)], tracker.GiveUp(10, 100));
        Assert.Equal([new SampleRange(uint.MaxValue - 4, 3), new SampleRange(2, 8)], tracker.Missing);
        Assert.Equal(16, tracker.Lost);
        Assert.Equal(Continuity.Duplicate, Observe(tracker, 10, 5).Continuity);
        Assert.Empty(tracker.Filled);
    }

    [Fact]
    public void A_jump_of_the_number_without_the_time_for_it_changes_nothing()
    {
        var tracker = new SequenceTracker();
        Observe(tracker, 0, 10);
        Assert.Equal(Continuity.Implausible, tracker.Observe(new DeviceTime(1, 100), 1_000_000, 10, Period).Continuity);
        Assert.Equal(Continuity.InOrder, Observe(tracker, 10, 10).Continuity);
        Assert.Equal((20, 0), (tracker.Received, tracker.Lost));
    }

    [Fact]
    public void A_pause_takes_time_and_no_numbers()
    {
        var tracker = new SequenceTracker();
        Observe(tracker, 0, 10);
        Assert.Equal(Continuity.InOrder, tracker.Observe(new DeviceTime(1, 1_000_000), 10, 10, Period).Continuity);
    }

    [Fact]
    public void Whatever_is_lost_repeated_or_late_received_and_lost_are_what_a_set_would_say()
    {
        // A frame: samples in it, and whether it is delivered, repeated, and by how many frames delayed.
        var frame = Gen.Select(Gen.Int[1, 20], Gen.Bool, Gen.Bool, Gen.Int[0, 3]);
        Gen.Select(Gen.UInt, Gen.ULong, frame.List[1, 60]).Sample((sequence, ticks, frames) =>
        {
            var sent = new List<(long Start, int Count, double Order)>();
            long position = 0;
            foreach (var ((count, delivered, repeated, delay), i) in frames.Select((f, i) => (f, i)))
            {
                if (delivered || i == 0)
                    sent.Add((position, count, i == 0 ? -1 : i + 1.5 * delay));
                if (repeated)
                    sent.Add((position, count, i + 0.5 + 2.5 * delay));
                position += count;
            }
            var tracker = new SequenceTracker();
            var seen = new HashSet<long>();
            long newest = -1;
            foreach (var (start, count, _) in sent.OrderBy(f => f.Order))
            {
                var first = new DeviceTime(1, unchecked(ticks + (ulong)start * Period));
                var step = tracker.Observe(first, unchecked(sequence + (uint)start), count, Period);
                var fresh = Enumerable.Range(0, count).Count(i => seen.Add(start + i));
                Assert.Equal(fresh, count - step.Skip + step.Filled);
                if (step.Skip < count)
                {
                    Assert.Equal(step.Missing, start + step.Skip - newest - 1);
                    newest = start + count - 1;
                }
                Assert.Equal((seen.Count, newest + 1 - seen.Count), (tracker.Received, tracker.Lost));
            }
        }, iter: 2000);
    }

    private static SequenceStep Observe(SequenceTracker tracker, uint sequence, int count) =>
        tracker.Observe(new DeviceTime(1, unchecked((ulong)(long)(int)sequence * Period)), sequence, count, Period);
}

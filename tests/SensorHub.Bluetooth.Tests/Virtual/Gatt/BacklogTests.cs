using CsCheck;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Tests.Virtual.Gatt;

/// <summary>firmware-protocol/README.md §7.</summary>
public sealed class BacklogTests
{
    private const byte Imu = PeripheralRig.Imu;

    [Fact]
    public void The_answer_is_what_is_kept_in_full_frames_that_end_with_End()
    {
        var rig = Recorded(samples: 100);
        Assert.Equal(new ControlResponse.Backlog(Imu, 20, 50), Fetch(rig, 20, 50));
        var frames = rig.Take();
        Assert.Equal([18, 18, 14], frames.Select(f => (int)f.Header.Count));
        Assert.Equal(Enumerable.Range(20, 50).Select(n => (ushort)(10 * (n + 1))), frames.SelectMany(f => f.Milliseconds));
        Assert.Equal([FrameFlags.Backlog, FrameFlags.Backlog, FrameFlags.Backlog | FrameFlags.End], frames.Select(f => f.Header.Flags));
    }

    [Fact]
    public void Any_range_is_answered_by_its_part_that_is_kept_once_and_with_one_End() =>
        Gen.Select(Gen.Int[0, 300], Gen.Int[-50, 400], Gen.Int[1, 500]).Sample((samples, sequence, count) =>
        {
            var rig = Recorded(samples, depth: 128);
            var (oldest, next) = (Math.Max(0, samples - 128), samples);
            var from = Math.Max(sequence, oldest);
            var to = Math.Min(sequence + count, next);
            var kept = Math.Max(0, to - from);

            var answer = Fetch(rig, unchecked((uint)sequence), (uint)count);
            Assert.Equal((unchecked((uint)(kept == 0 ? sequence : from)), (uint)kept), (answer.Sequence, answer.Count));
            var frames = rig.Take();
            Assert.Equal(Enumerable.Range(from, kept).Select(n => (ushort)(10 * (n + 1))), frames.SelectMany(f => f.Milliseconds));
            Assert.Equal([.. Enumerable.Repeat(false, frames.Count - 1), true], frames.Select(f => f.Header.Flags.HasFlag(FrameFlags.End)));
            Assert.Equal(sequence < oldest, frames[0].Header.Flags.HasFlag(FrameFlags.Overflow));
            Assert.DoesNotContain(frames.Skip(1), f => f.Header.Flags.HasFlag(FrameFlags.Overflow));
        }, iter: 300);

    [Fact]
    public void Nothing_kept_is_answered_by_an_empty_End()
    {
        var rig = Recorded(samples: 10);
        Assert.Equal(0u, Fetch(rig, 10, 5).Count);
        var frame = Assert.Single(rig.Take());
        Assert.Equal((FrameFlags.Backlog | FrameFlags.End, (byte)0, 10u, PeripheralRig.Period), (frame.Header.Flags, frame.Header.Count, frame.Header.Sequence, frame.Header.Period));
    }

    [Fact]
    public void A_hole_in_the_samples_is_a_hole_in_the_answer()
    {
        var rig = new PeripheralRig { Outcome = (_, ticks) => ticks is 50_000 or 100_000 ? SampleOutcome.Absent : SampleOutcome.Taken };
        rig.Start(Imu);
        rig.Advance(100);
        rig.Take();
        Fetch(rig, 0, 10);
        Assert.Equal([(0u, 4, false), (5u, 4, false), (10u, 0, true)], rig.Take().Select(f => (f.Header.Sequence, (int)f.Header.Count, f.Header.Flags.HasFlag(FrameFlags.End))));
    }

    [Fact]
    public void A_pause_and_a_change_of_period_end_a_frame()
    {
        var rig = new PeripheralRig();
        rig.Start(Imu);
        rig.Advance(40);
        rig.Ask(new ControlRequest.Stop(Imu));
        rig.Advance(40);
        rig.Start(Imu);
        rig.Advance(40);
        rig.Ask(new ControlRequest.Stop(Imu));
        rig.Start(Imu, 20_000);
        rig.Advance(40);
        rig.Take();
        Fetch(rig, 0, 100);
        Assert.Equal([(0u, 4, 10_000u), (4u, 4, 10_000u), (8u, 2, 20_000u)], rig.Take().Select(f => (f.Header.Sequence, (int)f.Header.Count, f.Header.Period)));
    }

    [Fact]
    public void Live_frames_go_first()
    {
        var rig = Recorded(samples: 100);
        Fetch(rig, 0, 100);
        rig.Advance(70);
        Assert.Equal([true, .. Enumerable.Repeat(false, 6)], rig.Take().Select(f => !f.Header.Flags.HasFlag(FrameFlags.Backlog)));
    }

    [Fact]
    public void What_is_overwritten_meanwhile_is_skipped_and_told()
    {
        var rig = Recorded(samples: 128, depth: 128);
        Fetch(rig, 0, 128);
        Assert.True(rig.Peripheral.TryTake(out _)); // 0 to 17
        rig.Advance(500);
        var backlog = rig.Take().Where(f => f.Header.Flags.HasFlag(FrameFlags.Backlog)).ToList();
        Assert.Equal((50u, true), (backlog[0].Header.Sequence, backlog[0].Header.Flags.HasFlag(FrameFlags.Overflow)));
        Assert.Equal((128u, true), (backlog[^1].Header.NextSequence, backlog[^1].Header.Flags.HasFlag(FrameFlags.End)));
    }

    [Fact]
    public void One_answer_at_a_time_and_abort_ends_it_with_an_empty_End()
    {
        var rig = Recorded(samples: 100);
        Assert.Equal(ControlStatus.AlreadyInState, rig.Ask(new ControlRequest.AbortBacklog()).Status);
        Fetch(rig, 0, 100);
        Assert.Equal(ControlStatus.Busy, rig.Ask(new ControlRequest.FetchBacklog(Imu, PeripheralRig.BootId, 0, 1)).Status);
        Assert.Equal(ControlStatus.Ok, rig.Ask(new ControlRequest.AbortBacklog()).Status);
        var end = Assert.Single(rig.Take());
        Assert.Equal((FrameFlags.Backlog | FrameFlags.End, (byte)0), (end.Header.Flags, end.Header.Count));
        Assert.Equal(ControlStatus.AlreadyInState, rig.Ask(new ControlRequest.AbortBacklog()).Status);
    }

    [Fact]
    public void Another_boot_an_unknown_stream_and_a_stream_without_ring_are_refused()
    {
        var rig = Recorded(samples: 10, depth: 0);
        Assert.Equal(ControlStatus.WrongBoot, rig.Ask(new ControlRequest.FetchBacklog(PeripheralRig.Load, 1, 0, 1)).Status);
        Assert.Equal(ControlStatus.UnknownStream, rig.Ask(new ControlRequest.FetchBacklog(9, PeripheralRig.BootId, 0, 1)).Status);
        Assert.Equal(ControlStatus.NotAvailable, rig.Ask(new ControlRequest.FetchBacklog(Imu, PeripheralRig.BootId, 0, 1)).Status);
        Assert.Equal(ControlStatus.UnknownStream, rig.Ask(new ControlRequest.GetRange(9)).Status);
        Assert.Equal(ControlStatus.BadParameter, rig.Ask(new ControlRequest.FetchBacklog(Imu, PeripheralRig.BootId, 0, 0)).Status);
    }

    private static PeripheralRig Recorded(int samples, uint depth = 6000)
    {
        var rig = new PeripheralRig(depth);
        rig.Start(Imu);
        for (var i = 0; i < samples; i++)
        {
            rig.Advance(10);
            rig.Take();
        }
        return rig;
    }

    private static ControlResponse.Backlog Fetch(PeripheralRig rig, uint sequence, uint count) =>
        rig.Ask<ControlResponse.Backlog>(new ControlRequest.FetchBacklog(Imu, PeripheralRig.BootId, sequence, count));
}

using SensorHub.Core;
using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Stamping;
using static SensorHub.Pipelines.Tests.HandMade;

namespace SensorHub.Pipelines.Tests.Stamping;

public class StamperTests
{
    private readonly Stamper _stamper = new();

    [Fact]
    public void Samples_get_their_times_and_units()
    {
        Known();
        var packet = Packets(Give(ImuFrame(Clip, UpperImu, 100))).Single();
        Assert.Equal((Clip, ElementRole.Upper, 0L), (packet.Sensor, packet.Element, packet.Missing));
        Assert.Equal(10, packet.Samples.Count);
        for (var i = 0; i < 10; i++)
        {
            Assert.InRange((packet.Samples[i].Time - At(1 + 0.01 * i)).TotalMilliseconds, -0.1, 0.1);
            Assert.Equal((100 + i) * 0.001, packet.Samples[i].SpecificForce.X, 6);
            Assert.Equal(9.807, packet.Samples[i].SpecificForce.Z, 6);
        }
    }

    [Fact]
    public void Lost_frames_are_a_gap_with_its_ends_and_its_size()
    {
        Known();
        Give(ImuFrame(Clip, LowerImu, 0));
        var given = Give(ImuFrame(Clip, LowerImu, 30));
        var gap = Noticed<Gap>(given).Single();
        Assert.Equal((Clip, LowerImu, GapCause.Loss, 20L), (gap.Sensor, gap.Stream, gap.Cause, gap.SamplesLost!.Value));
        Assert.InRange((gap.Time - At(0.10)).TotalMilliseconds, -0.1, 0.1);
        Assert.InRange((gap.End - At(0.30)).TotalMilliseconds, -0.1, 0.1);
        Assert.Equal(20, Packets(given).Single().Missing);
        Assert.IsType<Stamped.Noticed>(given[0]); // the gap, then the samples behind it
    }

    [Fact]
    public void Samples_lost_with_the_link_are_a_gap_for_that_reason()
    {
        Known();
        Give(ImuFrame(Clip, LowerImu, 0));
        Give(Link(0.2, Clip, LinkState.Lost));
        Give(Link(3, Clip, LinkState.Streaming));
        Assert.Equal(GapCause.Disconnected, Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 400))).Single().Cause);
        Assert.Equal(GapCause.Loss, Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 500))).Single().Cause);
    }

    [Fact]
    public void A_reboot_is_a_gap_of_unknown_size_and_times_go_on()
    {
        Known();
        var before = Packets(Give(ImuFrame(Clip, LowerImu, 0))).Single();
        var given = Give(ImuFrame(Clip, LowerImu, 0, boot: 2, bootedAt: 4));
        var gap = Noticed<Gap>(given).Single();
        Assert.Equal((GapCause.Reboot, (long?)null), (gap.Cause, gap.SamplesLost));
        var after = Packets(given).Single();
        Assert.Null(after.Missing);
        Assert.True(after.Samples[0].Time > before.Samples[^1].Time);
    }

    [Fact]
    public void Repeated_and_late_frames_give_no_samples_and_late_ones_are_no_longer_lost()
    {
        Known();
        Give(ImuFrame(Clip, LowerImu, 0));
        Give(ImuFrame(Clip, LowerImu, 20));
        Assert.Empty(Packets(Give(ImuFrame(Clip, LowerImu, 20, at: 0.4))));
        Assert.Equal(10, Health(2).Lost);
        Assert.Empty(Packets(Give(ImuFrame(Clip, LowerImu, 10, at: 2.5, flags: FrameFlags.Backlog))));
        Assert.Equal((30, 0), (Health(4).Received, Health(6).Lost));
    }

    [Fact]
    public void A_gap_that_late_frames_fill_is_said_again_as_recovered()
    {
        Known();
        Give(ImuFrame(Clip, LowerImu, 0));
        var open = Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 40))).Single();
        Assert.Equal((GapState.Open, 30L), (open.State, open.SamplesLost!.Value));
        Assert.Empty(Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 20, at: 1, flags: FrameFlags.Backlog))));
        Assert.Empty(Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 30, at: 1.1, flags: FrameFlags.Backlog))));
        var closed = Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 5, count: 15, at: 1.2, flags: FrameFlags.Backlog))).Single();
        Assert.Equal(open with { State = GapState.Recovered, SamplesLost = 0 }, closed);
        Assert.Equal(0, Health(2).Lost);
    }

    [Fact]
    public void What_the_sensor_no_longer_has_makes_a_gap_final_with_the_number_that_is_missing()
    {
        Known();
        Give(ImuFrame(Clip, LowerImu, 0));
        var open = Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 40))).Single();
        Assert.Empty(Noticed<Gap>(Give(new SensorRecord.GivenUp(At(0.9), Clip, LowerImu, 1, 0, 25))));
        var final = Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 20, count: 20, at: 1, flags: FrameFlags.Backlog))).Single();
        Assert.Equal(open with { State = GapState.Final, SamplesLost = 15 }, final);
        Assert.Equal(15, Health(2).Lost);
        Assert.Empty(Give(ImuFrame(Clip, LowerImu, 10, at: 2.1, flags: FrameFlags.Backlog))); // given up is given up
        Assert.Empty(Noticed<Gap>(Give(new SensorRecord.GivenUp(At(2.2), Clip, LowerImu, 1, 0, 25))));
        Assert.Empty(Noticed<Gap>(Give(new SensorRecord.GivenUp(At(2.2), Clip, LowerImu, 7, 0, 25))));
    }

    [Fact]
    public void A_reboot_makes_the_gaps_before_it_final()
    {
        Known();
        Give(ImuFrame(Clip, LowerImu, 0));
        var open = Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 40))).Single();
        var given = Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 0, boot: 2, bootedAt: 4))).ToList();
        Assert.Equal([open with { State = GapState.Final }, given[1]], given);
        Assert.Equal((GapCause.Reboot, GapState.Final), (given[1].Cause, given[1].State));
    }

    [Fact]
    public void The_end_of_the_session_makes_its_gaps_final()
    {
        Known();
        Give(Began(0));
        Give(ImuFrame(Clip, LowerImu, 0));
        var open = Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 40))).Single();
        Assert.Equal([open with { State = GapState.Final }], Noticed<Gap>(Give(Ended(1))));
        Assert.Empty(Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 10, count: 30, at: 1.1, flags: FrameFlags.Backlog))));
    }

    [Fact]
    public void Gaps_beyond_those_that_can_be_open_at_once_are_final()
    {
        Known();
        for (uint s = 0; s < 20 * SequenceTracker.OpenGaps; s += 20)
            Give(ImuFrame(Clip, LowerImu, s));
        Assert.DoesNotContain(Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 20 * SequenceTracker.OpenGaps))), g => g.State == GapState.Final);
        var final = Noticed<Gap>(Give(ImuFrame(Clip, LowerImu, 20 * (SequenceTracker.OpenGaps + 1)))).First();
        Assert.Equal((GapState.Final, 10L), (final.State, final.SamplesLost!.Value));
        Assert.InRange((final.Time - At(0.1)).TotalMilliseconds, -0.1, 0.1);
    }

    [Fact]
    public void Late_samples_have_the_stamps_they_would_have_had_and_are_due_when_they_would_have_come()
    {
        Known();
        Give(ImuFrame(Clip, LowerImu, 0));
        Give(ImuFrame(Clip, LowerImu, 500));
        Give(Exchanged(5.2, Clip));
        var late = Give(ImuFrame(Clip, LowerImu, 100, at: 6, flags: FrameFlags.Backlog)).OfType<Stamped.Late>().Single();
        var packet = ((Stamped.Imu)late.Item).Packet;
        Assert.InRange((packet.Samples[0].Time - At(1)).TotalMilliseconds, -0.1, 0.1);
        Assert.InRange((late.Due - At(1.095)).TotalMilliseconds, -0.1, 0.1); // 5 ms behind its last sample, as the others
    }

    [Fact]
    public void Frames_from_the_ring_buffer_say_nothing_of_the_clock()
    {
        var undisturbed = new Stamper();
        SensorRecord[] live = [Described(0, Clip, ClipDescriptor), Exchanged(0, Clip), ImuFrame(Clip, LowerImu, 0), ImuFrame(Clip, LowerImu, 500), Link(6, Clip, LinkState.Streaming), ImuFrame(Clip, LowerImu, 510, at: 6.5)];
        foreach (var record in live)
        {
            Assert.Equal(undisturbed.Update(record).Where(s => s is Stamped.Imu).Select(Times), Give(record).Where(s => s is Stamped.Imu).Select(Times));
            Give(ImuFrame(Clip, LowerImu, 100, at: (record.At - At(0)).TotalSeconds, flags: FrameFlags.Backlog));
        }

        static string Times(Stamped stamped) => string.Join(' ', ((Stamped.Imu)stamped).Packet.Samples.Select(s => s.Time));
    }

    [Fact]
    public void Samples_from_before_all_that_came_of_a_boot_are_left_out()
    {
        Known();
        Assert.Empty(Give(ImuFrame(Clip, LowerImu, 0, at: 0.9, flags: FrameFlags.Backlog)));
        Assert.Equal(0L, Packets(Give(ImuFrame(Clip, LowerImu, 100))).Single().Missing);
        Assert.Equal(0, Health(6).Malformed);
    }

    [Fact]
    public void A_sensor_with_an_unknown_stream_has_that_trouble_and_its_other_streams_are_read()
    {
        Known();
        Give(Frame(Clip, new FrameHeader(0, 99, 0, 1, 1, 0, 0, 10_000), new byte[12], 0.12));
        Assert.Single(Packets(Give(ImuFrame(Clip, LowerImu, 10))));
        Assert.Equal("clip: frames come of stream 99, which it does not describe, and are left out. Its other streams are read. Update its firmware.", Health(1.5).Trouble);
        Assert.Null(Health(40).Trouble);
    }

    [Theory]
    [InlineData(1.05, "clip: 105.0 samples a second come of the IMU, and it declares 100.0: their times cannot be trusted. Restart the sensor; if it stays, its firmware is wrong.")]
    [InlineData(0.95, "clip: 95.0 samples a second come of the IMU, and it declares 100.0: their times cannot be trusted. Restart the sensor; if it stays, its firmware is wrong.")]
    [InlineData(1.0005, null)]
    public void A_sensor_that_lies_about_its_rate_has_that_trouble(double factor, string? trouble)
    {
        Known();
        for (uint s = 0; s < 3000; s += 10)
            Give(ImuFrame(Clip, LowerImu, s, at: (s + 9) * 0.01 / factor + 0.005));
        Assert.Equal(trouble, Health(31.7).Trouble);
    }

    [Fact]
    public void A_delay_of_the_radio_is_no_wrong_rate()
    {
        Known();
        for (uint s = 0; s < 6000; s += 10)
        {
            Give(ImuFrame(Clip, LowerImu, s, at: (s + 9) * 0.01 + 0.005 + (s % 700 == 0 ? 0.09 : 0)));
            if (s % 100 == 0)
                Assert.Null(Noticed<SensorHealth>(Give(Link((s + 9) * 0.01 + 0.096, Clip, LinkState.Streaming))).Single().Trouble);
        }
    }

    [Fact]
    public void A_sensor_that_sends_garbage_has_that_trouble_and_one_oddity_is_none()
    {
        Known();
        Give(new SensorRecord.Frame(At(0.01), Clip, new byte[] { 1, 2, 3 }));
        Assert.Null(Health(0.02).Trouble);
        for (uint s = 0; s < 100; s += 10)
        {
            Give(ImuFrame(Clip, LowerImu, s));
            Give(new SensorRecord.Frame(At(s * 0.01 + 0.096), Clip, new byte[] { 0x10, LowerImu, 0, 200, 1, 0, 0, 0 })); // stops in its header
        }
        Assert.Equal("clip: 11 of its last 21 frames could not be read, and were left out. Restart the sensor; if it stays, update its firmware.", Health(2).Trouble);
        for (uint s = 100; s < 3000; s += 10)
            Give(ImuFrame(Clip, LowerImu, s));
        Assert.Null(Health(40).Trouble);
    }

    [Theory]
    [InlineData(LinkState.Lost, "link supervision time-out", "clip: the link was lost: link supervision time-out.")]
    [InlineData(LinkState.Stalled, "", "clip: it is connected, and no samples come.")]
    [InlineData(LinkState.Refused, "It speaks protocol 2.0.", "clip: it cannot be used: It speaks protocol 2.0.")]
    [InlineData(LinkState.Off, "closed by the hub", null)]
    public void A_link_without_samples_is_trouble_with_its_reason(LinkState state, string reason, string? trouble)
    {
        Known();
        Assert.Equal(trouble, Noticed<SensorHealth>(Give(new SensorRecord.Link(At(0.1), Clip, state, reason))).Single().Trouble);
    }

    [Fact]
    public void Load_is_in_newton_by_each_cells_calibration_and_temperature()
    {
        Give(Described(0, Roller, RollerDescriptor));
        Give(Exchanged(0, Roller));
        var packet = Give(LoadFrame(0, cell0: 300, cell1: 400, centidegrees: 3500)).OfType<Stamped.Load>().Single().Packet;
        Assert.Equal(100, packet.Samples[0].Cells[0], 6);
        Assert.Equal(100 * (1 + 0.01 * 10), packet.Samples[0].Cells[1], 4);
    }

    [Fact]
    public void Events_have_the_time_of_their_own_tick()
    {
        Known();
        var tap = Noticed<DeviceEvent>(Give(EventFrame(0, 1.5, EventCode.Tap, 2, offset: 7_000))).Single();
        Assert.Equal((EventCode.Tap, 2L), (tap.Code, tap.Argument));
        Assert.InRange((tap.Time - At(1.507)).TotalMilliseconds, -0.1, 0.1);
    }

    [Fact]
    public void Health_comes_each_second_with_rate_battery_and_clock()
    {
        Known();
        Give(BatteryFrame(0, 87));
        var healths = new List<SensorHealth>();
        for (uint s = 10; s < 1000; s += 10)
            healths.AddRange(Noticed<SensorHealth>(Give(ImuFrame(Clip, LowerImu, s))));
        Assert.InRange(healths.Count, 9, 10);
        Assert.All(healths.Zip(healths.Skip(1)), pair => Assert.InRange((pair.Second.Time - pair.First.Time).TotalSeconds, 0.99, 1.11));
        var last = healths[^1];
        Assert.Equal((87.0, LinkState.Streaming, 0L, 0L), (last.Battery, last.Link, last.Lost, last.Malformed));
        Assert.InRange(last.Rate, 97, 103);
        Assert.InRange(last.ClockUncertainty!.Value.TotalMilliseconds, 0, 10);
    }

    [Fact]
    public void A_change_of_the_link_is_said_at_once()
    {
        Known();
        Assert.Equal(LinkState.Lost, Noticed<SensorHealth>(Give(Link(0.1, Clip, LinkState.Lost))).Single().Link);
    }

    [Fact]
    public void Garbage_of_every_kind_is_counted_and_ends_nothing()
    {
        Known();
        Give(ImuFrame(Clip, LowerImu, 0));
        SensorRecord[] garbage =
        [
            new SensorRecord.Frame(At(0.11), Clip, Array.Empty<byte>()),
            new SensorRecord.Frame(At(0.11), Clip, new byte[] { 0x20, 1, 0, 1 }),
            Frame(Clip, new FrameHeader(0, 99, 0, 1, 1, 0, 0, 10_000), new byte[12], 0.12), // unknown stream
            Frame(Clip, new FrameHeader(0, LowerImu, 0, 2, 1, 10, 100_000, 10_000), new byte[12], 0.12), // half of its samples
            Frame(Clip, new FrameHeader(0, LowerImu, 0, 1, 1, 10, 100_000, 0), new byte[12], 0.12), // no period
            Frame(Clip, new FrameHeader(0, LowerImu, 0, 1, 1, 10, 1ul << 50, 10_000), new byte[12], 0.12), // sampled in the far future
            Frame(Clip, new FrameHeader(0, LowerImu, 0, 1, 1, 1 << 30, 100_000, 10_000), new byte[12], 0.12), // a number without the time for it
            Frame(Clip, new FrameHeader(0, LowerImu, 0, 1, 1, 10, 5_000, 10_000), new byte[12], 0.12), // before the sample before it
            new SensorRecord.Described(At(0.13), Clip, new byte[] { 1, 0, 9 }),
            new SensorRecord.TimeExchanged(At(0.14), Clip, At(0.15), new DeviceTime(1, 900), 100),
        ];
        foreach (var record in garbage)
            Assert.Empty(Give(record));
        Assert.Single(Packets(Give(ImuFrame(Clip, LowerImu, 10))));
        Assert.Equal((20, 0, 9), (Health(2).Received, Health(4).Lost, Health(6).Malformed));
    }

    [Fact]
    public void Frames_of_a_sensor_that_has_not_said_what_it_is_are_counted()
    {
        Give(ImuFrame(Clip, LowerImu, 0));
        Known();
        Assert.Equal(1, Health(2).Malformed);
    }

    [Fact]
    public void A_description_is_news_once()
    {
        Assert.Single(Give(Described(0, Clip, ClipDescriptor)).OfType<Stamped.Known>());
        Assert.Empty(Give(Described(0.1, Clip, ClipDescriptor)));
    }

    [Fact]
    public void A_sensor_that_joins_a_session_hears_what_was_said_before()
    {
        Give(Began(0));
        Give(Marked(1, new Core.Sessions.Marker.MuscleChosen(Core.Sessions.Muscle.Calf, Core.Sessions.Side.Right)));
        var known = Give(Described(2, Clip, ClipDescriptor)).OfType<Stamped.Known>().Single();
        Assert.Equal([At(0), At(1)], known.Marks.Select(m => m.At));
    }

    private void Known()
    {
        Give(Described(0, Clip, ClipDescriptor));
        Give(Link(0, Clip, LinkState.Streaming));
        Give(Exchanged(0, Clip));
    }

    private IReadOnlyList<Stamped> Give(SensorRecord record) => _stamper.Update(record);

    private SensorHealth Health(double at) => Noticed<SensorHealth>(Give(Link(at, Clip, LinkState.Streaming))).Single();

    private static IEnumerable<ImuPacket> Packets(IEnumerable<Stamped> given) => given.OfType<Stamped.Imu>().Select(i => i.Packet);

    private static IEnumerable<T> Noticed<T>(IEnumerable<Stamped> given) where T : Feature => given.OfType<Stamped.Noticed>().Select(n => n.Feature).OfType<T>();
}

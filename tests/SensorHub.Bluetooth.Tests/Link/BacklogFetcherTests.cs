using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Tests.Link;

public sealed class BacklogFetcherTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(60)]
    [InlineData(240)]
    [InlineData(590)]
    public void What_was_measured_while_the_link_was_away_is_fetched_to_the_last_bit(double seconds)
    {
        var rig = new SupervisorRig(RadioOptions.Perfect with { Outages = [new Outage(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(seconds))] });
        var clip = rig.Add(depth: 65_000);
        rig.Run(async cancel =>
        {
            await rig.UntilAsync(20 + seconds + 5 + 0.25 * seconds, cancel);
            Assert.Equal((LinkState.Streaming, 0L, 0L), (rig.Status(clip).State, rig.Status(clip).Missing, rig.Status(clip).GivenUp));
        });
        var account = rig.Check(clip);
        Assert.Equal(0, account.GivenUp);
        Assert.Equal(2 * 100 * (rig.Seconds - 2), account.Received, 400.0); // both elements, from the start of their streams on
        if (seconds > 2)
            Assert.InRange(account.Fetched, 200 * seconds, 200 * (seconds + 5));
    }

    [Fact]
    public void What_the_ring_has_overwritten_is_given_up_and_the_rest_fetched()
    {
        var rig = new SupervisorRig(RadioOptions.Perfect with { Outages = [new Outage(TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(3))] });
        var clip = rig.Add(depth: 6000);
        rig.Run(250);
        var account = rig.Check(clip);
        Assert.InRange(account.GivenUp, 2 * 12_000 - 800, 2 * 12_000 + 1600); // of three minutes, the ring keeps one; what comes beside the answer overwrites some more
        Assert.InRange(account.Fetched, 2 * 6000 - 1600, 2 * 6000);
        Assert.All(rig.Records.OfType<SensorRecord.GivenUp>(), g => Assert.Equal(clip.Peripheral.BootId, g.BootId));
    }

    [Fact]
    public void A_reboot_in_the_outage_ends_the_old_boot_and_begins_the_new_one()
    {
        var rig = new SupervisorRig(RadioOptions.Perfect with
        {
            Outages = [new Outage(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30)), new Outage(TimeSpan.FromSeconds(54), TimeSpan.FromSeconds(30))],
        }, new LinkOptions { BacklogSamples = 50 });
        var clip = rig.Add();
        var boot = clip.Peripheral.BootId;
        rig.Run(async cancel =>
        {
            // Back for a moment, with half a minute to fetch by small requests; then it reboots.
            await rig.UntilAsync(60, cancel);
            rig.Reboot(clip);
            await rig.UntilAsync(120, cancel);
            Assert.Equal((LinkState.Streaming, 0L), (rig.Status(clip).State, rig.Status(clip).Missing));
        });
        var account = rig.Check(clip);
        Assert.True(account.GivenUp > 100, $"{account.GivenUp} given up");
        Assert.All(rig.Records.OfType<SensorRecord.GivenUp>(), g => Assert.Equal(boot, g.BootId));
        Assert.Contains(rig.Records.OfType<SensorRecord.Frame>(), f => BitConverter.ToUInt32(f.Bytes.Span[4..]) == clip.Peripheral.BootId);
    }

    [Fact]
    public void Notifications_lost_on_the_way_come_from_the_ring_also_those_of_the_ring()
    {
        var rig = new SupervisorRig(new RadioOptions { NotificationLoss = 0.05 });
        var clip = rig.Add();
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(120, cancel);
            Assert.Equal(0, rig.Status(clip).GivenUp);
        });
        Assert.InRange(rig.Check(clip).Fetched, 600, 2400);
    }

    [Fact]
    public void The_oldest_is_fetched_first_across_the_streams_and_live_frames_keep_their_latency()
    {
        var rig = new SupervisorRig(RadioOptions.Perfect with { Outages = [new Outage(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(55))] });
        var clip = rig.Add();
        rig.Run(100);
        var frames = rig.Records.OfType<SensorRecord.Frame>().Select(f => (f.At, f.Bytes.Span[2], Ticks: BitConverter.ToUInt64(f.Bytes.Span[12..]), Count: f.Bytes.Span[3])).ToList();
        var backlog = frames.Where(f => (f.Item2 & (byte)FrameFlags.Backlog) != 0 && f.Count > 0).ToList();
        var newest = 0UL;
        foreach (var frame in backlog)
        {
            Assert.True(frame.Ticks + 5_100_000 > newest); // within a request of 500 samples
            newest = Math.Max(newest, frame.Ticks);
        }
        var fetching = frames.Where(f => f.At >= backlog[0].At && f.At <= backlog[^1].At && (f.Item2 & (byte)FrameFlags.Backlog) == 0 && f.Count > 1).ToList();
        Assert.NotEmpty(fetching);
        Assert.All(fetching, f => Assert.InRange(f.At.UnixNanoseconds * 1e-9 - clip.Clock.Seconds(f.Ticks), 0, 0.095)); // 60 ms, and two connection intervals
    }

    [Theory]
    [InlineData(ControlStatus.NotAvailable)]
    [InlineData(ControlStatus.WrongBoot)]
    [InlineData(ControlStatus.UnknownOp)]
    [InlineData((ControlStatus)99)]
    public void What_the_sensor_will_not_give_is_given_up(ControlStatus refusal)
    {
        var rig = new SupervisorRig(RadioOptions.Perfect with { Outages = [new Outage(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10))] });
        var clip = rig.Add(depth: refusal == ControlStatus.NotAvailable ? 0u : 6000);
        if (refusal != ControlStatus.NotAvailable)
            clip.Peripheral.Faults.Refuse = request => request is ControlRequest.FetchBacklog ? refusal : null;
        rig.Run(120);
        var account = rig.Check(clip);
        Assert.InRange(account.Fetched, 0, 2); // of the battery
        if (refusal != ControlStatus.NotAvailable) // without a ring, a stream ends with its link, and nothing is missing
            Assert.InRange(account.GivenUp, 1900, 2800);
    }

    [Fact]
    public void A_busy_sensor_is_asked_again()
    {
        var rig = new SupervisorRig(RadioOptions.Perfect with { Outages = [new Outage(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10))] });
        var clip = rig.Add();
        var busy = 0;
        clip.Peripheral.Faults.Refuse = request => request is ControlRequest.FetchBacklog && busy++ < 2 ? ControlStatus.Busy : null;
        rig.Run(60);
        Assert.Equal(0, rig.Check(clip).GivenUp);
        Assert.True(busy > 2);
    }

    [Fact]
    public void A_ring_that_answers_and_sends_nothing_is_given_up_after_some_tries()
    {
        var rig = new SupervisorRig(RadioOptions.Perfect with { Outages = [new Outage(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5))] });
        var clip = rig.Add();
        clip.Peripheral.Faults.Send = value => value.Characteristic == Gatt.Backlog ? null : value.Bytes;
        rig.Run(120);
        Assert.True(rig.Check(clip) is { Fetched: 0, GivenUp: > 1000 });
        Assert.Equal(1, rig.States(clip).Count(l => l.State == LinkState.Lost)); // of the outage: a dead backlog is no reason to disconnect
    }

    [Fact]
    public void Samples_that_a_sensor_could_not_take_are_asked_for_a_few_times_and_given_up()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        var asked = 0;
        clip.Peripheral.Faults.Refuse = request =>
        {
            asked += request is ControlRequest.FetchBacklog ? 1 : 0;
            return null;
        };

        // As if numbers 1000 to 1006 had never been taken: no frame has them.
        clip.Peripheral.Faults.Send = value =>
            value.Bytes[1] == 1 && BitConverter.ToUInt32(value.Bytes, 8) + value.Bytes[3] > 1000 && BitConverter.ToUInt32(value.Bytes, 8) < 1007 ? null : value.Bytes;
        rig.Run(60);
        Assert.InRange(rig.Check(clip).GivenUp, 7, 14);
        Assert.Equal(4, asked);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_what_came_and_what_was_given_up_is_everything_and_nothing_twice(int seed)
    {
        var random = new Random(seed);
        var rig = new SupervisorRig(
            new RadioOptions
            {
                NotificationLoss = random.NextDouble() < 0.5 ? 0 : 0.1 * random.NextDouble(),
                MissedEvents = 0.2 * random.NextDouble(),
                OutagesPerMinute = 4 * random.NextDouble(),
                MeanOutage = TimeSpan.FromSeconds(1 + 30 * random.NextDouble()),
                ConnectionInterval = TimeSpan.FromMilliseconds(7.5 + 40 * random.NextDouble()),
                Mtu = random.Next(64, 248),
            },
            new LinkOptions { BacklogSamples = random.Next(1, 1000), BacklogTries = random.Next(1, 6) }, seed);
        List<VirtualSensor> clips = [.. Enumerable.Range(1, random.Next(1, 4)).Select(i => rig.Add($"SIM0000{i}", random.NextDouble() < 0.1 ? 0 : (uint)random.Next(100, 8000)))];
        rig.Run(async cancel =>
        {
            for (var i = 0; i < 6; i++)
            {
                await rig.WaitAsync(60 * random.NextDouble(), cancel);
                var clip = clips[random.Next(clips.Count)];
                if (random.NextDouble() < 0.3)
                    rig.Reboot(clip);
                else if (random.NextDouble() < 0.3)
                    rig.Links.Want([.. rig.Wanted.Where(_ => random.NextDouble() < 0.7)]);
                else
                    rig.Links.Want([.. rig.Wanted]);
            }
            rig.Links.Want([.. rig.Wanted]);
            await rig.WaitAsync(300, cancel);
        });
        Assert.All(clips, c => Assert.Contains(rig.States(c), l => l.State == LinkState.Streaming));
        foreach (var clip in clips)
            rig.Check(clip);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];
}

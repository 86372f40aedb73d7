using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Tests.Link;

public sealed class RecoveryTests
{
    /// <summary>What makes a sensor send again that has fallen silent on a link that stays up.</summary>
    public enum Cure
    {
        Resubscribing,
        Reconnecting,
        ReconnectingTwice,
        Rediscovering,
        PowerCycling,
    }

    [Theory]
    [InlineData(Cure.Resubscribing, RecoveryStage.Resubscribe, 1, 5)]
    [InlineData(Cure.Reconnecting, RecoveryStage.Reconnect, 2, 12)]
    [InlineData(Cure.ReconnectingTwice, RecoveryStage.Reconnect, 3, 20)]
    [InlineData(Cure.Rediscovering, RecoveryStage.Rediscover, 4, 30)]
    [InlineData(Cure.PowerCycling, RecoveryStage.PowerCycle, 6, 60)]
    public void A_silent_sensor_is_recovered_by_the_mildest_stage_that_helps_and_nothing_is_lost(Cure cure, RecoveryStage last, int connections, double within)
    {
        var rig = new SupervisorRig();
        var clip = rig.Add(depth: 12_000);
        var (connected, isSilent) = (0, false);
        var deepest = RecoveryStage.None;
        rig.Links.Changed += () => deepest = rig.Links.Links.Select(l => l.Stage).Append(deepest).Max();
        clip.Peripheral.Faults.Connected = () =>
        {
            connected++;
            isSilent &= cure switch
            {
                Cure.Reconnecting => connected < 2,
                Cure.ReconnectingTwice => connected < 3,
                Cure.Rediscovering => connected < 4,
                Cure.PowerCycling => rig.Radio.PowerCycles == 0,
                _ => true,
            };
        };
        clip.Peripheral.Faults.Configured = (characteristic, enable) =>
        {
            if (cure == Cure.Resubscribing && characteristic == Gatt.Data && !enable)
                isSilent = false;
        };
        clip.Peripheral.Faults.Send = value => isSilent ? null : value.Bytes;
        rig.Run(async cancel =>
        {
            await rig.UntilAsync(20, cancel);
            isSilent = true;
            await rig.WaitAsync(2.2, cancel);
            Assert.Contains(rig.States(clip), l => l is { State: LinkState.Stalled, Reason: "clip-sim00001 is connected, but no IMU samples arrive." });
            while (isSilent || rig.Status(clip).State != LinkState.Streaming)
            {
                Assert.True(rig.Seconds < 20 + within);
                await rig.WaitAsync(0.5, cancel);
            }
            await rig.WaitAsync(45, cancel);
            Assert.Equal((LinkState.Streaming, RecoveryStage.None, 0L), (rig.Status(clip).State, rig.Status(clip).Stage, rig.Status(clip).Missing)); // reset on success
        });
        Assert.Equal((last, connections), (deepest, connected));
        Assert.Equal(cure == Cure.PowerCycling ? 1 : 0, rig.Radio.PowerCycles);
        var account = rig.Check(clip);
        Assert.True(account.GivenUp == 0 && account.Fetched > 100);
    }

    [Fact]
    public void At_the_end_of_its_means_the_hub_says_what_a_person_can_do_and_goes_on_trying()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        var isSilent = true;
        clip.Peripheral.Faults.Send = value => isSilent ? null : value.Bytes;
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(300, cancel);
            Assert.Equal(RecoveryStage.RestartHint, rig.Status(clip).Stage);
            var hint = rig.States(clip).Last(l => l.State == LinkState.Lost).Reason;
            Assert.Equal(
                "clip-sim00001 is connected, but no IMU samples arrive. Connecting, searching and the adapter did not help: " +
                "switch the sensor off and on, then restart the computer's Bluetooth (Linux: sudo systemctl restart bluetooth).", hint);
            Assert.Equal(1, rig.Radio.PowerCycles);
            Assert.DoesNotContain(rig.States(clip), l => l.State == LinkState.Streaming); // which means that samples arrive
            isSilent = false;
            await rig.WaitAsync(75, cancel);
            Assert.Equal((LinkState.Streaming, RecoveryStage.None), (rig.Status(clip).State, rig.Status(clip).Stage));
        });
    }

    [Fact]
    public void The_adapter_stays_on_while_another_sensor_streams_through_it()
    {
        var rig = new SupervisorRig();
        var (healthy, silent) = (rig.Add("SIM00001"), rig.Add("SIM00002"));
        silent.Peripheral.Faults.Send = _ => null;
        rig.Run(300);
        Assert.Equal(0, rig.Radio.PowerCycles);
        Assert.DoesNotContain(rig.States(healthy), l => l.State is LinkState.Lost or LinkState.Stalled);
        Assert.Equal(0, rig.Check(healthy).Fetched);
    }

    [Fact]
    public void One_silent_stream_of_several_is_a_stall_too()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        var isSilent = false;
        clip.Peripheral.Faults.Send = value => isSilent && value.Bytes[1] == 2 ? null : value.Bytes;
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(20, cancel);
            isSilent = true;
            await rig.WaitAsync(2.5, cancel);
            Assert.Equal(LinkState.Stalled, rig.Status(clip).State);
            isSilent = false;
            await rig.WaitAsync(5, cancel);
            Assert.Equal(LinkState.Streaming, rig.Status(clip).State);
        });
        Assert.Equal(0, rig.Check(clip).GivenUp);
    }

    [Fact]
    public void A_battery_that_is_not_read_is_said_and_the_others_stream()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        clip.Peripheral.Faults.Send = value => value.Bytes[1] == 4 ? null : value.Bytes;
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(60, cancel);
            Assert.Equal((LinkState.Streaming, "clip-sim00001 does not read its battery: charge it in good time, and update its firmware."), (rig.Status(clip).State, rig.Status(clip).Trouble));
        });
        Assert.DoesNotContain(rig.States(clip), l => l.State is LinkState.Stalled or LinkState.Lost);
    }

    [Fact]
    public void A_sensor_that_is_heard_and_cannot_be_connected_goes_through_the_stages()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        rig.Radio.Faults.RefuseConnection = _ => rig.Radio.PowerCycles == 0 ? "The connection was refused by the adapter." : null;
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(10, cancel);
            Assert.True(rig.Status(clip) is { Tries: > 1, Stage: >= RecoveryStage.Reconnect });
            await rig.WaitAsync(110, cancel);
            Assert.Equal((LinkState.Streaming, 1), (rig.Status(clip).State, rig.Radio.PowerCycles));
        });
    }

    [Fact]
    public void A_sensor_in_its_charger_is_left_connected_and_starts_when_it_is_taken_out()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        clip.Report(0, EventCode.ChargerConnected, 0);
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(100, cancel);
            Assert.Equal(LinkState.Refused, rig.Status(clip).State);
            Assert.Equal("clip-sim00001 does not start its IMU stream: it is in its charger, and measures again when it is taken out.", rig.Status(clip).Trouble);
            clip.Report(rig.Seconds, EventCode.ChargerRemoved, 0);
            await rig.WaitAsync(6, cancel);
            Assert.Equal((LinkState.Streaming, RecoveryStage.None), (rig.Status(clip).State, rig.Status(clip).Stage));
            clip.Report(rig.Seconds, EventCode.ChargerConnected, 0);
            await rig.WaitAsync(6, cancel);
            Assert.Equal(LinkState.Refused, rig.Status(clip).State);
        });
        Assert.Single(rig.States(clip), l => l.State == LinkState.Connecting);
    }

    [Fact]
    public void A_stream_that_will_not_start_is_said_and_the_others_flow()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        var isBroken = true;
        clip.Peripheral.Faults.Refuse = request => isBroken && request is ControlRequest.Start { Stream: 2 } ? ControlStatus.NotAvailable : null;
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(60, cancel);
            Assert.Equal(LinkState.Stalled, rig.Status(clip).State);
            Assert.Equal("clip-sim00001 does not start its IMU stream: a part of it does not work; switch it off and on, and have it repaired if that does not help.", rig.Status(clip).Trouble);
            Assert.Equal(100, rig.Status(clip).SamplesPerSecond, 2.0);
            isBroken = false;
            await rig.WaitAsync(6, cancel);
            Assert.Equal(LinkState.Streaming, rig.Status(clip).State);
        });
        Assert.Single(rig.States(clip), l => l.State == LinkState.Connecting);
    }

    [Fact]
    public void A_stream_that_is_said_to_be_on_already_is_started_anew()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        var refusals = 0;
        clip.Peripheral.Faults.Refuse = request => request is ControlRequest.Start { Stream: 1 } && refusals++ == 0 ? ControlStatus.AlreadyInState : null;
        rig.Run(5);
        Assert.Equal(2, refusals);
        Assert.Contains(rig.States(clip), l => l.State == LinkState.Streaming);
    }

    [Fact]
    public void Garbage_cut_off_frames_and_a_false_rate_are_said_and_the_others_keep_streaming()
    {
        var rig = new SupervisorRig();
        var (healthy, garbage, cut, slow, half) = (rig.Add("SIM00001"), rig.Add("SIM00002"), rig.Add("SIM00003"), rig.Add("SIM00004"), rig.Add("SIM00005"));
        var random = new Random(1);
        garbage.Peripheral.Faults.Send = value =>
        {
            var bytes = value.Bytes;
            if (random.NextDouble() < 0.5)
                random.NextBytes(bytes);
            return bytes;
        };
        cut.Peripheral.Faults.Send = value => value.Bytes[..^5];
        slow.Peripheral.Faults.Send = value => EverySecond(value.Bytes);
        half.Peripheral.Faults.Send = value => Halved(value.Bytes);
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(40, cancel);
            Assert.Equal((LinkState.Streaming, null), (rig.Status(healthy).State, rig.Status(healthy).Trouble));
            Assert.Matches(@"^\d+ of the last \d+ frames of clip-sim00002 cannot be read \(.+\): update its firmware\.$", rig.Status(garbage).Trouble);
            Assert.NotEqual(LinkState.Streaming, rig.Status(cut).State);
            Assert.Contains(rig.States(cut), l => l.Reason == "clip-sim00003 is connected, but no IMU samples arrive: its frames cannot be read (cut off, or too long).");
            Assert.Equal((LinkState.Streaming, "clip-sim00004 was asked for 100 samples/s of its IMU stream and sends 50: update its firmware."), (rig.Status(slow).State, rig.Status(slow).Trouble));
            Assert.Equal(LinkState.Streaming, rig.Status(half).State);
            Assert.Matches(@"^clip-sim00005 says that its IMU stream has 100 samples/s and sends (49|50|51)\S*: update its firmware\.$", rig.Status(half).Trouble);
        });
        Assert.Equal(0, rig.Check(healthy).Fetched);
        Assert.DoesNotContain(rig.States(healthy), l => l.State is LinkState.Lost or LinkState.Stalled);

        // Another period than it was started with, and all in order.
        static byte[] EverySecond(byte[] bytes)
        {
            if (bytes[1] > 2)
                return bytes;
            var first = BitConverter.ToUInt32(bytes, 8);
            var kept = Enumerable.Range(0, bytes[3]).Where(i => (first + i) % 2 == 0).ToList();
            return
            [
                .. bytes[..3], (byte)kept.Count, .. bytes[4..8], .. BitConverter.GetBytes((first + 1) / 2),
                .. BitConverter.GetBytes(BitConverter.ToUInt64(bytes, 12) + (ulong)kept[0] * SupervisorRig.Period), .. BitConverter.GetBytes(2 * SupervisorRig.Period),
                .. kept.SelectMany(i => bytes[(24 + 12 * i)..(36 + 12 * i)]),
            ];
        }

        // Half the numbers in the same time, each frame as if it had the whole rate.
        static byte[] Halved(byte[] bytes) =>
            [.. bytes[..8], .. BitConverter.GetBytes(BitConverter.ToUInt32(bytes, 8) / 2), .. bytes[12..]];
    }

    [Fact]
    public void Frames_that_nobody_can_read_and_foreign_advertisements_disturb_nothing()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        var frames = 0;
        clip.Peripheral.Faults.Send = value => ++frames % 50 == 0 ? [0xff, 1, 2] : value.Bytes;
        rig.Run(async cancel =>
        {
            using var listening = rig.Links.Listen();
            await rig.WaitAsync(60, cancel);
            Assert.Equal((LinkState.Streaming, null), (rig.Status(clip).State, rig.Status(clip).Trouble));
            Assert.InRange(rig.Status(clip).Malformed, 20, 60);
        });
        Assert.Single(rig.States(clip), l => l.State == LinkState.Connecting);
        Assert.Equal(0, rig.Check(clip).GivenUp); // asked for again
    }
}

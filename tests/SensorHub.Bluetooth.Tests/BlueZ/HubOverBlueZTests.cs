using System.Buffers.Binary;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core.Protocol;
using SensorHub.Testing.FakeBlueZ;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.Tests.BlueZ;

/// <summary>What the records say when BlueZ or a sensor does wrong: nothing is lost, and the others do not notice.</summary>
public sealed class HubOverBlueZTests
{
    [Fact]
    public async Task What_a_sensor_measured_while_bluetoothd_was_gone_is_fetched_when_it_is_back()
    {
        await using var hub = await HubRig.StartAsync();
        FakeSensor[] sensors = [hub.Radio.Adapter.AddClip(1), hub.Radio.Adapter.AddRoller(2)];
        hub.Want(sensors);
        foreach (var sensor in sensors)
            await hub.StreamAsync(sensor);
        await hub.Radio.Daemon.StopAsync();
        await BlueZRig.UntilAsync(() => hub.Links.Radio is not null, "the hub says that the radio cannot be used");
        Assert.Contains("sudo systemctl start bluetooth", hub.Links.Radio, StringComparison.Ordinal);
        await hub.Radio.Daemon.StartAgainAsync();
        foreach (var sensor in sensors)
        {
            await hub.StreamAsync(sensor);
            Assert.True(hub.Status(sensor)!.Fetched > 0);
            hub.AssertNothingMissing(sensor);
            Assert.Equal(2, sensor.Links);
        }
        Assert.Null(hub.Links.Radio);
    }

    [Fact]
    public async Task After_an_adapter_was_off_or_unplugged_the_links_come_back()
    {
        await using var hub = await HubRig.StartAsync();
        var sensor = hub.Radio.Adapter.AddClip(1);
        hub.Want(sensor);
        await hub.StreamAsync(sensor);
        hub.Radio.Adapter.PowerOff(); // and the hub switches it on
        await BlueZRig.UntilAsync(() => sensor.Links == 2, "another link");
        await hub.StreamAsync(sensor);
        hub.AssertNothingMissing(sensor);
    }

    [Fact]
    public async Task Frames_fit_the_MTU_of_each_link_and_nothing_is_missing_between()
    {
        await using var hub = await HubRig.StartAsync();
        var sensor = hub.Radio.Adapter.AddClip(1);
        hub.Want(sensor);
        foreach (var mtu in new[] { 247, 64, 185 })
        {
            sensor.Mtu = mtu;
            var before = hub.Records.Count;
            if (sensor.Links > 0)
                sensor.DropLink();
            await BlueZRig.UntilAsync(() => hub.Status(sensor) is { State: LinkState.Streaming } status && status.Mtu == mtu, $"streaming at an MTU of {mtu}");
            await hub.StreamAsync(sensor);
            Assert.Equal(mtu, hub.Status(sensor)!.Mtu);
            Assert.All(hub.Records.Skip(before).SkipWhile(r => sensor.Links > 1 && r is not SensorRecord.Described).OfType<SensorRecord.Frame>(), f => Assert.InRange(f.Bytes.Length, 24, mtu - 3));
        }
        hub.AssertNothingMissing(sensor);
    }

    [Fact]
    public async Task A_link_lost_during_StartNotify_is_made_again()
    {
        await using var hub = await HubRig.StartAsync();
        var sensor = hub.Radio.Adapter.AddClip(1);
        sensor.Characteristic(Profile.Control).Before("StartNotify", sensor.DropLink);
        sensor.Characteristic(Profile.Data).After("AcquireNotify", () =>
        {
            sensor.DropLink();
            return Task.CompletedTask;
        });
        hub.Want(sensor);
        await hub.StreamAsync(sensor);
        Assert.Equal(3, sensor.Links);
        hub.AssertNothingMissing(sensor);
    }

    [Fact]
    public async Task A_sensor_whose_service_goes_away_while_it_streams_streams_again_when_it_is_back()
    {
        await using var hub = await HubRig.StartAsync();
        var sensor = hub.Radio.Adapter.AddClip(1);
        hub.Want(sensor);
        await hub.StreamAsync(sensor);
        sensor.RemoveService();
        await hub.UntilAsync(sensor, LinkState.Lost);
        sensor.RestoreService();
        await hub.StreamAsync(sensor);
        hub.AssertNothingMissing(sensor);
    }

    [Fact]
    public async Task Notifications_that_come_twice_late_or_not_at_all_leave_no_gap()
    {
        await using var hub = await HubRig.StartAsync();
        var sensor = hub.Radio.Adapter.AddClip(1);
        var number = 0;
        GattValue? held = null;
        sensor.OnAir = value =>
        {
            if (value.Characteristic != Profile.Data)
                return [value];
            switch (number++ % 10)
            {
                case 3:
                    return [value, value];
                case 5:
                    held = value;
                    return [];
                case 6:
                    return [value, held!.Value];
                case 8:
                    return [];
                default:
                    return [value];
            }
        };
        hub.Want(sensor);
        await hub.StreamAsync(sensor, samples: 600);
        sensor.OnAir = value => [value];
        await hub.StreamAsync(sensor);
        hub.AssertNothingMissing(sensor);
        Assert.True(hub.Status(sensor)!.Fetched > 0);
        Assert.Equal(1, sensor.Links);
    }

    [Fact]
    public async Task A_sensor_that_reboots_begins_anew()
    {
        await using var hub = await HubRig.StartAsync();
        var sensor = hub.Radio.Adapter.AddClip(1);
        hub.Want(sensor);
        await hub.StreamAsync(sensor);
        sensor.Reboot();
        await BlueZRig.UntilAsync(() => sensor.Links == 2, "another link");
        await hub.StreamAsync(sensor);
        Assert.Equal(2, hub.Records.OfType<SensorRecord.Frame>().Select(f => BinaryPrimitives.ReadUInt32LittleEndian(f.Bytes.Span[4..])).Distinct().Count());
        hub.AssertNothingMissing(sensor);
    }

    [Fact]
    public async Task Hundreds_of_foreign_devices_do_not_disturb()
    {
        await using var hub = await HubRig.StartAsync();
        hub.Radio.Adapter.AddForeign(300);
        hub.Radio.Adapter.IsDiscoveredByOthers = true;
        var sensor = hub.Radio.Adapter.AddClip(1);
        hub.Want(sensor);
        await hub.StreamAsync(sensor);
        Assert.True(hub.Links.Nearby.Count <= 1);
        hub.AssertNothingMissing(sensor);
    }

    [Fact]
    public async Task Sensors_that_misbehave_each_get_their_message_and_the_others_go_on_streaming()
    {
        await using var hub = await HubRig.StartAsync();
        var adapter = hub.Radio.Adapter;
        FakeSensor[] healthy = [adapter.AddClip(1), adapter.AddRoller(2)];
        var future = adapter.AddClip(11);
        future.OnRead = (characteristic, value) => characteristic == Profile.Descriptor ? [2, .. value[1..]] : value;
        var unknownStream = adapter.AddClip(12);
        unknownStream.OnAir = value => value.Characteristic == Profile.Data ? [value, value with { Bytes = [value.Bytes[0], 99, .. value.Bytes[2..]] }] : [value];
        var liar = adapter.AddClip(13);
        liar.OnAir = new Slowed().Send;
        var garbage = adapter.AddClip(14);
        var random = new Random(1);
        garbage.OnAir = value =>
        {
            if (value.Characteristic != Profile.Data)
                return [value];
            var noise = new byte[random.Next(1, 244)];
            random.NextBytes(noise);
            return [value with { Bytes = noise }];
        };
        var cutOff = adapter.AddClip(15);
        var sent = 0;
        cutOff.OnAir = value => value.Characteristic != Profile.Data ? [value] : ++sent switch
        {
            < 20 => [value],
            20 => [value with { Bytes = value.Bytes[..(value.Bytes.Length / 2)] }],
            _ => [],
        };

        hub.Want([.. healthy, future, unknownStream, liar, garbage, cutOff]);
        await hub.UntilAsync(future, LinkState.Refused, "speaks protocol 2.x, and this hub 1.x: update the one that is older.");
        await hub.UntilAsync(garbage, LinkState.Stalled, "its frames cannot be read");
        await hub.UntilAsync(cutOff, LinkState.Stalled, "no IMU samples arrive");
        await hub.UntilAsync(unknownStream, LinkState.Streaming, "of a stream that it does not describe");
        await hub.UntilAsync(liar, LinkState.Streaming, "says that its IMU stream has 100 samples/s and sends 50");
        Assert.All([future, unknownStream, liar, garbage, cutOff], s => Assert.All(hub.States(s), state => Assert.DoesNotContain(s.Address, state.Reason, StringComparison.OrdinalIgnoreCase)));
        Assert.True(hub.Status(unknownStream)!.Malformed > 0);
        foreach (var sensor in healthy)
        {
            await hub.StreamAsync(sensor);
            Assert.Equal(1, sensor.Links);
            Assert.Equal([LinkState.Streaming], hub.States(sensor).SkipWhile(s => s.State != LinkState.Streaming).Select(s => s.State));
            Assert.Equal(0, hub.Status(sensor)!.Malformed);
            hub.AssertNothingMissing(sensor);
        }
    }

    /// <summary>Numbers and times its samples as if there were 100 a second, and sends every other frame.</summary>
    private sealed class Slowed
    {
        private readonly Dictionary<byte, (int Frames, uint Sequence, ulong Ticks)> _next = [];

        public IEnumerable<GattValue> Send(GattValue value)
        {
            if (value.Characteristic != Profile.Data)
                return [value];
            var (stream, count) = (value.Bytes[1], value.Bytes[3]);
            var period = BinaryPrimitives.ReadUInt32LittleEndian(value.Bytes.AsSpan(20));
            if (!_next.TryGetValue(stream, out var next))
                next = (0, BinaryPrimitives.ReadUInt32LittleEndian(value.Bytes.AsSpan(8)), BinaryPrimitives.ReadUInt64LittleEndian(value.Bytes.AsSpan(12)));
            if (next.Frames++ % 2 == 1)
            {
                _next[stream] = next;
                return [];
            }
            var bytes = value.Bytes.ToArray();
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), next.Sequence);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(12), next.Ticks);
            _next[stream] = (next.Frames, next.Sequence + count, next.Ticks + (ulong)count * period);
            return [value with { Bytes = bytes }];
        }
    }
}

using SensorHub.Bluetooth.BlueZ;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core.Protocol;
using SensorHub.Testing;
using SensorHub.Testing.FakeBlueZ;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.Tests.BlueZ;

/// <summary>The hub's central against a bluetoothd that behaves, and one that does not.</summary>
public sealed class BlueZCentralTests
{
    [Fact]
    public async Task A_scan_hears_our_sensors_among_hundreds_of_foreign_devices()
    {
        await using var rig = await BlueZRig.StartAsync();
        rig.Adapter.AddForeign(300);
        rig.Adapter.IsDiscoveredByOthers = true;
        FakeSensor[] sensors = [rig.Adapter.AddRoller(1), rig.Adapter.AddClip(2)];
        var heard = new Dictionary<string, int>();
        await foreach (var advertisement in rig.Central.ScanAsync(BlueZRig.Cancel))
        {
            Assert.Contains(sensors, s => s.Address == advertisement.Address && s.Sensor.Name == advertisement.Name && advertisement.Rssi is < -50);
            heard[advertisement.Address] = heard.GetValueOrDefault(advertisement.Address) + 1;
            if (heard.Count == 2 && heard.Values.All(count => count >= 3))
                break;
        }
        await BlueZRig.UntilAsync(() => !rig.Adapter.IsDiscovering, "discovery ends with the scan");
    }

    [Fact]
    public async Task A_sensor_whose_link_a_killed_hub_left_behind_is_found_though_it_does_not_advertise()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddRoller(1);
        await using (var killed = new BlueZCentral(rig.Options))
            await killed.ConnectAsync(sensor.Address, BlueZRig.Cancel);
        Assert.True(sensor.IsConnected);
        Assert.Equal(sensor.Address, (await rig.HearAsync().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System)).Address);
        await rig.ConnectAsync(sensor);
        Assert.Equal(1, sensor.Links);
    }

    [Fact]
    public async Task A_sensor_is_connected_read_encrypted_and_streams_by_sockets_or_by_signals()
    {
        await using var rig = await BlueZRig.StartAsync();
        var bySocket = rig.Adapter.AddClip(1);
        var bySignal = rig.Adapter.AddRoller(2);
        foreach (var characteristic in new[] { Profile.Data, Profile.Backlog })
            bySignal.Characteristic(characteristic).OffersAcquire = false;
        foreach (var sensor in new[] { bySocket, bySignal })
        {
            await using var end = await rig.OpenAsync(sensor);
            Assert.Equal(247, end.Connection.Mtu);
            Assert.Equal(SensorDescriptorCodec.Encode(sensor.Sensor.Peripheral.Descriptor), (await end.Connection.ReadAsync(Profile.Descriptor, BlueZRig.Cancel)).ToArray());
            await end.StartAsync();
            await end.Frames.UntilAsync(30);
            AssertUnbroken(end.Frames.All);
            Assert.Equal(DecodeStatus.Ok, ControlCodec.Decode(end.Responses.All[0], out ControlResponse? response));
            Assert.IsType<ControlResponse.Started>(response);
            await end.DisposeAsync();
            Assert.False(sensor.IsConnected);
            Assert.Equal("closed by the hub", await end.Connection.Lost);
        }
    }

    [Fact]
    public async Task The_battery_is_read_although_BlueZ_hides_its_characteristic()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using var connection = await rig.ConnectAsync(sensor);
        Assert.Equal(AttError.None, sensor.Sensor.Peripheral.Read(StandardServices.BatteryLevel, out var level));
        Assert.Equal(level, (await connection.ReadAsync(StandardServices.BatteryLevel, BlueZRig.Cancel)).ToArray());
        Assert.Equal(sensor.Sensor.Peripheral.Descriptor.Serial, System.Text.Encoding.UTF8.GetString((await connection.ReadAsync(StandardServices.SerialNumber, BlueZRig.Cancel)).Span));
    }

    [Fact]
    public async Task After_the_end_of_a_subscription_nothing_is_received()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using var end = await rig.OpenAsync(sensor);
        await end.StartAsync();
        await end.Frames.UntilAsync(3);
        await end.Connection.UnsubscribeAsync(Profile.Data, BlueZRig.Cancel);
        await BlueZRig.UntilAsync(() => !sensor.Characteristic(Profile.Data).IsNotifying, "notifications are off");
        var count = end.Frames.Count;
        await end.Connection.SubscribeAsync(Profile.Data, end.Frames.Add, BlueZRig.Cancel);
        await end.StartAsync();
        await end.Frames.UntilAsync(count + 3);
        Assert.True(end.Connection.Lost is { IsCompleted: false });
    }

    [Fact]
    public async Task Services_that_are_resolved_slowly_are_waited_for()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        sensor.DiscoveryDelay = TimeSpan.FromSeconds(1.5);
        await using var connection = await rig.ConnectAsync(sensor);
        Assert.NotEmpty((await connection.ReadAsync(Profile.Descriptor, BlueZRig.Cancel)).ToArray());
    }

    [Fact]
    public async Task Services_that_are_never_resolved_are_said_so()
    {
        await using var rig = await BlueZRig.StartAsync(o => o with { DiscoveryTimeout = TimeSpan.FromSeconds(1) });
        var sensor = rig.Adapter.AddClip(1);
        sensor.DiscoveryDelay = TimeSpan.FromHours(1);
        var e = await Assert.ThrowsAsync<LinkException>(() => rig.ConnectAsync(sensor));
        Assert.Equal("The sensor's services were not found within 1 s. Bring it nearer, or switch it off and on.", e.Message);
        await BlueZRig.UntilAsync(() => !sensor.IsConnected, "the link is not left behind");
    }

    [Fact]
    public async Task ServicesResolved_before_the_characteristics_exist_is_not_believed()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        sensor.ResolvedTooEarlyBy = TimeSpan.FromSeconds(0.5);
        await using var end = await rig.OpenAsync(sensor);
        await end.StartAsync();
        await end.Frames.UntilAsync(3);
    }

    [Theory]
    [InlineData("StartDiscovery")]
    [InlineData("Connect")]
    [InlineData("Pair")]
    [InlineData("ReadValue")]
    [InlineData("StartNotify")]
    [InlineData("AcquireNotify")]
    [InlineData("WriteValue")]
    public async Task BlueZ_that_is_busy_is_asked_again(string member)
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        FakeObject busy = member switch
        {
            "StartDiscovery" => rig.Adapter,
            "Connect" or "Pair" => sensor,
            "ReadValue" => sensor.Characteristic(Profile.Descriptor),
            "AcquireNotify" => sensor.Characteristic(Profile.Data),
            _ => sensor.Characteristic(Profile.Control),
        };
        busy.Fail(member, BlueZError.InProgress, times: 2);
        await using var end = await rig.OpenAsync(sensor);
        Assert.NotEmpty((await end.Connection.ReadAsync(Profile.Descriptor, BlueZRig.Cancel)).ToArray());
        await end.StartAsync();
        await end.Frames.UntilAsync(2);
    }

    [Fact]
    public async Task A_link_that_is_lost_during_StartNotify_ends_the_subscription_with_the_reason()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using var connection = await rig.ConnectAsync(sensor);
        await connection.EncryptAsync(BlueZRig.Cancel);
        sensor.Characteristic(Profile.Control).Before("StartNotify", sensor.DropLink);
        var e = await Assert.ThrowsAsync<LinkException>(() => connection.SubscribeAsync(Profile.Control, _ => { }, BlueZRig.Cancel));
        Assert.Equal("The link was lost: the sensor went out of range, was switched off, or closed it.", e.Message);
        Assert.Equal("the sensor went out of range, was switched off, or closed it", await connection.Lost);

        await using var end = await rig.OpenAsync(sensor);
        await end.StartAsync();
        await end.Frames.UntilAsync(2);
    }

    [Fact]
    public async Task A_call_that_BlueZ_never_answers_ends_with_the_link()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using var connection = await rig.ConnectAsync(sensor);
        sensor.Characteristic(Profile.Descriptor).Before("ReadValue", async () =>
        {
            sensor.DropLink();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, BlueZRig.Cancel);
            return null;
        });
        var e = await Assert.ThrowsAsync<LinkException>(() => connection.ReadAsync(Profile.Descriptor, BlueZRig.Cancel));
        Assert.StartsWith("The link was lost: ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("StartNotify")]
    [InlineData("AcquireNotify")]
    public async Task Notifications_before_the_reply_to_the_subscription_are_received(string member)
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        var data = sensor.Characteristic(Profile.Data);
        data.OffersAcquire = member == "AcquireNotify";
        await using var connection = await rig.ConnectAsync(sensor);
        await connection.EncryptAsync(BlueZRig.Cancel);
        data.After(member, () =>
        {
            for (byte i = 1; i <= 5; i++)
                sensor.Send(Profile.Data, [i]);
            return Task.CompletedTask;
        });
        var received = new Arrivals();
        await connection.SubscribeAsync(Profile.Data, received.Add, BlueZRig.Cancel);
        await received.UntilAsync(5);
        Assert.Equal([1, 2, 3, 4, 5], received.All.Select(v => (int)Assert.Single(v)));
    }

    [Fact]
    public async Task Values_come_once_each_and_in_order_however_many_at_once()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        foreach (var acquires in new[] { true, false })
        {
            sensor.Characteristic(Profile.Data).OffersAcquire = acquires;
            await using var end = await rig.OpenAsync(sensor);
            for (var burst = 0; burst < 5; burst++)
            {
                for (var i = 0; i < 200; i++)
                    sensor.Send(Profile.Data, BitConverter.GetBytes(200 * burst + i));
                await end.Frames.UntilAsync(200 * (burst + 1));
            }
            Assert.Equal(Enumerable.Range(0, 1000), end.Frames.All.Select(v => BitConverter.ToInt32(v)));
        }
    }

    [Fact]
    public async Task Services_that_are_removed_while_streaming_end_the_link_with_that_reason()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using var end = await rig.OpenAsync(sensor);
        await end.StartAsync();
        await end.Frames.UntilAsync(2);
        sensor.RemoveService();
        Assert.Contains(await end.Connection.Lost.WaitAsync(BlueZRig.Cancel), new[] { "the sensor took its services away", "the radio closed the sensor's data" });
        await end.DisposeAsync();
        sensor.RestoreService();
        await using var again = await rig.OpenAsync(sensor);
        await again.StartAsync();
        await again.Frames.UntilAsync(2);
    }

    [Fact]
    public async Task Bluetoothd_may_go_and_come_back()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using var end = await rig.OpenAsync(sensor);
        await end.StartAsync();
        await end.Frames.UntilAsync(2);
        await rig.Daemon.StopAsync();
        await end.Connection.Lost.WaitAsync(BlueZRig.Cancel);
        await Assert.ThrowsAsync<LinkException>(() => end.Connection.ReadAsync(Profile.Descriptor, BlueZRig.Cancel));
        var e = await Assert.ThrowsAsync<RadioException>(() => rig.ConnectAsync(sensor));
        Assert.StartsWith("The Bluetooth service (bluetoothd) is not running: sudo systemctl start bluetooth", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RadioException>(rig.HearAsync);

        await rig.Daemon.StartAgainAsync();
        await using var again = await rig.OpenAsync(sensor);
        await again.StartAsync();
        await again.Frames.UntilAsync(2);
        await again.DisposeAsync();
        Assert.Equal(sensor.Address, (await rig.HearAsync()).Address);
    }

    [Fact]
    public async Task A_scan_ends_with_bluetoothd_and_the_next_one_works()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        var heard = new TaskCompletionSource();
        var scan = Task.Run(async () =>
        {
            await foreach (var _ in rig.Central.ScanAsync(BlueZRig.Cancel))
                heard.TrySetResult();
        });
        await heard.Task;
        await rig.Daemon.StopAsync();
        await Assert.ThrowsAsync<RadioException>(() => scan);
        await rig.Daemon.StartAgainAsync();
        Assert.Equal(sensor.Address, (await rig.HearAsync()).Address);
    }

    [Fact]
    public async Task After_the_bus_was_gone_everything_is_opened_anew()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using (var connection = await rig.ConnectAsync(sensor))
        {
            await rig.Bus.StopAsync();
            await connection.Lost.WaitAsync(BlueZRig.Cancel);
        }
        await Assert.ThrowsAsync<RadioException>(() => rig.ConnectAsync(sensor));
        await rig.Daemon.StopAsync();
        await rig.Bus.StartAgainAsync();
        await rig.Daemon.StartAgainAsync();
        await using var again = await rig.ConnectAsync(sensor);
    }

    [Fact]
    public async Task The_MTU_is_that_of_this_link_and_not_of_the_one_before()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        foreach (var mtu in new[] { 247, 64, 185, 23, 517 })
        {
            sensor.Mtu = mtu;
            await using var connection = await rig.ConnectAsync(sensor);
            Assert.Equal(mtu, connection.Mtu);
            if (!sensor.IsPaired)
                await connection.EncryptAsync(BlueZRig.Cancel); // from now on BlueZ keeps the objects
        }
    }

    [Fact]
    public async Task A_sensor_that_is_out_of_range_is_said_so_and_BlueZ_is_told_to_give_up()
    {
        await using var rig = await BlueZRig.StartAsync(o => o with { ConnectTimeout = TimeSpan.FromSeconds(1) });
        var sensor = rig.Adapter.AddClip(1);
        sensor.IsInRange = false;
        var e = await Assert.ThrowsAsync<LinkException>(() => rig.ConnectAsync(sensor));
        Assert.Equal("The sensor did not answer within 1 s. Is it switched on, charged and near, and not connected to another hub?", e.Message);
        sensor.IsInRange = true;
        Assert.Equal(sensor.Address, (await rig.HearAsync()).Address);
        sensor.IsInRange = false;
        sensor.ConnectTimeout = TimeSpan.FromHours(1);
        e = await Assert.ThrowsAsync<LinkException>(() => rig.ConnectAsync(sensor));
        Assert.StartsWith("The sensor did not answer within 1 s.", e.Message, StringComparison.Ordinal);
        sensor.IsInRange = true;
        await using var connection = await rig.ConnectAsync(sensor);
        Assert.Equal(1, sensor.Links);
    }

    [Fact]
    public async Task Cancelling_a_connect_leaves_no_link_behind()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        sensor.ConnectDelay = TimeSpan.FromHours(1);
        await rig.HearAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(BlueZRig.Cancel);
        var connecting = new TaskCompletionSource();
        sensor.Before("Connect", connecting.SetResult);
        var connect = rig.Central.ConnectAsync(sensor.Address, cancel.Token);
        await connecting.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connect);
        sensor.ConnectDelay = TimeSpan.Zero;
        await using var connection = await rig.ConnectAsync(sensor);
        Assert.Equal(1, sensor.Links);
    }

    [Fact]
    public async Task Forgetting_ends_the_bond_and_what_is_not_known_is_no_error()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using (var connection = await rig.ConnectAsync(sensor))
            await connection.EncryptAsync(BlueZRig.Cancel);
        Assert.True(sensor.IsPaired);
        await rig.Central.ForgetAsync(sensor.Address, BlueZRig.Cancel);
        Assert.False(sensor.IsPaired);
        await rig.Central.ForgetAsync("00:00:00:00:00:01", BlueZRig.Cancel);
        await using var again = await rig.ConnectAsync(sensor);
        Assert.False(sensor.IsPaired);
    }

    [Fact]
    public async Task A_power_cycle_ends_every_link_and_leaves_the_adapter_on()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        await using var connection = await rig.ConnectAsync(sensor);
        await rig.Central.PowerCycleAsync(BlueZRig.Cancel);
        await connection.Lost.WaitAsync(BlueZRig.Cancel);
        Assert.True(rig.Adapter.IsPowered);
        await using var again = await rig.ConnectAsync(sensor);
    }

    [Fact]
    public async Task Of_several_adapters_the_chosen_one_is_used_and_the_others_are_left_alone()
    {
        await using var rig = await BlueZRig.StartAsync(o => o with { Adapter = "hci1" });
        var other = rig.Adapter.AddClip(1);
        var chosen = rig.Daemon.AddAdapter("hci1");
        var sensor = chosen.AddClip(2);
        Assert.Equal(sensor.Address, (await rig.HearAsync()).Address);
        Assert.False(rig.Adapter.IsDiscovering);
        await using var connection = await rig.ConnectAsync(sensor);
        await rig.Central.PowerCycleAsync(BlueZRig.Cancel);
        Assert.Equal((0, 1), (other.Links, sensor.Links));

        rig.Daemon.Remove(chosen);
        const string Gone = "There is no Bluetooth adapter hci1: choose one of hci0, or plug it in.";
        while ((await Assert.ThrowsAnyAsync<LinkException>(() => rig.ConnectAsync(sensor))).Message != Gone)
            BlueZRig.Cancel.ThrowIfCancellationRequested(); // the news is on its way
    }

    /// <summary>Numbers of the first IMU stream follow on.</summary>
    private static void AssertUnbroken(IEnumerable<byte[]> frames)
    {
        uint? next = null;
        foreach (var bytes in frames)
        {
            Assert.Equal(DecodeStatus.Ok, FrameCodec.Decode(bytes, out var frame));
            Assert.True(next is null || frame.Header.Sequence == next, "A frame is missing or out of order.");
            next = frame.Header.Sequence + frame.Header.Count;
        }
    }
}

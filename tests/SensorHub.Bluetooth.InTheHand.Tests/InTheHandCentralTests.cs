using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Portable;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Testing.FakeBlueZ;

namespace SensorHub.Bluetooth.InTheHand.Tests;

/// <summary>The real package on a fake org.bluez.</summary>
public sealed class InTheHandCentralTests(FakeSystem system) : IAsyncLifetime
{
    private static int _sensors;

    private readonly PortableCentral _central = InTheHandCentral.Create(adapter: null, TimeProvider.System);
    private FakeBluetoothd _bluetoothd = null!;
    private FakeAdapter _adapter = null!;
    private FakeSensor _sensor = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_bluetoothd, _adapter) = await system.StartAsync();
        _sensor = _adapter.AddRoller(seed: Interlocked.Increment(ref _sensors));
    }

    public ValueTask DisposeAsync()
    {
        if (_sensor is not null)
            _sensor.IsInRange = false;
        return _central.DisposeAsync();
    }

    [Fact]
    public async Task A_scan_hears_our_sensors_and_nobody_else_s()
    {
        _adapter.AddForeign(20);
        _adapter.IsDiscoveredByOthers = true;
        var heard = 0;
        await foreach (var advertisement in _central.ScanAsync(Cancel))
        {
            Assert.StartsWith("SH Roller ", advertisement.Name, StringComparison.Ordinal);
            Assert.Equal(_sensor.Address, advertisement.Address);
            Assert.InRange(advertisement.Rssi!.Value, -100, -20);
            if (++heard == 3)
                break;
        }
        _adapter.IsDiscoveredByOthers = false;
    }

    [Fact]
    public async Task A_connection_is_paired_and_a_forgotten_sensor_is_not()
    {
        await HearAsync();
        await using (var connection = await _central.ConnectAsync(_sensor.Address, Cancel))
        {
            Assert.True(_sensor.IsPaired);
            Assert.Equal(23, connection.Mtu);
            await connection.EncryptAsync(Cancel);
            Assert.Equal(DecodeStatus.Ok, SensorDescriptorCodec.Decode((await connection.ReadAsync(Gatt.Descriptor, Cancel)).Span, out _, out _));
        }
        await _central.ForgetAsync(_sensor.Address, Cancel);
        Assert.False(_sensor.IsPaired);
        await _central.ForgetAsync(_sensor.Address, Cancel);
    }

    [Fact]
    public async Task A_session_streams_every_sample_in_order()
    {
        await HearAsync();
        var records = new List<SensorRecord>();
        var sink = new RecordSink(new HubClock(TimeProvider.System), records.Add);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var streaming = new TaskCompletionSource();
        var links = new LinkSupervisor(_central, sink, new LinkOptions(), new Random(1));
        links.Changed += () =>
        {
            if (links.Links is [{ State: LinkState.Streaming }])
                streaming.TrySetResult();
        };
        links.Want([new WantedSensor((await links.LookAsync(_sensor.Address, Cancel)).Sensor, _sensor.Address, "")]);
        var running = links.RunAsync(stop.Token);
        await Task.WhenAny(running, streaming.Task);
        Assert.True(streaming.Task.IsCompleted);
        await Task.Delay(TimeSpan.FromSeconds(12), TimeProvider.System, Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        var frames = records.OfType<SensorRecord.Frame>().Select(f => f.Bytes).ToList();
        Assert.True(frames.Count > 20);
        Assert.True(records.OfType<SensorRecord.TimeExchanged>().Count() > new LinkOptions().FirstTimeExchanges); // while it streams, too
        foreach (var stream in frames.GroupBy(f => f.Span[1]))
        {
            var next = (uint?)null;
            foreach (var frame in stream)
            {
                var sequence = BitConverter.ToUInt32(frame.Span[8..]);
                Assert.Equal(next ?? sequence, sequence);
                next = sequence + frame.Span[3];
            }
        }
    }

    [Fact]
    public async Task A_lost_link_ends_once_and_is_made_again()
    {
        await HearAsync();
        await using (var connection = await _central.ConnectAsync(_sensor.Address, Cancel))
        {
            _sensor.DropLink();
            await connection.Lost.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            await Assert.ThrowsAsync<LinkException>(() => connection.ReadAsync(Gatt.Descriptor, Cancel));
        }
        await HearAsync();
        await using var again = await _central.ConnectAsync(_sensor.Address, Cancel);
        Assert.False(again.Lost.IsCompleted);
    }

    [Fact]
    public async Task An_adapter_that_is_off_a_service_that_is_gone_and_a_sensor_that_refuses_are_lines_that_help()
    {
        await HearAsync();
        _adapter.PowerOff();
        Assert.Contains("rfkill unblock", (await Assert.ThrowsAsync<RadioException>(() => _central.ConnectAsync(_sensor.Address, Cancel))).Message, StringComparison.Ordinal);
        _adapter.PowerOn();

        await _bluetoothd.StopAsync();
        Assert.Contains("systemctl start bluetooth", (await Assert.ThrowsAsync<RadioException>(() => _central.ConnectAsync(_sensor.Address, Cancel))).Message, StringComparison.Ordinal);
        await _bluetoothd.StartAgainAsync();

        _sensor.Pairing = FakePairing.Refused;
        await HearAsync();
        Assert.Contains("forget it", (await Assert.ThrowsAsync<LinkException>(() => _central.ConnectAsync(_sensor.Address, Cancel))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_power_cycle_loses_the_link_and_leaves_the_adapter_on()
    {
        await HearAsync();
        await using var connection = await _central.ConnectAsync(_sensor.Address, Cancel);
        await _central.PowerCycleAsync(Cancel);
        await connection.Lost.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.True(_adapter.IsPowered);
    }

    private async Task HearAsync()
    {
        await foreach (var advertisement in _central.ScanAsync(Cancel))
            if (advertisement.Address == _sensor.Address)
                return;
    }
}

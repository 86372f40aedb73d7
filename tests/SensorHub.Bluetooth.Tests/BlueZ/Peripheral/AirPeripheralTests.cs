using System.Collections.Concurrent;
using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Bluetooth.BlueZ.Peripheral;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;
using SensorHub.Testing;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.Tests.BlueZ.Peripheral;

/// <summary>A virtual roller on a real message bus, with a bluetoothd that passes a hub's requests on.</summary>
public sealed class AirPeripheralTests : IAsyncLifetime
{
    private const string Hub = "dev_00_00_00_00_00_01";
    private const string AnotherHub = "dev_00_00_00_00_00_02";
    private const byte Imu = 1;
    private const uint Period = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _said = new();
    private readonly CancellationTokenSource _ctrlC = new();
    private readonly VirtualSensor _roller = new SimulatedSession(new SimulationOptions { WithClip = false }).Sensors.Single();
    private DBusDaemon _daemon = null!;
    private Bluetoothd _bluetoothd = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _daemon = await DBusDaemon.StartAsync();
        _bluetoothd = new Bluetoothd(_daemon.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _ctrlC.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _bluetoothd.DisposeAsync();
        await _daemon.DisposeAsync();
        _ctrlC.Dispose();
    }

    [Fact]
    public async Task The_profile_is_registered_and_what_needs_encryption_says_so()
    {
        await GoOnAirAsync();
        var objects = await _bluetoothd.ObjectsAsync();
        string Flags(string name) => string.Join(' ', objects[$"/org/sensorhub/sensor/{name}"].Find<BusDictionary>("org.bluez.GattCharacteristic1")!.Find<IReadOnlyList<object>>("Flags")!);

        Assert.Equal(Profile.Service.ToString(), objects["/org/sensorhub/sensor/sensor"].Find<BusDictionary>("org.bluez.GattService1")!.Find<string>("UUID"));
        Assert.Equal("read", Flags("sensor/descriptor"));
        Assert.Equal("encrypt-write encrypt-indicate", Flags("sensor/control"));
        Assert.Equal("encrypt-notify", Flags("sensor/data"));
        Assert.Equal("encrypt-notify", Flags("sensor/backlog"));
        Assert.Equal("read", Flags("information/serial"));
        Assert.Equal("read notify", Flags("battery/level"));
        Assert.Equal("NoInputNoOutput", _bluetoothd.AgentCapability);
    }

    [Fact]
    public async Task The_advertisement_has_the_service_and_the_name_and_ends_with_Ctrl_C()
    {
        await GoOnAirAsync();
        var advertisement = _bluetoothd.Advertisement!;
        Assert.Equal(Profile.Service.ToString(), Assert.Single(advertisement.Find<IReadOnlyList<object>>("ServiceUUIDs")!));
        Assert.Equal(_roller.Name, advertisement.Find<string>("LocalName"));
        Assert.True(advertisement.Find<bool>("Discoverable"));

        await _ctrlC.CancelAsync();
        await _running;
        Assert.Null(_bluetoothd.Advertisement);
        Assert.Contains("UnregisterApplication", _bluetoothd.Calls);
    }

    [Fact]
    public async Task A_long_read_goes_on_at_its_offset_and_none_goes_beyond_the_end()
    {
        await GoOnAirAsync();
        var whole = (await _bluetoothd.ReadAsync("sensor/descriptor", Hub)).Value<byte[]>(0);
        Assert.Equal(SensorDescriptorCodec.Encode(_roller.Peripheral.Descriptor), whole);
        Assert.Equal(whole[246..], (await _bluetoothd.ReadAsync("sensor/descriptor", Hub, 246)).Value<byte[]>(0));
        Assert.Empty((await _bluetoothd.ReadAsync("sensor/descriptor", Hub, whole.Length)).Value<byte[]>(0));
        var beyond = await Assert.ThrowsAsync<BusErrorException>(() => _bluetoothd.ReadAsync("sensor/descriptor", Hub, whole.Length + 1));
        Assert.Equal("org.bluez.Error.InvalidOffset", beyond.Name);
    }

    [Fact]
    public async Task What_the_profile_forbids_is_refused()
    {
        await GoOnAirAsync();
        async Task<string> Refusal(byte[] value) => (await Assert.ThrowsAsync<BusErrorException>(() => _bluetoothd.WriteAsync("sensor/control", Hub, value))).Name;

        Assert.Equal("org.bluez.Error.Failed", await Refusal([1])); // indications are off
        using var control = await _bluetoothd.AcquireAsync("sensor/control", Hub);
        Assert.Equal("org.bluez.Error.InvalidValueLength", await Refusal(new byte[33]));
        Assert.Equal("org.bluez.Error.Failed", await Refusal(Start())); // notifications of data are off
        await _bluetoothd.WriteAsync("sensor/control", Hub, [1]);
        Assert.Equal("org.bluez.Error.InProgress", await Refusal([1])); // not confirmed yet
    }

    [Fact]
    public async Task The_backlog_waits_until_the_response_that_announces_it_is_confirmed_and_live_frames_do_not()
    {
        await GoOnAirAsync();
        using var control = await _bluetoothd.AcquireAsync("sensor/control", Hub);
        using var data = await _bluetoothd.AcquireAsync("sensor/data", Hub);
        using var backlog = await _bluetoothd.AcquireAsync("sensor/backlog", Hub);
        await RequestAsync(control, Start());
        await data.ReadAsync();
        await _bluetoothd.WriteAsync("sensor/control", Hub, ControlCodec.Encode(new ControlRequest.FetchBacklog(Imu, _roller.Peripheral.BootId, 0, 1)));
        await control.ReadAsync();
        await data.ReadAsync();
        await data.ReadAsync();
        Assert.Null(backlog.TryRead());
        await _bluetoothd.AskAsync("sensor/control", "Confirm", default);
        Assert.Equal(0u, Header(await backlog.ReadAsync()).Sequence);
    }

    [Fact]
    public async Task A_sensor_measures_on_without_a_hub_and_hands_over_what_was_missed()
    {
        await GoOnAirAsync();
        using var control = await _bluetoothd.AcquireAsync("sensor/control", Hub);
        using var data = await _bluetoothd.AcquireAsync("sensor/data", Hub);
        using var backlog = await _bluetoothd.AcquireAsync("sensor/backlog", Hub);
        await RequestAsync(control, Start());
        var frames = new List<FrameHeader>();
        for (var i = 0; i < 3; i++)
            frames.Add(Header(await data.ReadAsync()));
        await UntilAsync(() => _bluetoothd.Advertisement is null);

        _bluetoothd.Connected(Hub, false);
        await UntilAsync(() => _said.Contains("The hub is gone. The sensor goes on measuring into its ring buffer."));
        await UntilAsync(() => _bluetoothd.Advertisement is not null);
        while (data.TryRead() is { } late)
            frames.Add(Header(late));

        // BlueZ keeps a bond's subscriptions, so the sockets hold.
        _bluetoothd.Connected(Hub, true);
        var resumed = await RequestAsync(control, Start());
        var next = Assert.IsType<ControlResponse.Started>(resumed).NextSequence;
        var missed = frames[^1].Sequence + frames[^1].Count;
        Assert.True(next > missed);
        var answer = await RequestAsync(control, ControlCodec.Encode(new ControlRequest.FetchBacklog(Imu, _roller.Peripheral.BootId, missed, next - missed)));
        Assert.Equal(next - missed, Assert.IsType<ControlResponse.Backlog>(answer).Count);
        FrameHeader last;
        do
            frames.Add(last = Header(await backlog.ReadAsync()));
        while (!last.Flags.HasFlag(FrameFlags.End));
        Assert.Equal(Enumerable.Range(0, (int)next), frames.SelectMany(f => Enumerable.Range((int)f.Sequence, f.Count)).Order());
    }

    [Fact]
    public async Task Frames_are_as_long_as_the_mtu_of_this_connection_allows()
    {
        await GoOnAirAsync();
        using var control = await _bluetoothd.AcquireAsync("sensor/control", Hub);
        using var data = await _bluetoothd.AcquireAsync("sensor/data", Hub);
        await _bluetoothd.WriteAsync("sensor/control", Hub, Start(), mtu: 64);
        Assert.Equal(3, Assert.IsType<ControlResponse.Started>(await ResponseAsync(control)).SamplesPerFrame);
    }

    [Fact]
    public async Task A_second_hub_cannot_disturb_the_first()
    {
        await GoOnAirAsync();
        using var control = await _bluetoothd.AcquireAsync("sensor/control", Hub);
        var refusal = await Assert.ThrowsAsync<BusErrorException>(() => _bluetoothd.WriteAsync("sensor/control", AnotherHub, [1]));
        Assert.Equal("org.bluez.Error.NotAuthorized", refusal.Name);
        _bluetoothd.Connected(AnotherHub, false);
        Assert.IsType<ControlResponse.State>(await RequestAsync(control, [1]));
    }

    [Fact]
    public async Task Unsubscribing_closes_the_socket_and_the_stream_goes_on_into_the_ring()
    {
        await GoOnAirAsync();
        using var control = await _bluetoothd.AcquireAsync("sensor/control", Hub);
        var data = await _bluetoothd.AcquireAsync("sensor/data", Hub);
        await RequestAsync(control, Start());
        await data.ReadAsync();
        data.Dispose();
        await UntilAsync(() => RefusesStartAsync(Hub));
    }

    [Fact]
    public async Task A_bluetoothd_that_went_away_is_waited_for()
    {
        await GoOnAirAsync();
        await _bluetoothd.StopAsync();
        await UntilAsync(() => _said.Contains("bluetoothd is gone. Waiting for it."));
        await _bluetoothd.StartAsync();
        await UntilAsync(() => _bluetoothd.Calls.Count(c => c == "RegisterAdvertisement") == 2);
    }

    [Fact]
    public async Task An_adapter_that_was_off_advertises_again()
    {
        await GoOnAirAsync();
        _bluetoothd.Powered(false);
        _bluetoothd.Powered(true);
        await UntilAsync(() => _bluetoothd.Calls.Count(c => c == "RegisterAdvertisement") >= 2);
    }

    [Fact]
    public async Task Without_a_bluetoothd_the_message_has_the_command_that_starts_it()
    {
        var trouble = await Assert.ThrowsAsync<RadioException>(() => RunAsync("hci1"));
        Assert.Equal("The Bluetooth service (bluetoothd) is not running: sudo systemctl start bluetooth", trouble.Message);
    }

    [Fact]
    public async Task An_adapter_that_is_not_there_is_answered_by_those_that_are()
    {
        await _bluetoothd.StartAsync();
        var trouble = await Assert.ThrowsAsync<RadioException>(() => RunAsync("hci7"));
        Assert.Equal("There is no adapter hci7. There is: hci1.", trouble.Message);
    }

    [Fact]
    public async Task An_adapter_that_advertises_already_is_said_to()
    {
        _bluetoothd = new Bluetoothd(_daemon.Address) { SupportedInstances = 0 };
        await _bluetoothd.StartAsync();
        var trouble = await Assert.ThrowsAsync<RadioException>(() => RunAsync("hci1"));
        Assert.StartsWith("hci1 advertises as much as it can already", trouble.Message, StringComparison.Ordinal);
    }

    private async Task GoOnAirAsync()
    {
        await _bluetoothd.StartAsync();
        _running = RunAsync("hci1");
        await Task.WhenAny(_running, UntilAsync(() => _said.Any(line => line.StartsWith("Advertising as \"SH Roller", StringComparison.Ordinal)))).Unwrap();
    }

    private Task RunAsync(string adapter) =>
        new AirPeripheral(_roller, new AirOptions { Adapter = adapter, BusAddress = _daemon.Address }, TimeProvider.System, _said.Enqueue).RunAsync(_ctrlC.Token);

    private static byte[] Start() => ControlCodec.Encode(new ControlRequest.Start(Imu, Period, 60));

    private FrameHeader Header(byte[] frame)
    {
        Assert.Equal(DecodeStatus.Ok, FrameCodec.Decode(frame, out var decoded));
        Assert.Equal(DecodeStatus.Ok, FrameCodec.Check(decoded, _roller.Peripheral.Descriptor, out _));
        return decoded.Header;
    }

    private async Task<ControlResponse> RequestAsync(NotifyReader control, byte[] request)
    {
        await _bluetoothd.WriteAsync("sensor/control", Hub, request);
        return await ResponseAsync(control);
    }

    private async Task<ControlResponse> ResponseAsync(NotifyReader control)
    {
        Assert.Equal(DecodeStatus.Ok, ControlCodec.Decode(await control.ReadAsync().WaitAsync(Patience, TestContext.Current.CancellationToken), out ControlResponse? response));
        await _bluetoothd.AskAsync("sensor/control", "Confirm", default);
        return response!;
    }

    private async Task<bool> RefusesStartAsync(string hub)
    {
        try
        {
            await _bluetoothd.WriteAsync("sensor/control", hub, Start());
            await _bluetoothd.AskAsync("sensor/control", "Confirm", default);
            return false;
        }
        catch (BusErrorException e)
        {
            return e.Name == "org.bluez.Error.Failed";
        }
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }
}

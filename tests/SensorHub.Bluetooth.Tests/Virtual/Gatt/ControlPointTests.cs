using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core.Protocol;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.Tests.Virtual.Gatt;

/// <summary>firmware-protocol/README.md §5: every op and every status it can have, but for StorageFull, for which a virtual sensor has no reason.</summary>
public sealed class ControlPointTests
{
    private readonly PeripheralRig _rig = new();

    [Theory]
    [InlineData(ControlStatus.UnknownOp, 0x0b)]
    [InlineData(ControlStatus.UnknownOp, 0xf0, 1, 2)]
    [InlineData(ControlStatus.BadLength, 0x01, 0)]
    [InlineData(ControlStatus.BadLength, 0x02, 1)]
    [InlineData(ControlStatus.BadLength, 0x07)]
    [InlineData(ControlStatus.BadParameter, 0x09, 0, 0)]
    [InlineData(ControlStatus.BadParameter, 0x09, 16, 0)] // a cell that is not there
    public void What_is_not_understood_is_answered_by_its_status(ControlStatus status, params int[] request) =>
        Assert.Equal(new ControlResponse.Plain((ControlOp)request[0], status), _rig.Ask([.. request.Select(b => (byte)b)]));

    [Fact]
    public void An_empty_request_has_no_length() => Assert.Equal(new ControlResponse.Plain(0, ControlStatus.BadLength), _rig.Ask([]));

    [Fact]
    public void GetStatus_tells_boot_time_and_what_streams()
    {
        _rig.Advance(250);
        Assert.Equal(new ControlResponse.State(PeripheralRig.BootId, 250_000, 0), _rig.Ask(new ControlRequest.GetStatus()));
        _rig.Start(PeripheralRig.Battery, 10_000_000);
        _rig.Start(PeripheralRig.Imu);
        Assert.Equal(0b101, _rig.Ask<ControlResponse.State>(new ControlRequest.GetStatus()).Streaming);
    }

    [Fact]
    public void Start_refuses_what_it_cannot_do()
    {
        Refused(ControlStatus.UnknownStream, new ControlRequest.Start(9, PeripheralRig.Period, 60));
        Refused(ControlStatus.UnsupportedPeriod, new ControlRequest.Start(PeripheralRig.Imu, 12_345, 60));
        Refused(ControlStatus.UnsupportedPeriod, new ControlRequest.Start(PeripheralRig.Events, 10_000, 60));
        _rig.Start(PeripheralRig.Imu);
        Refused(ControlStatus.AlreadyInState, new ControlRequest.Start(PeripheralRig.Imu, 20_000, 60));
        var small = new PeripheralRig(mtu: 38);
        Assert.Equal(ControlStatus.MtuTooSmall, small.Ask(new ControlRequest.Start(PeripheralRig.Imu, PeripheralRig.Period, 60)).Status);
    }

    [Fact]
    public void In_its_charger_a_sensor_does_not_measure()
    {
        _rig.Start(PeripheralRig.Imu);
        _rig.Peripheral.Report(EventCode.ChargerConnected, 0);
        Assert.Equal(0, _rig.Ask<ControlResponse.State>(new ControlRequest.GetStatus()).Streaming);
        Refused(ControlStatus.InCharger, new ControlRequest.Start(PeripheralRig.Imu, PeripheralRig.Period, 60));
        _rig.Peripheral.Report(EventCode.ChargerRemoved, 0);
        _rig.Start(PeripheralRig.Imu);
    }

    [Fact]
    public void Stop_refuses_what_is_off_or_not_there()
    {
        Refused(ControlStatus.AlreadyInState, new ControlRequest.Stop(PeripheralRig.Imu));
        Refused(ControlStatus.UnknownStream, new ControlRequest.Stop(9));
    }

    [Fact]
    public void ExchangeTime_gives_the_cookie_back_with_the_ticks()
    {
        _rig.Advance(42);
        var time = _rig.Ask<ControlResponse.Time>(new ControlRequest.ExchangeTime(0xc00c1e));
        Assert.Equal((0xc00c1eu, PeripheralRig.BootId, 42_000ul), (time.Cookie, time.BootId, time.Received));
        Assert.InRange(time.Sent - time.Received, 0ul, 500ul);
        Assert.Equal(ControlStatus.MtuTooSmall, new PeripheralRig(mtu: 29).Ask(new ControlRequest.ExchangeTime(1)).Status);
        Assert.Equal(ControlStatus.Ok, new PeripheralRig(mtu: 30).Ask(new ControlRequest.ExchangeTime(1)).Status);
    }

    [Fact]
    public void Identify_lights_for_so_many_seconds()
    {
        _rig.Advance(1000);
        Assert.Equal(ControlStatus.Ok, _rig.Ask(new ControlRequest.Identify(5)).Status);
        Assert.Equal(6_000_000ul, _rig.Peripheral.IdentifyUntil);
        _rig.Ask(new ControlRequest.Identify(0));
        Assert.Equal(1_000_000ul, _rig.Peripheral.IdentifyUntil);
    }

    [Fact]
    public void ZeroLoad_takes_the_mean_of_half_a_second_then_answers_and_the_descriptor_says_so()
    {
        // The rig's first cell reads the milliseconds: from 100 to 600, 20 ms apart, their mean is 360.
        _rig.Advance(100);
        Assert.Equal(AttError.None, _rig.Peripheral.Write(Profile.Control, ControlCodec.Encode(new ControlRequest.ZeroLoad(0b0011))));
        _rig.Advance(499);
        Assert.False(_rig.Peripheral.TryTake(out _));
        Assert.Equal(AttError.ProcedureAlreadyInProgress, _rig.Peripheral.Write(Profile.Control, [1]));
        _rig.Advance(1);
        Assert.True(_rig.Peripheral.TryTake(out var value));
        Assert.Equal([0xf0, 0x09, 0x00], value.Bytes);
        var zeros = _rig.Peripheral.Descriptor.LoadCalibrations.Select(c => c.Zero);
        Assert.Equal([360, 0, .. _rig.Descriptor.LoadCalibrations.Skip(2).Select(c => c.Zero)], zeros);
        _rig.Peripheral.Read(Profile.Descriptor, out var bytes);
        Assert.Equal(SensorDescriptorCodec.Encode(_rig.Peripheral.Descriptor), bytes);
    }

    [Fact]
    public void SetLoadCalibration_replaces_one_cell_of_those_there()
    {
        var calibration = new LoadCalibration(2, 0.05f, 123, 0.001f, 21);
        Assert.Equal(ControlStatus.Ok, _rig.Ask(new ControlRequest.SetLoadCalibration(calibration)).Status);
        Assert.Equal(calibration, _rig.Peripheral.Descriptor.LoadCalibrations[2]);
        Refused(ControlStatus.BadParameter, new ControlRequest.SetLoadCalibration(calibration with { Axis = 5 }));
        Refused(ControlStatus.BadParameter, new ControlRequest.SetLoadCalibration(calibration with { Gain = float.NaN }));
    }

    [Fact]
    public void A_clip_has_no_load_to_set()
    {
        var clip = new GattPeripheral(SensorHub.Bluetooth.Virtual.Sensors.SensorModels.ClipDescriptor("SH000002"), _rig, 1);
        clip.Connect(247);
        clip.Configure(Profile.Control, enable: true);
        foreach (var request in new ControlRequest[] { new ControlRequest.ZeroLoad(1), new ControlRequest.SetLoadCalibration(new LoadCalibration(0, 1, 0, 0, 0)) })
        {
            clip.Write(Profile.Control, ControlCodec.Encode(request));
            Assert.True(clip.TryTake(out var value));
            clip.Confirm();
            Assert.Equal((byte)ControlStatus.NotAvailable, value.Bytes[2]);
        }
    }

    private void Refused(ControlStatus status, ControlRequest request) => Assert.Equal(new ControlResponse.Plain(request.Op, status), _rig.Ask(request));
}

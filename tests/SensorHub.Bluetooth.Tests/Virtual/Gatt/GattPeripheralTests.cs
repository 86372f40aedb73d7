using System.Text;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core.Protocol;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.Tests.Virtual.Gatt;

/// <summary>firmware-protocol/README.md, section by section: attributes (§2), states (§6), frames (§4).</summary>
public sealed class GattPeripheralTests
{
    [Fact]
    public void The_descriptor_and_the_device_information_can_be_read_before_pairing()
    {
        var rig = new PeripheralRig(configured: false);
        rig.Peripheral.Connect(23, encrypted: false);
        Assert.Equal(AttError.None, rig.Peripheral.Read(Profile.Descriptor, out var bytes));
        Assert.Equal(SensorDescriptorCodec.Encode(rig.Descriptor), bytes);
        Assert.Equal(AttError.None, rig.Peripheral.Read(StandardServices.SerialNumber, out var serial));
        Assert.Equal("SH000001", Encoding.UTF8.GetString(serial));
        Assert.Equal(AttError.None, rig.Peripheral.Read(StandardServices.BatteryLevel, out var level));
        Assert.InRange(Assert.Single(level), 0, 100);
    }

    [Fact]
    public void Everything_else_needs_an_encrypted_link()
    {
        var rig = new PeripheralRig(configured: false);
        rig.Peripheral.Connect(247, encrypted: false);
        foreach (var characteristic in new[] { Profile.Control, Profile.Data, Profile.Backlog })
            Assert.Equal(AttError.InsufficientAuthentication, rig.Peripheral.Configure(characteristic, enable: true));
        Assert.Equal(AttError.InsufficientAuthentication, rig.Peripheral.Write(Profile.Control, [1]));
    }

    [Fact]
    public void Attributes_do_what_their_properties_say_and_no_more()
    {
        var rig = new PeripheralRig();
        Assert.Equal(AttError.ReadNotPermitted, rig.Peripheral.Read(Profile.Control, out _));
        Assert.Equal(AttError.ReadNotPermitted, rig.Peripheral.Read(Profile.Data, out _));
        Assert.Equal(AttError.WriteNotPermitted, rig.Peripheral.Write(Profile.Data, [1]));
        Assert.Equal(AttError.RequestNotSupported, rig.Peripheral.Configure(Profile.Descriptor, enable: true));
        Assert.Equal(AttError.InvalidHandle, rig.Peripheral.Read(Guid.Empty, out _));
        Assert.Equal(AttError.InvalidHandle, rig.Peripheral.Write(Guid.Empty, [1]));
        Assert.Equal(AttError.InvalidHandle, rig.Peripheral.Configure(Guid.Empty, enable: true));
    }

    [Fact]
    public void A_request_whose_answer_could_not_come_is_refused_by_the_CCCD_error()
    {
        var rig = new PeripheralRig(configured: false);
        var start = ControlCodec.Encode(new ControlRequest.Start(PeripheralRig.Imu, PeripheralRig.Period, 60));
        var fetch = ControlCodec.Encode(new ControlRequest.FetchBacklog(PeripheralRig.Imu, PeripheralRig.BootId, 0, 1));
        Assert.Equal(AttError.CccdImproperlyConfigured, rig.Peripheral.Write(Profile.Control, [1]));
        rig.Peripheral.Configure(Profile.Control, enable: true);
        Assert.Equal(AttError.CccdImproperlyConfigured, rig.Peripheral.Write(Profile.Control, start));
        Assert.Equal(AttError.CccdImproperlyConfigured, rig.Peripheral.Write(Profile.Control, fetch));
        Assert.Equal(AttError.None, rig.Peripheral.Write(Profile.Control, [1]));
    }

    [Fact]
    public void One_procedure_at_a_time_until_its_indication_is_confirmed()
    {
        var rig = new PeripheralRig();
        Assert.Equal(AttError.None, rig.Peripheral.Write(Profile.Control, [1]));
        Assert.Equal(AttError.ProcedureAlreadyInProgress, rig.Peripheral.Write(Profile.Control, [1]));
        Assert.True(rig.Peripheral.TryTake(out var response));
        Assert.True(response.IsIndication);
        Assert.Equal(AttError.ProcedureAlreadyInProgress, rig.Peripheral.Write(Profile.Control, [1]));
        rig.Peripheral.Confirm();
        Assert.Equal(AttError.None, rig.Peripheral.Write(Profile.Control, [1]));
    }

    [Fact]
    public void More_than_32_bytes_are_no_request()
    {
        Assert.Equal(AttError.InvalidAttributeValueLength, new PeripheralRig().Peripheral.Write(Profile.Control, new byte[33]));
    }

    [Fact]
    public void Frames_have_as_many_samples_as_the_latency_allows_and_follow_each_other()
    {
        var rig = new PeripheralRig();
        rig.Advance(123);
        rig.Start(PeripheralRig.Imu);
        rig.Advance(1000);
        var frames = rig.Take();
        Assert.Equal(14, frames.Count); // 100 samples, 7 a frame
        for (var i = 0; i < frames.Count; i++)
        {
            var h = frames[i].Header;
            Assert.Equal((PeripheralRig.BootId, (uint)(7 * i), (byte)7, PeripheralRig.Period, 130_000ul + 70_000ul * (ulong)i), (h.BootId, h.Sequence, h.Count, h.Period, h.Ticks));
            Assert.Equal(Enumerable.Range(0, 7).Select(n => (ushort)(130 + 70 * i + 10 * n)), frames[i].Milliseconds);
        }
    }

    [Fact]
    public void Streams_of_one_period_are_sampled_in_step_whenever_they_are_started()
    {
        var rig = new PeripheralRig();
        rig.Start(PeripheralRig.Imu, 20_000);
        rig.Advance(33);
        rig.Start(PeripheralRig.Load, 20_000);
        rig.Advance(500);
        Assert.All(rig.Take(), f => Assert.Equal(0ul, f.Header.Ticks % 20_000));
    }

    [Theory]
    [InlineData(247, 0, 18)]
    [InlineData(247, 60, 7)]
    [InlineData(247, 1, 1)]
    [InlineData(64, 60, 3)]
    [InlineData(39, 60, 1)]
    public void Start_tells_the_size_of_the_frames(int mtu, int latency, int samples)
    {
        var rig = new PeripheralRig(mtu: mtu);
        Assert.Equal(new ControlResponse.Started(PeripheralRig.Imu, PeripheralRig.Period, (byte)samples, 0),
            rig.Ask(new ControlRequest.Start(PeripheralRig.Imu, PeripheralRig.Period, (ushort)latency)));
        rig.Advance(1000);
        Assert.All(rig.Take(), f => Assert.Equal(samples, f.Header.Count));
    }

    [Fact]
    public void Stop_sends_what_waits_and_numbers_go_on_at_the_next_start()
    {
        var rig = new PeripheralRig();
        rig.Start(PeripheralRig.Imu);
        rig.Advance(50);
        Assert.Equal(ControlStatus.Ok, rig.Ask(new ControlRequest.Stop(PeripheralRig.Imu)).Status);
        var last = Assert.Single(rig.Take());
        Assert.Equal((0u, 5), (last.Header.Sequence, last.Header.Count));
        rig.Advance(500);
        Assert.Empty(rig.Take());
        Assert.Equal(5u, rig.Ask<ControlResponse.Started>(new ControlRequest.Start(PeripheralRig.Imu, PeripheralRig.Period, 60)).NextSequence);
    }

    [Fact]
    public void A_missing_sample_uses_up_its_number_and_ends_the_frame()
    {
        var rig = new PeripheralRig { Outcome = (_, ticks) => ticks is 40_000 or 50_000 ? SampleOutcome.Absent : SampleOutcome.Taken };
        rig.Start(PeripheralRig.Imu);
        rig.Advance(120);
        Assert.Equal([(0u, 3), (5u, 7)], rig.Take().Select(f => (f.Header.Sequence, (int)f.Header.Count)));
    }

    [Fact]
    public void A_saturated_sample_marks_its_frame()
    {
        var rig = new PeripheralRig { Outcome = (_, ticks) => ticks == 100_000 ? SampleOutcome.Saturated : SampleOutcome.Taken };
        rig.Start(PeripheralRig.Imu);
        rig.Advance(210);
        Assert.Equal([FrameFlags.None, FrameFlags.Saturated, FrameFlags.None], rig.Take().Select(f => f.Header.Flags));
    }

    [Fact]
    public void Events_wait_for_each_other_no_longer_than_the_latency()
    {
        var rig = new PeripheralRig();
        rig.Start(PeripheralRig.Events, period: 0);
        rig.Advance(100);
        rig.Peripheral.Report(EventCode.Tap, 2);
        rig.Advance(25);
        rig.Peripheral.Report(EventCode.Button, 1);
        rig.Advance(30);
        Assert.Empty(rig.Take());
        rig.Advance(10);
        var frame = Assert.Single(rig.Take());
        Assert.Equal((0u, (byte)2, 0u, 100_000ul), (frame.Header.Sequence, frame.Header.Count, frame.Header.Period, frame.Header.Ticks));
        Assert.Equal([1L, 2, 0], new[] { 0, 1, 2 }.Select(c => frame.Stream.ReadRaw(frame.Samples, 0, c)));
        Assert.Equal([2L, 1, 25_000], new[] { 0, 1, 2 }.Select(c => frame.Stream.ReadRaw(frame.Samples, 1, c)));
    }

    [Fact]
    public void A_slow_link_loses_whole_frames_and_they_stay_in_the_ring()
    {
        var rig = new PeripheralRig();
        rig.Start(PeripheralRig.Imu);
        rig.Advance(5000);
        Assert.Equal((GattPeripheral.QueueCapacity, 500 / 7 - GattPeripheral.QueueCapacity), (rig.Take().Count, (int)rig.Peripheral.FramesDropped));
        Assert.Equal(500u, rig.Ask<ControlResponse.Range>(new ControlRequest.GetRange(PeripheralRig.Imu)).Count);
    }

    [Fact]
    public void Without_a_link_a_stream_buffers_and_Start_resumes_it_without_disturbing_the_sampling()
    {
        var rig = new PeripheralRig();
        rig.Start(PeripheralRig.Imu);
        rig.Advance(105);
        rig.Peripheral.Disconnect();
        rig.Advance(2000);
        Assert.Empty(rig.Take());
        rig.Peripheral.Connect(247);
        rig.Peripheral.Configure(Profile.Control, enable: true);
        rig.Peripheral.Configure(Profile.Data, enable: true);
        rig.Advance(100);
        Assert.Empty(rig.Take()); // not before Start
        Assert.Equal(1, rig.Ask<ControlResponse.State>(new ControlRequest.GetStatus()).Streaming);
        Assert.Equal(220u, rig.Ask<ControlResponse.Started>(new ControlRequest.Start(PeripheralRig.Imu, PeripheralRig.Period, 60)).NextSequence);
        rig.Advance(100);
        var frame = Assert.Single(rig.Take());
        Assert.Equal((220u, 2_210_000ul), (frame.Header.Sequence, frame.Header.Ticks));
    }

    [Fact]
    public void Turning_notifications_off_buffers_too()
    {
        var rig = new PeripheralRig();
        rig.Start(PeripheralRig.Imu);
        rig.Peripheral.Configure(Profile.Data, enable: false);
        rig.Advance(1000);
        Assert.Empty(rig.Take());
        Assert.Equal(100u, rig.Ask<ControlResponse.Range>(new ControlRequest.GetRange(PeripheralRig.Imu)).Count);
    }

    [Fact]
    public void Ten_minutes_after_the_link_was_lost_a_stream_goes_off()
    {
        var rig = new PeripheralRig(imuDepth: 65_000);
        rig.Start(PeripheralRig.Imu);
        rig.Peripheral.Disconnect();
        rig.Advance(700_000);
        rig.Peripheral.Connect(247);
        rig.Peripheral.Configure(Profile.Control, enable: true);
        Assert.Equal(0, rig.Ask<ControlResponse.State>(new ControlRequest.GetStatus()).Streaming);
        Assert.Equal((0u, 60_000u), rig.Ask<ControlResponse.Range>(new ControlRequest.GetRange(PeripheralRig.Imu)) is var r ? (r.Sequence, r.Count) : default);
    }

    [Fact]
    public void A_stream_without_ring_goes_off_with_the_link()
    {
        var rig = new PeripheralRig(imuDepth: 0);
        rig.Start(PeripheralRig.Imu);
        rig.Advance(70);
        Assert.Single(rig.Take());
        rig.Peripheral.Disconnect();
        rig.Peripheral.Connect(247);
        rig.Peripheral.Configure(Profile.Control, enable: true);
        Assert.Equal(0, rig.Ask<ControlResponse.State>(new ControlRequest.GetStatus()).Streaming);
        Assert.Equal((7u, 0u), rig.Ask<ControlResponse.Range>(new ControlRequest.GetRange(PeripheralRig.Imu)) is var r ? (r.Sequence, r.Count) : default);
    }

    [Fact]
    public void A_reboot_has_a_new_id_and_begins_at_zero_with_nothing_on()
    {
        var rig = new PeripheralRig();
        rig.Start(PeripheralRig.Imu);
        rig.Advance(1000);
        rig.Peripheral.Reboot(0xcafe);
        rig.Peripheral.Connect(247);
        rig.Peripheral.Configure(Profile.Control, enable: true);
        Assert.Equal(new ControlResponse.State(0xcafe, 0, 0), rig.Ask(new ControlRequest.GetStatus()));
        Assert.Equal(new ControlResponse.Range(PeripheralRig.Imu, 0xcafe, 0, 0), rig.Ask(new ControlRequest.GetRange(PeripheralRig.Imu)));
    }
}

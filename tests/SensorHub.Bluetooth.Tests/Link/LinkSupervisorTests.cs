using System.Diagnostics.Metrics;
using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Tests.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Tests.Link;

public sealed class LinkSupervisorTests
{
    [Fact]
    public void A_wanted_sensor_is_found_connected_paired_started_and_streams_until_the_hub_ends()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(25, cancel);
            var status = rig.Status(clip);
            Assert.Equal((LinkState.Streaming, null, RecoveryStage.None, 0), (status.State, status.Trouble, status.Stage, status.Tries));
            Assert.Equal((247, SensorModels.Firmware, 0L), (status.Mtu, status.Firmware, status.Missing));
            Assert.Equal(100, status.SamplesPerSecond, 1.5);
            Assert.Equal([100, 100, 0.1], status.Streams.Select(s => s.NominalRate).OfType<double>());
            Assert.InRange(status.Rssi!.Value, -80, -40);
        });
        Assert.Equal(
            [LinkState.Searching, LinkState.Connecting, LinkState.Pairing, LinkState.Starting, LinkState.Streaming, LinkState.Off],
            rig.States(clip).Select(l => l.State));
        Assert.Equal("closed by the hub", rig.States(clip)[^1].Reason);
        var first = rig.Records.FindIndex(r => r is SensorRecord.Frame);
        Assert.IsType<SensorRecord.Described>(rig.Records.First(r => r is not SensorRecord.Link));
        Assert.Equal(6, rig.Records.Take(first).Count(r => r is SensorRecord.TimeExchanged));
        Assert.Equal(12, rig.Records.Count(r => r is SensorRecord.TimeExchanged)); // three every ten seconds
        Assert.Equal(0, rig.Check(clip).Fetched);

        // It took leave: nothing is measured for nobody.
        clip.AdvanceTo(60);
        clip.Peripheral.Connect(247);
        clip.Peripheral.Configure(Gatt.Control, enable: true);
        clip.Peripheral.Write(Gatt.Control, ControlCodec.Encode(new ControlRequest.GetStatus()));
        Assert.True(clip.Peripheral.TryTake(out var value));
        Assert.Equal(DecodeStatus.Ok, ControlCodec.Decode(value.Bytes, out ControlResponse? response));
        Assert.Equal(0, Assert.IsType<ControlResponse.State>(response).Streaming);
    }

    [Fact]
    public void The_four_stamps_of_an_exchange_hold_the_true_offset_within_half_the_round_trip()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        rig.Run(60);
        Assert.All(rig.Records.OfType<SensorRecord.TimeExchanged>(), e =>
        {
            var received = clip.Clock.Seconds(e.Received.Ticks);
            var sent = clip.Clock.Seconds(e.Sent);
            var asked = e.RequestedAt.UnixNanoseconds * 1e-9;
            var got = e.At.UnixNanoseconds * 1e-9;
            Assert.True(asked <= received + 1e-6 && received < sent && sent <= got);
            Assert.InRange(got - asked, 0.014, 0.046); // one to three connection intervals
        });
    }

    [Fact]
    public void Only_what_differs_is_started_and_stopped_when_something_else_is_wanted()
    {
        var rig = new SupervisorRig();
        var (one, two) = (rig.Add("SIM00001"), rig.Add("SIM00002", wanted: false));
        var asked = new List<ControlRequest>();
        one.Peripheral.Faults.Refuse = request =>
        {
            asked.Add(request);
            return null;
        };
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(5, cancel);
            asked.Clear();
            rig.Links.Want([rig.Wanted[0] with { Streams = [new WantedStream(StreamKind.Imu, 52), new WantedStream(StreamKind.Events)] }]);
            await rig.WaitAsync(5, cancel);
            Assert.Equal(
                [new ControlRequest.Stop(1), new ControlRequest.Start(1, 20_000, 60), new ControlRequest.Stop(2), new ControlRequest.Start(2, 20_000, 60), new ControlRequest.Stop(4)],
                asked.Where(r => r.Op is ControlOp.Start or ControlOp.Stop));
            Assert.Equal(LinkState.Streaming, rig.Status(one).State);
            Assert.Equal([50, 50], rig.Status(one).Streams.Select(s => s.NominalRate).OfType<double>());

            asked.Clear();
            rig.Want(two, "virtual-2"); // and the first as before
            await rig.WaitAsync(5, cancel);
            Assert.All(rig.Links.Links, l => Assert.Equal(LinkState.Streaming, l.State));
            Assert.Equal(5, asked.Count(r => r.Op is ControlOp.Start or ControlOp.Stop));

            rig.Links.Want([rig.Wanted[1]]);
            await rig.WaitAsync(1, cancel);
            Assert.Equal("clip-sim00002", Assert.Single(rig.Links.Links).Sensor.ToString());
            Assert.Equal((LinkState.Off, "not wanted any more"), (rig.States(one)[^1].State, rig.States(one)[^1].Reason));
            Assert.DoesNotContain(rig.States(two), l => l.State is LinkState.Lost or LinkState.Off);

            rig.Links.Want([.. rig.Wanted]);
            await rig.WaitAsync(5, cancel);
            Assert.All(rig.Links.Links, l => Assert.Equal(LinkState.Streaming, l.State));
        });
        Assert.Equal(0, rig.Check(one).GivenUp + rig.Check(two).GivenUp);
    }

    [Fact]
    public void A_person_s_requests_reach_the_sensor_and_a_new_calibration_is_recorded()
    {
        var rig = new SupervisorRig();
        var roller = SensorModels.CreateRoller(new VirtualPerson(Scenario.Desk, new RollerBuild().RollingRadius, new Random(1)), new RollerBuild(), seed: 1, ideal: true);
        rig.Want(roller, rig.Radio.Add(roller));
        var name = SensorId.Of(roller.Peripheral.Descriptor);
        rig.Run(async cancel =>
        {
            Assert.Equal($"{name} is not connected yet.", (await Assert.ThrowsAsync<LinkException>(() => rig.Links.RequestAsync(name, new ControlRequest.Identify(5), cancel))).Message);
            await Assert.ThrowsAsync<ArgumentException>(() => rig.Links.RequestAsync(name, new ControlRequest.Stop(1), cancel));
            var e = await Assert.ThrowsAsync<LinkException>(() => rig.Links.RequestAsync(Slug.Parse("clip-x"), new ControlRequest.Identify(5), cancel));
            Assert.Equal("clip-x is not one of this hub's sensors.", e.Message);
            await rig.WaitAsync(5, cancel);

            Assert.Equal(ControlStatus.Ok, (await rig.Links.RequestAsync(name, new ControlRequest.Identify(5), cancel)).Status);
            Assert.True(roller.Peripheral.IdentifyUntil > 0);
            Assert.Single(rig.Records.OfType<SensorRecord.Described>());
            Assert.Equal(ControlStatus.Ok, (await rig.Links.RequestAsync(name, new ControlRequest.ZeroLoad(1), cancel)).Status);
            Assert.Equal(2, rig.Records.Count(r => r is SensorRecord.Described));
            var calibration = roller.Peripheral.Descriptor.LoadCalibrations[0] with { Gain = 0.03f };
            Assert.Equal(ControlStatus.Ok, (await rig.Links.RequestAsync(name, new ControlRequest.SetLoadCalibration(calibration), cancel)).Status);
            Assert.Equal(0.03f, rig.Records.Descriptors()[name].LoadCalibrations[0].Gain);
            Assert.Equal(0.03f, rig.Status(roller).Descriptor!.LoadCalibrations[0].Gain);
            Assert.Equal(3, rig.Records.Count(r => r is SensorRecord.Described));
        });
    }

    [Fact]
    public void A_look_reads_who_it_is_without_pairing_also_while_it_streams()
    {
        var rig = new SupervisorRig();
        var (wanted, other) = (rig.Add("SIM00001"), rig.Add("SIM00002", wanted: false));
        rig.Radio.Faults.RefusePairing = s => s == other ? "A look does not pair." : null;
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(5, cancel);
            foreach (var (address, sensor) in new[] { ("virtual-1", wanted), ("virtual-2", other) })
            {
                var look = await rig.Links.LookAsync(address, cancel);
                Assert.Equal((SensorId.Of(sensor.Peripheral.Descriptor), SensorModels.Firmware, "Clip"), (look.Sensor, look.Firmware, look.Model));
                Assert.Equal(sensor.Peripheral.Descriptor.Serial, look.Serial);
            }
            await Assert.ThrowsAsync<LinkException>(() => rig.Links.LookAsync("nowhere", cancel));
            Assert.Equal(LinkState.Streaming, rig.Status(wanted).State);
        });
    }

    [Fact]
    public void Sensors_nearby_are_listed_while_somebody_listens()
    {
        var rig = new SupervisorRig();
        rig.Add("SIM00001");
        rig.Add("SIM00002", wanted: false);
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(60, cancel);
            Assert.Empty(rig.Links.Nearby); // heard while the first was searched, and not since
            using (rig.Links.Listen())
                await rig.WaitAsync(1, cancel);
            var near = Assert.Single(rig.Links.Nearby);
            Assert.Equal(("SH Clip 0002", "virtual-2"), (near.Name, near.Address));
            Assert.Equal(60, near.LastHeard.UnixNanoseconds * 1e-9, 1.1);
        });
    }

    [Fact]
    public void A_sensor_that_cannot_be_used_is_refused_with_its_reason_looked_at_again_and_never_disturbs_the_others()
    {
        var rig = new SupervisorRig();
        var (clip, newer, broken) = (rig.Add("SIM00001"), rig.Add("SIM00002"), rig.Add("SIM00003"));
        newer.Peripheral.Faults.Describe = bytes => [2, 0, .. bytes[2..]];
        broken.Peripheral.Faults.Describe = bytes => bytes[..^1];
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(150, cancel);
            Assert.Equal("clip-sim00002 speaks protocol 2.x, and this hub 1.x: update the one that is older.", rig.Status(newer).Trouble);
            Assert.StartsWith("clip-sim00003 describes itself wrongly: ", rig.Status(broken).Trouble, StringComparison.Ordinal);
            Assert.Equal([LinkState.Searching, LinkState.Connecting, LinkState.Refused], rig.States(newer).Select(l => l.State)); // and said once
            newer.Peripheral.Faults.Describe = bytes => bytes; // its firmware was updated
            await rig.WaitAsync(65, cancel);
            Assert.Equal(LinkState.Streaming, rig.Status(newer).State);
        });
        Assert.DoesNotContain(rig.States(clip), l => l.State is LinkState.Lost or LinkState.Stalled);
        Assert.Equal(0, rig.Check(clip).Fetched);
    }

    [Fact]
    public void Another_sensor_at_the_address_is_refused_and_the_right_one_is_found_by_its_name()
    {
        var rig = new SupervisorRig();
        var (one, two) = (rig.Add("SIM00001", wanted: false), rig.Add("SIM00002", wanted: false));
        var moved = new List<(string, string)>();
        rig.Links.Moved += (sensor, address) => moved.Add((sensor.ToString(), address));
        rig.Want(two, "virtual-1");
        rig.Run(20);
        Assert.Contains(rig.States(two), l => l.State == LinkState.Refused && l.Reason.StartsWith("clip-sim00001 answered in the place of clip-sim00002", StringComparison.Ordinal));
        Assert.Contains(rig.States(two), l => l.State == LinkState.Streaming);
        Assert.Equal([("clip-sim00002", "virtual-2")], moved);
        Assert.Empty(rig.States(one));
    }

    [Fact]
    public void A_refused_pairing_is_said_and_tried_again()
    {
        var rig = new SupervisorRig();
        var clip = rig.Add();
        rig.Radio.Faults.RefusePairing = _ => "Pairing was refused: press the sensor's button.";
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(20, cancel);
            Assert.Equal((LinkState.Refused, "Pairing was refused: press the sensor's button."), (rig.Status(clip).State, rig.Status(clip).Trouble));
            rig.Radio.Faults.RefusePairing = _ => null;
            await rig.WaitAsync(35, cancel);
            Assert.Equal(LinkState.Streaming, rig.Status(clip).State);
        });
    }

    [Fact]
    public void A_sensor_that_is_not_heard_is_said_so_and_found_when_it_is_switched_on()
    {
        var rig = new SupervisorRig(RadioOptions.Perfect with { Outages = [new Outage(TimeSpan.Zero, TimeSpan.FromMinutes(20))] });
        var clip = rig.Add();
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(1190, cancel);
            Assert.Equal((LinkState.Searching, "Not heard: is it switched on, charged and near?"), (rig.Status(clip).State, rig.Status(clip).Trouble));
            await rig.WaitAsync(25, cancel);
            Assert.Equal(LinkState.Streaming, rig.Status(clip).State);
        });
        Assert.Equal(2, rig.States(clip).Count(l => l.State == LinkState.Searching)); // without a reason, then with one
        Assert.Equal(0, rig.Radio.PowerCycles); // being away is no trouble of the adapter
    }

    [Fact]
    public void A_radio_that_goes_away_is_said_once_and_all_sensors_come_back_with_it()
    {
        const string gone = "The Bluetooth service does not run. Start it with: sudo systemctl start bluetooth";
        var rig = new SupervisorRig();
        List<VirtualSensor> clips = [.. Enumerable.Range(1, 5).Select(i => rig.Add($"SIM0000{i}"))];
        var lines = new List<string?>();
        rig.Links.Changed += () =>
        {
            if (lines.Count == 0 ? rig.Links.Radio is not null : lines[^1] != rig.Links.Radio)
                lines.Add(rig.Links.Radio);
        };
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(20, cancel);
            Assert.All(clips, c => Assert.Equal(LinkState.Streaming, rig.Status(c).State));
            rig.Radio.Faults.Unavailable = gone;
            await rig.WaitAsync(30, cancel);
            Assert.Equal(gone, rig.Links.Radio);
            Assert.All(clips, c => Assert.Equal((LinkState.Searching, gone), (rig.Status(c).State, rig.Status(c).Trouble)));
            rig.Radio.Faults.Unavailable = null;
            await rig.WaitAsync(45, cancel);
            Assert.All(clips, c => Assert.Equal((LinkState.Streaming, 0L), (rig.Status(c).State, rig.Status(c).Missing)));
        });
        Assert.Equal([gone, null], lines);
        Assert.All(clips, c => Assert.True(rig.Check(c) is { Fetched: > 5000, GivenUp: 0 }));
    }

    [Fact]
    public void Twenty_sensors_in_a_bad_radio_all_stream_and_nothing_is_lost()
    {
        var rig = new SupervisorRig(new RadioOptions { NotificationLoss = 0.01, OutagesPerMinute = 1, MeanOutage = TimeSpan.FromSeconds(5) });
        List<VirtualSensor> clips = [.. Enumerable.Range(1, 20).Select(i => rig.Add($"SIM000{i:00}", depth: 12_000))];
        rig.Run(120);
        Assert.All(clips, c =>
        {
            Assert.Contains(rig.States(c), l => l.State == LinkState.Streaming);
            Assert.Equal(0, rig.Check(c).GivenUp);
        });
        Assert.All(rig.Records.OfType<SensorRecord.Link>().GroupBy(l => l.At), at => Assert.True(at.Count(l => l.State == LinkState.Connecting) <= 1)); // one at a time
    }

    [Fact]
    public void What_the_links_do_is_counted()
    {
        var counts = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == "SensorHub.Bluetooth")
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (tags[0] is { Key: "sensor", Value: "clip-counted" })
                counts[instrument.Name] = counts.GetValueOrDefault(instrument.Name) + value;
        });
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
        {
            if (tags[0] is { Key: "sensor", Value: "clip-counted" })
                counts[instrument.Name] = value;
        });
        listener.Start();
        var rig = new SupervisorRig(RadioOptions.Perfect with { Outages = [new Outage(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90))] });
        var clip = rig.Add("COUNTED");
        rig.Run(async cancel =>
        {
            await rig.WaitAsync(140, cancel);
            listener.RecordObservableInstruments();
        });
        var account = rig.Check(clip);
        Assert.Equal((2, 1), (counts["sensorhub.link.connects"], counts["sensorhub.link.losses"]));
        Assert.Equal((account.Fetched, account.GivenUp), (counts["sensorhub.backlog.fetched"], counts["sensorhub.backlog.given_up"]));
        Assert.Equal(rig.Records.Count(r => r is SensorRecord.Frame), counts["sensorhub.link.frames"]);
        Assert.Equal((int)LinkState.Streaming, counts["sensorhub.link.state"]);
        Assert.False(counts.ContainsKey("sensorhub.link.malformed"));
    }
}

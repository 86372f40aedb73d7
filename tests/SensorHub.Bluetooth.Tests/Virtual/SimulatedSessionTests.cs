using Microsoft.Extensions.Time.Testing;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Tests.Virtual;

public sealed class SimulatedSessionTests
{
    private static readonly Scenario Short = new("short", "",
        [new Activity.Stand(7), new Activity.GoDown(3), new Activity.Roll(new RollingSet(Muscle.Hamstrings, Side.Left, 4, 2, 0.28, 150))]);

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        var options = new SimulationOptions { Scenario = Short, Radio = new RadioOptions { NotificationLoss = 0.01, OutagesPerMinute = 6, MeanOutage = TimeSpan.FromSeconds(2) } };
        var first = new SimulatedSession(options).Play().Print();
        Assert.Equal(first, new SimulatedSession(options).Play().Print());
        Assert.NotEqual(first, new SimulatedSession(options with { Seed = 2 }).Play().Print());
    }

    [Fact]
    public async Task The_speed_changes_nothing()
    {
        var real = new FakeTimeProvider();
        var options = new SimulationOptions { Scenario = Short };
        var records = new List<SensorRecord>();
        var paced = new SimulatedSession(options with { Speed = 100, Pacing = real }).RunAsync(records.Add, TestContext.Current.CancellationToken);
        while (!paced.IsCompleted)
        {
            real.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }
        await paced;
        Assert.Equal(new SimulatedSession(options).Play().Print(), records.Print());
    }

    [Fact]
    public void Records_come_in_the_order_of_their_stamps_and_a_description_before_its_frames()
    {
        var records = new SimulatedSession(new SimulationOptions { Scenario = Short }).Play();
        var described = new HashSet<Slug>();
        var last = records[0].At;
        foreach (var record in records)
        {
            Assert.True(last <= record.At);
            last = record.At;
            if (record is SensorRecord.Described d)
                described.Add(d.Sensor);
            if (record is SensorRecord.Frame f)
                Assert.Contains(f.Sensor, described);
        }
        Assert.Equal(2, described.Count);
    }

    [Fact]
    public void Both_sensors_stream_and_their_clocks_are_known_before_the_stand_is_measured()
    {
        var session = new SimulatedSession(new SimulationOptions());
        var records = session.Play();
        var stand = records.FindIndex(r => r is SensorRecord.Marked { Marker: Marker.StandCalibration });
        Assert.Equal(2, records.Take(stand).Count(r => r is SensorRecord.Link { State: LinkState.Streaming }));
        Assert.Equal(12, records.Take(stand).Count(r => r is SensorRecord.TimeExchanged));
        Assert.True(records.Count(r => r is SensorRecord.TimeExchanged) > 50); // and every 10 s
    }

    [Fact]
    public void The_session_is_marked_from_begin_to_end_with_each_muscle_in_its_time()
    {
        var session = new SimulatedSession(new SimulationOptions { Repetitions = 2 });
        var marks = session.Play().OfType<SensorRecord.Marked>().ToList();
        Assert.Equal(
            [
                "SessionBegan", "StandCalibration", "MuscleChosen", "MuscleChosen", "SessionEnded",
                "SessionBegan", "StandCalibration", "MuscleChosen", "MuscleChosen", "SessionEnded",
            ],
            marks.Select(m => m.Marker.GetType().Name));
        Assert.Equal(["simulated", "simulated-2"], marks.Select(m => m.Marker).OfType<Marker.SessionBegan>().Select(b => b.Session.ToString()));
        foreach (var mark in marks.Where(m => m.Marker is Marker.MuscleChosen))
            Assert.Equal((Marker.MuscleChosen)mark.Marker, session.Truth.At(mark.At + TimeSpan.FromMilliseconds(1)) is var t ? new Marker.MuscleChosen(t.Muscle, t.Side) : null);
        Assert.Equal(88, session.Truth.Strokes.Count);
    }

    [Fact]
    public void Ideal_sensors_and_a_perfect_radio_carry_the_truth_to_the_last_count()
    {
        var session = new SimulatedSession(new SimulationOptions { Scenario = Short, IdealSensors = true, Radio = RadioOptions.Perfect });
        var records = session.Play();
        foreach (var (kind, sensor) in new[] { (SensorKind.Roller, session.Sensors[0]), (SensorKind.Clip, session.Sensors[1]) })
        {
            uint next = 0;
            foreach (var frame in records.Frames(stream: 1, kind))
            {
                Assert.Equal(next, frame.Header.Sequence);
                next = frame.Header.NextSequence;
                for (var i = 0; i < frame.Header.Count; i++)
                {
                    var at = session.Truth.Start + TimeSpan.FromSeconds(sensor.Clock.Seconds(frame.Ticks(i)));
                    var truth = session.Truth.At(at);
                    if (kind == SensorKind.Clip && at < session.Truth.Start + TimeSpan.FromSeconds(6.9))
                        Assert.Equal(truth.PelvicInclination.Radians, Math.Atan2(frame.Read(i, 2), frame.Read(i, 0)), 0.004);
                    if (kind == SensorKind.Roller && truth.Contact)
                        Assert.Equal(truth.Speed / (0.97 * frame.Sensor.Roller!.Radius), frame.Read(i, 4), 0.02 * Math.Abs(frame.Read(i, 4)) + 0.002); // 2 % slip
                }
            }
            Assert.True(next > 1500);
        }
    }

    [Fact]
    public void The_load_cells_give_the_force_by_their_calibration_and_temperature()
    {
        var session = new SimulatedSession(new SimulationOptions { Scenario = Short });
        var records = session.Play();
        var frames = records.Frames(kind: SensorKind.Roller).Where(f => f.Stream.Kind == StreamKind.Load).ToList();
        foreach (var frame in frames)
            for (var i = 0; i < frame.Header.Count; i++)
            {
                var temperature = frame.Read(i, frame.Stream.FindChannel(Quantity.Temperature));
                var force = frame.Sensor.LoadCalibrations.Sum(c => c.ToNewton(frame.Read(i, c.Axis), temperature));
                var truth = session.Truth.At(session.Truth.Start + TimeSpan.FromSeconds(session.Sensors[0].Clock.Seconds(frame.Ticks(i))));
                Assert.Equal(truth.Force, force, 5 + 0.02 * truth.Force);
            }
        Assert.Contains(frames, f => session.Truth.At(f.Record.At).Contact);
    }

    [Fact]
    public void What_the_radio_lost_comes_from_the_ring_buffer_and_nothing_comes_twice()
    {
        var session = new SimulatedSession(new SimulationOptions { Scenario = Short, Radio = new RadioOptions { NotificationLoss = 0.05 } });
        var records = session.Play();
        var lost = session.Radio.Lost.Sum(l => Samples(l.Frame));
        var givenUp = records.OfType<SensorRecord.GivenUp>().Sum(g => g.Count);
        var (fetched, missing) = (0L, 0L);
        foreach (var stream in records.Frames().GroupBy(f => (f.Record.Sensor, f.Stream.Id)))
        {
            var numbers = stream.SelectMany(f => Enumerable.Range(0, f.Header.Count).Select(i => f.Header.Sequence + (uint)i)).ToList();
            Assert.Equal(numbers.Count, numbers.Distinct().Count());
            missing += numbers.DefaultIfEmpty().Max() + 1 - numbers.Count;
            fetched += stream.Where(f => (f.Header.Flags & FrameFlags.Backlog) != 0).Sum(f => f.Header.Count);
        }
        Assert.True(lost > 200);
        Assert.InRange(fetched, 0.8 * lost, lost);
        Assert.InRange(missing, 0, givenUp); // lost when nobody could ask any more

        static long Samples(ReadOnlyMemory<byte> bytes) => FrameCodec.Decode(bytes.Span, out var frame) == DecodeStatus.Ok ? frame.Header.Count : 0;
    }

    [Fact]
    public void An_outage_loses_the_link_and_sampling_goes_on_meanwhile()
    {
        var outage = new Outage(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
        var session = new SimulatedSession(new SimulationOptions { Scenario = Short, WithRoller = false, Radio = RadioOptions.Perfect with { Outages = [outage] } });
        var records = session.Play();
        Assert.Equal(
            [LinkState.Connecting, LinkState.Streaming, LinkState.Lost, LinkState.Connecting, LinkState.Streaming, LinkState.Off],
            records.OfType<SensorRecord.Link>().Select(l => l.State).Where(s => s is LinkState.Connecting or LinkState.Streaming or LinkState.Lost or LinkState.Off));
        Assert.Equal(2, records.Count(r => r is SensorRecord.Described));
        var lost = records.OfType<SensorRecord.Link>().First(l => l.State == LinkState.Lost);
        Assert.Equal("nothing was heard for the supervision time-out", lost.Reason);

        foreach (var stream in records.Frames().Where(f => f.Stream.Kind == StreamKind.Imu).GroupBy(f => f.Stream.Id))
        {
            Assert.Equal(stream.Max(f => (long)f.Header.NextSequence), stream.Sum(f => (long)f.Header.Count)); // nothing is missing in the end
            var frames = stream.Where(f => (f.Header.Flags & FrameFlags.Backlog) == 0).ToList();
            var jump = Assert.Single(frames.Zip(frames.Skip(1)), p => p.First.Header.NextSequence != p.Second.Header.Sequence);
            var (before, after) = (jump.First.Header, jump.Second.Header);
            Assert.Equal(after.Ticks - before.Ticks, (after.Sequence - before.Sequence) * (ulong)before.Period); // numbers and ticks went on together
            Assert.InRange(session.Sensors[0].Clock.Seconds(before.Ticks), 4.8, 5);
            Assert.InRange(session.Sensors[0].Clock.Seconds(after.Ticks), 11, 13);
        }
    }

    [Fact]
    public void Every_link_survives_an_outage_shorter_than_the_supervision_time_out()
    {
        var outage = new Outage(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1));
        var session = new SimulatedSession(new SimulationOptions { Scenario = Short, Radio = RadioOptions.Perfect with { Outages = [outage] } });
        var records = session.Play();
        Assert.DoesNotContain(records.OfType<SensorRecord.Link>(), l => l.State is LinkState.Lost or LinkState.Stalled);
        Assert.All(records.Frames().Where(f => f.Stream.Kind == StreamKind.Imu).GroupBy(f => (f.Record.Sensor, f.Stream.Id)), stream =>
            Assert.Equal((uint)stream.Sum(f => f.Header.Count), stream.Last().Header.NextSequence));
    }

    [Fact]
    public void A_mark_from_outside_is_recorded_in_its_place()
    {
        var session = new SimulatedSession(new SimulationOptions { Scenario = Short });
        var records = new List<SensorRecord>();
        session.Run(record =>
        {
            records.Add(record);
            if (record is SensorRecord.Marked { Marker: Marker.StandCalibration })
                session.Mark(new Marker.MuscleChosen(Muscle.Calf, Side.Right));
        }, TestContext.Current.CancellationToken);
        var marks = records.OfType<SensorRecord.Marked>().ToList();
        Assert.Equal(new Marker.MuscleChosen(Muscle.Calf, Side.Right), marks[2].Marker);
        Assert.Equal(marks[1].At, marks[2].At);
    }

    [Fact]
    public void An_event_of_a_sensor_arrives_with_its_time()
    {
        var session = new SimulatedSession(new SimulationOptions { Scenario = Short });
        var roller = session.Sensors[0];
        var records = new List<SensorRecord>();
        ulong? ticks = null;
        session.Run(record =>
        {
            records.Add(record);
            if (record is not SensorRecord.Marked { Marker: Marker.StandCalibration })
                return;
            roller.Report(session.Radio.Elapsed.TotalSeconds, EventCode.Tap, 2);
            ticks = roller.Peripheral.Now;
        }, TestContext.Current.CancellationToken);
        var frame = Assert.Single(records.Frames(), f => f.Stream.Kind == StreamKind.Events);
        Assert.Equal((ticks, (double)EventCode.Tap, 2.0), (frame.Header.Ticks, frame.Read(0, 0), frame.Read(0, 1)));
    }

    [Fact]
    public void A_reboot_is_seen_as_a_new_boot_that_begins_at_zero()
    {
        var outage = new Outage(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3));
        var session = new SimulatedSession(new SimulationOptions { Scenario = Short, WithRoller = false, Radio = RadioOptions.Perfect with { Outages = [outage] } });
        var records = new List<SensorRecord>();
        session.Run(record =>
        {
            records.Add(record);
            if (record is SensorRecord.Link { State: LinkState.Lost } && records.Count(r => r is SensorRecord.Described) == 1)
                session.Sensors[0].Reboot(session.Radio.Elapsed.TotalSeconds);
        }, TestContext.Current.CancellationToken);
        var boots = records.Frames(stream: 1).GroupBy(f => f.Header.BootId).ToList();
        Assert.Equal(2, boots.Count);
        Assert.All(boots, boot => Assert.Equal(0u, boot.First().Header.Sequence));
        Assert.InRange(boots[1].First().Header.Ticks, 0ul, 5_000_000ul);
    }

    [Fact]
    public void Cancelling_ends_it()
    {
        using var cancel = new CancellationTokenSource();
        var count = 0;
        Assert.Throws<OperationCanceledException>(() => new SimulatedSession(new SimulationOptions()).Run(_ =>
        {
            if (++count == 500)
                cancel.Cancel();
        }, cancel.Token));
        Assert.InRange(count, 500, 520);
    }
}

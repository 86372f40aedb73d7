using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Recording;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines.Tests;

/// <summary>The pipelines on virtual sensors: real bytes, clocks that drift, a radio that loses; and the truth is known.</summary>
public sealed class SimulatedSessionTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("simulated-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(7.5)]
    [InlineData(15)]
    [InlineData(50)]
    public void Stamps_of_virtual_sensors_err_as_their_stated_uncertainty_says(double intervalMs)
    {
        var session = new SimulatedSession(new SimulationOptions
        {
            Scenario = Scenario.Desk,
            Radio = new RadioOptions { ConnectionInterval = TimeSpan.FromMilliseconds(intervalMs), Outages = [new Outage(TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(8))] },
        });
        var stamper = new Stamper();
        var uncertainty = new Dictionary<Slug, double>();
        var errors = new List<(Slug Sensor, Timestamp Time, double Error, double U)>();
        session.Run(record =>
        {
            var given = stamper.Update(record);
            foreach (var stamped in given)
            {
                if (stamped is Stamped.Noticed { Feature: SensorHealth { ClockUncertainty: { } u } health })
                    uncertainty[health.Sensor] = u.TotalSeconds;
                if (stamped is not Stamped.Imu { Packet: var packet } || !uncertainty.TryGetValue(packet.Sensor, out var stated))
                    continue;
                Assert.Equal(DecodeStatus.Ok, FrameCodec.Decode(((SensorRecord.Frame)record).Bytes.Span, out var frame));
                var clock = ClockOf(session, packet.Sensor);
                for (var i = 0; i < packet.Samples.Count; i++)
                {
                    var truth = clock.Seconds(frame.Header.Ticks + (ulong)(frame.Header.Count - packet.Samples.Count + i) * frame.Header.Period);
                    errors.Add((packet.Sensor, packet.Samples[i].Time, (packet.Samples[i].Time - session.Truth.Start).TotalSeconds - truth, stated));
                }
            }
        });
        foreach (var sensor in errors.GroupBy(e => e.Sensor))
        {
            output.WriteLine(FormattableString.Invariant(
                $"{sensor.Key}: {sensor.Count()} stamps, error rms {1e3 * Math.Sqrt(sensor.Average(e => e.Error * e.Error)):0.00} ms, max {1e3 * sensor.Max(e => Math.Abs(e.Error)):0.00} ms, u {1e3 * sensor.Average(e => e.U):0.00} ms, within 2u {100.0 * sensor.Count(e => Math.Abs(e.Error) <= 2 * e.U) / sensor.Count():0.0} %"));
            // One clock errs by much the same all the time: 95 % within 2u hold for many of them (docs/accuracy/clock.md). None leaves its bounds, 2.44 u away.
            Assert.True(sensor.Count(e => Math.Abs(e.Error) <= 2 * e.U) >= 0.75 * sensor.Count());
            Assert.True(sensor.Count(e => Math.Abs(e.Error) <= 2.5 * e.U) >= 0.97 * sensor.Count());
        }
    }

    [Fact]
    public void What_was_received_and_what_was_lost_is_everything_that_was_sent()
    {
        var session = new SimulatedSession(new SimulationOptions
        {
            Scenario = Scenario.Desk,
            Radio = new RadioOptions { NotificationLoss = 0.02, Outages = [new Outage(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(6))] },
        });
        var (features, _) = Play(session);
        // A gap is said again when it was filled from the ring buffer: the last word counts.
        var gaps = features.OfType<Gap>().GroupBy(FeatureKey.Of).Select(g => g.Last()).ToList();
        var health = features.OfType<SensorHealth>().GroupBy(h => h.Sensor).Select(g => g.Last()).ToList();
        Assert.Equal(2, health.Count);
        foreach (var h in health)
        {
            output.WriteLine(h.ToString());
            Assert.Equal(0, h.Malformed);
            Assert.Equal(gaps.Where(g => g.Sensor == h.Sensor && g.Time < h.Time).Sum(g => g.SamplesLost!.Value), h.Lost);
            Assert.Contains(gaps, g => g.Sensor == h.Sensor && g.Cause == GapCause.Disconnected);
        }
    }

    [Fact]
    public void A_replay_of_a_simulated_session_gives_its_features_to_the_last_bit()
    {
        var session = new SimulatedSession(new SimulationOptions { Radio = new RadioOptions { NotificationLoss = 0.01, OutagesPerMinute = 0.5 } });
        var (live, folder) = Play(session);
        var last = live.OfType<RollingEstimate>().Last();
        output.WriteLine($"strokes {live.OfType<Stroke>().Count()} of {session.Truth.Strokes.Count}, contact {last.ContactTime.TotalSeconds:0.00} of {session.Truth.ContactTime.TotalSeconds:0.00} s");
        var ended = live.FindLastIndex(f => f is SessionState { Event: SessionEvent.Ended });
        var replayed = new FeaturePipeline() is var pipeline ? RecordingReader.Read(folder, d => Assert.Fail(d.ToString())).SelectMany(pipeline.Update).ToList() : [];
        output.WriteLine($"{live.Count} features, {Directory.GetFiles(folder).Sum(f => new FileInfo(f).Length)} bytes");
        Assert.Equal(live.Take(ended + 1).Select(f => f.ToString()), replayed.Select(f => f.ToString()));
    }

    private (List<Feature> Features, string Folder) Play(SimulatedSession session)
    {
        var features = new List<Feature>();
        var pipeline = new FeaturePipeline();
        using var recorder = new Recorder(_root, Assert.Fail);
        session.Run(record =>
        {
            recorder.OnNext(record);
            features.AddRange(pipeline.Update(record));
        });
        return (features, recorder.Folder!);
    }

    private static DeviceClock ClockOf(SimulatedSession session, Slug sensor) =>
        session.Sensors.Single(s => SensorHub.Bluetooth.Link.SensorId.Of(s.Peripheral.Descriptor) == sensor).Clock;
}

using CsCheck;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Stamping;
using static SensorHub.Pipelines.Tests.HandMade;

namespace SensorHub.Pipelines.Tests.Completing;

public class CompleteOrderTests
{
    private static readonly FeatureOptions Options = new();

    [Fact]
    public void Whatever_is_lost_and_comes_later_the_samples_stand_in_the_order_of_a_radio_that_loses_nothing()
    {
        // Of each frame: whether it is lost, after how many frames of 0.1 s it comes from the ring buffer, and whether twice.
        var fate = Gen.Select(Gen.Bool, Gen.Int[1, 40], Gen.Bool);
        fate.Array[3 * 60].Sample(fates =>
        {
            var lossless = Frames().ToList();
            var frames = lossless.OfType<SensorRecord.Frame>().ToList();
            var lost = frames.Zip(fates)
                .Where(f => f.Second.Item1 && LossyRadio.HeaderOf(f.First).Sequence > 0)
                .ToDictionary(f => f.First, f => f.First.At + TimeSpan.FromSeconds(0.1 * f.Second.Item2));
            var lossy = LossyRadio.Lose(lossless, frame => lost.TryGetValue(frame, out var at) ? at : null);
            foreach (var (frame, (_, delay, twice)) in frames.Zip(fates).Where(f => f.Second.Item3))
                lossy.Add(LossyRadio.FromRingBuffer(frame) with { At = frame.At + TimeSpan.FromSeconds(0.1 * delay + 0.05) });
            var close = At(7.5);
            foreach (var (sensor, stream) in new[] { (Clip, LowerImu), (Clip, UpperImu), (Roller, LowerImu) })
                lossy.Add(((SensorRecord.Frame)ImuFrame(sensor, stream, 600)) with { At = close }); // what is lost last is a gap by this
            lossy = [.. lossy.OrderBy(r => r.At)];

            var complete = Complete(lossy).ToList();
            foreach (var stream in complete.OfType<Stamped.Imu>().GroupBy(i => (i.Packet.Sensor, i.Place.Stream)))
            {
                var samples = stream.SelectMany(i => i.Packet.Samples).ToList();
                Assert.Equal(610, samples.Count);
                for (var i = 0; i < samples.Count; i++)
                {
                    Assert.Equal(i * 0.001, samples[i].SpecificForce.X, 6);
                    Assert.InRange((samples[i].Time - At(i * 0.01)).TotalMilliseconds, -0.5, 0.5); // the clock saw fewer arrivals
                    Assert.True(i == 0 || samples[i].Time > samples[i - 1].Time);
                }
                Assert.All(stream, i => Assert.Equal(0L, i.Packet.Missing));
            }
            Assert.All(complete.Zip(complete.Skip(1)), pair => Assert.True(pair.First.At <= pair.Second.At));
        }, iter: 100);
    }

    [Fact]
    public void What_was_stamped_live_keeps_its_stamp()
    {
        var lossy = LossyRadio.Lose(Frames(), frame => LossyRadio.HeaderOf(frame).Sequence is >= 100 and < 400 ? At(5) : null);
        var stamper = new Stamper();
        var live = lossy.SelectMany(stamper.Update).OfType<Stamped.Imu>().SelectMany(i => i.Packet.Samples).ToHashSet();
        var complete = Complete(lossy).OfType<Stamped.Imu>().SelectMany(i => i.Packet.Samples).ToHashSet();
        Assert.True(live.Count < complete.Count);
        Assert.True(live.IsSubsetOf(complete));
    }

    [Fact]
    public void Streams_that_were_away_together_come_back_interleaved()
    {
        var lossy = LossyRadio.Lose(Frames(), frame => LossyRadio.HeaderOf(frame) is { Sequence: >= 100 and < 400, Stream: var stream } ? At(stream == LowerImu ? 5 : 6) : null);
        var times = Complete(lossy).OfType<Stamped.Imu>().Select(i => i.Packet.Samples[0].Time).ToList();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalMilliseconds, -1, 101));
    }

    [Fact]
    public void What_is_missing_between_samples_that_came_late_is_said_by_their_packets()
    {
        var lossy = LossyRadio.Lose(Frames(), frame => LossyRadio.HeaderOf(frame).Sequence switch
        {
            >= 100 and < 150 => LossyRadio.Never,
            >= 150 and < 180 => At(3),
            >= 180 and < 200 => LossyRadio.Never,
            _ => null,
        });
        foreach (var stream in Complete(lossy).OfType<Stamped.Imu>().GroupBy(i => (i.Packet.Sensor, i.Place.Stream)))
            Assert.Equal([(150, 50), (200, 20)], stream.Where(i => i.Packet.Missing > 0).Select(i => ((int)i.Place.Samples.Sequence, (int)i.Packet.Missing!.Value)));
    }

    [Fact]
    public void Without_late_frames_it_changes_nothing()
    {
        var records = EventfulSession();
        var stamper = new Stamper();
        Assert.Equal(records.SelectMany(stamper.Update).Select(s => s.ToString()), Complete(records).Select(s => s.ToString()));
    }

    /// <summary>Six seconds of a clip and a roller.</summary>
    private static IEnumerable<SensorRecord> Frames()
    {
        yield return Described(0, Clip, ClipDescriptor);
        yield return Described(0, Roller, RollerDescriptor);
        yield return Exchanged(0, Clip);
        yield return Exchanged(0, Roller);
        for (uint s = 0; s < 600; s += 10)
        {
            yield return ImuFrame(Clip, LowerImu, s);
            yield return ImuFrame(Clip, UpperImu, s);
            yield return ImuFrame(Roller, LowerImu, s);
        }
    }

    private static IEnumerable<Stamped> Complete(IReadOnlyList<SensorRecord> records)
    {
        var order = CompleteOrder.Of(records, Options);
        var stamper = new Stamper();
        foreach (var record in records)
        {
            foreach (var late in order.DueBefore(record.At))
                yield return late;
            foreach (var stamped in stamper.Update(record))
                foreach (var item in order.Place(stamped))
                    yield return item;
        }
    }
}

using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core;
using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using PlayedSet = SensorHub.Bluetooth.Virtual.Person.RollingSet;

namespace SensorHub.Pipelines.Tests.Rolling;

/// <summary>
/// A person out of the simulated population who rolls three sets, measured by their own roller: the samples as its sensors count them,
/// in frames of 60 ms of which some are lost, without radio and clock.
/// </summary>
internal static class SimulatedRoller
{
    private static readonly Slug Roller = Slug.Parse("roller");

    private static readonly Scenario ThreeSets = new("three-sets", "Stands, sits down and rolls three sets",
    [
        new Activity.Stand(6),
        new Activity.GoDown(5),
        new Activity.Roll(new PlayedSet(Muscle.Hamstrings, Side.Left, Strokes: 12, SecondsPerStroke: 3, StrokeLength: 0.28, Force: 160)),
        new Activity.Roll(new PlayedSet(Muscle.Hamstrings, Side.Right, Strokes: 10, SecondsPerStroke: 2.8, StrokeLength: 0.28, Force: 180) { RestEvery = 6 }),
        new Activity.Roll(new PlayedSet(Muscle.Calf, Side.Right, Strokes: 12, SecondsPerStroke: 2.5, StrokeLength: 0.20, Force: 150)),
        new Activity.Stand(8),
    ]);

    /// <param name="seed">Who: body, habits, roller with its errors.</param>
    /// <param name="loss">Share of the frames that are lost.</param>
    public static (LoadArrangement Arrangement, GroundTruth Truth, List<Feature> Features) Roll(int seed, double loss)
    {
        var traits = PersonTraits.Draw(seed);
        var session = new SimulatedSession(new SimulationOptions { Scenario = ThreeSets, Person = traits, Seed = seed, WithClip = false });
        var sensor = session.Sensors[0];
        var descriptor = sensor.Peripheral.Descriptor;
        var estimator = new RollingEstimator(Roller, descriptor.Roller!);
        var frames = descriptor.Streams.Where(s => s.Kind is StreamKind.Imu or StreamKind.Load).SelectMany(stream => Frames(sensor, stream, session.Truth));

        var features = new List<Feature>();
        var random = new Random(seed);
        var said = new Queue<(double Seconds, Marker Marker)>(session.Said.OrderBy(line => line.Seconds));
        foreach (var (seconds, packet) in frames.OrderBy(frame => frame.Seconds))
        {
            while (said.TryPeek(out var line) && line.Seconds <= seconds)
                features.AddRange(estimator.Mark(session.Truth.Start + TimeSpan.FromSeconds(line.Seconds), said.Dequeue().Marker));
            if (random.NextDouble() >= loss)
                features.AddRange(packet is ImuPacket imu ? estimator.Update(imu) : estimator.Update((LoadPacket)packet));
        }
        features.AddRange(estimator.Mark(session.Truth.End, new Marker.SessionEnded(Slug.Parse("session"))));
        return (descriptor.Roller!.Arrangement, session.Truth, features);
    }

    private static IEnumerable<(double Seconds, object Packet)> Frames(VirtualSensor sensor, StreamDescriptor stream, GroundTruth truth)
    {
        var period = stream.Periods[0];
        var count = (int)(60_000 / period);
        var calibrations = sensor.Peripheral.Descriptor.LoadCalibrations;
        var bytes = new byte[stream.SampleSize];
        var ticks = (sensor.Clock.Ticks(0) / period + 1) * period;
        while (sensor.Clock.Seconds(ticks + (ulong)count * period) < (truth.End - truth.Start).TotalSeconds)
        {
            var imu = new List<ImuSample>();
            var load = new List<LoadSample>();
            for (var i = 0; i < count; i++, ticks += period)
            {
                sensor.Measure(stream, ticks, bytes);
                var time = truth.Start + TimeSpan.FromSeconds(sensor.Clock.Seconds(ticks));
                if (stream.Kind == StreamKind.Imu)
                    imu.Add(new ImuSample(time, new Vector3D(Read(0), Read(1), Read(2)), new Vector3D(Read(3), Read(4), Read(5))));
                else
                    load.Add(new LoadSample(time, [.. calibrations.Select((calibration, cell) => calibration.ToNewton(Read(cell), Read(calibrations.Count)))]));
            }
            yield return (sensor.Clock.Seconds(ticks), stream.Kind == StreamKind.Imu ? new ImuPacket(Roller, ElementRole.Core, imu, 0) : new LoadPacket(Roller, load, 0));
        }

        double Read(int channel) => stream.Read(bytes, 0, channel);
    }
}

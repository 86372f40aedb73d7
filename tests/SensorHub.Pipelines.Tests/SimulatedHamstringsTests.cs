using System.Reactive.Linq;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Core;
using SensorHub.Core.Orientation;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Units;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines.Tests;

/// <summary>The hamstring session of more than three minutes, from the bytes of virtual sensors to features, against its ground truth.</summary>
public class SimulatedHamstringsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0.01)]
    [InlineData(3, 0.01)]
    public void Strokes_contact_time_and_lordosis_are_those_of_the_ground_truth(int seed, double loss)
    {
        var (records, truth) = Simulate(seed, loss);
        var pipeline = new FeaturePipeline();
        var features = records.SelectMany(pipeline.Update).ToList();

        var strokes = features.OfType<Stroke>().ToArray();
        Assert.Equal(truth.Strokes.Select(s => (s.Number, s.Direction, s.Muscle, s.Side)), strokes.Select(s => (s.Number, s.Direction, s.Muscle, s.Side)));
        Assert.All(strokes.Zip(truth.Strokes), pair => Assert.Equal(pair.Second.Length, pair.First.Length.Value, 0.05 * pair.Second.Length));
        Assert.All(strokes.Zip(truth.Strokes), pair => Assert.Equal((pair.Second.End - pair.Second.Start).TotalSeconds, pair.First.Duration.TotalSeconds, 0.25));

        var rolling = features.OfType<RollingEstimate>().ToArray();
        Assert.Equal(truth.ContactTime.TotalSeconds, rolling[^1].ContactTime.TotalSeconds, 0.2);
        Assert.Equal(truth.Strokes.Count, rolling[^1].Strokes);

        var postures = features.OfType<PostureEstimate>().ToArray();
        var (rmse, coverage) = LordosisError(postures, truth);
        var phases = PhasesRight(postures, truth);
        output.WriteLine(FormattableString.Invariant(
            $"seed {seed}, loss {loss:p0}: {strokes.Length} strokes, contact {rolling[^1].ContactTime.TotalSeconds:0.000} of {truth.ContactTime.TotalSeconds:0.000} s, lordosis RMSE {rmse:0.00}°, within 2u {coverage:0.000}, phases {phases:0.000}"));
        Assert.InRange(rmse, 0, 3);
        Assert.InRange(coverage, 0.9, 1);
        Assert.InRange(phases, 0.95, 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_bias_of_1_degree_a_second_on_every_axis_is_learnt_while_the_person_stands(double degreesPerSecond)
    {
        // Sensors without any other error: what remains is the filter's.
        var (records, truth) = Simulate(seed: 4, loss: 0.01, idealSensors: true);
        var stamped = records.ToObservable().Stamp().Select(item => item is Stamped.Imu imu ? imu with { Packet = Biased(imu.Packet) } : item);
        var known = records.ToObservable().Stamp().OfType<Stamped.Known>().ToEnumerable().ToArray();
        var clip = known.First(k => k.Descriptor.Kind == SensorKind.Clip).Sensor;
        var roller = known.First(k => k.Descriptor.Kind == SensorKind.Roller);

        var postures = stamped.Posture(clip, [ElementRole.Lower, ElementRole.Upper]).ToEnumerable().ToArray();
        var rolling = stamped.Rolling(roller.Sensor, roller.Descriptor.Roller!).ToEnumerable().ToArray();

        var (rmse, coverage) = LordosisError(postures, truth);
        output.WriteLine(FormattableString.Invariant($"bias {degreesPerSecond} °/s: lordosis RMSE {rmse:0.00}°, within 2u {coverage:0.000}"));
        Assert.InRange(rmse, 0, 1.5);
        Assert.InRange(coverage, 0.9, 1);
        Assert.Equal(truth.Strokes.Count, rolling.OfType<Stroke>().Count());
        Assert.Equal(truth.ContactTime.TotalSeconds, rolling.OfType<RollingEstimate>().Last().ContactTime.TotalSeconds, 0.2);

        ImuPacket Biased(ImuPacket packet)
        {
            // The two elements of the clip the other way round, so that lordosis gets the sum.
            var bias = double.DegreesToRadians(packet.Element == ElementRole.Upper ? -degreesPerSecond : degreesPerSecond) * new Vector3D(1, 1, 1);
            return packet with { Samples = [.. packet.Samples.Select(s => s with { AngularRate = s.AngularRate + bias })] };
        }
    }

    [Fact]
    public void Each_subscription_of_an_operator_has_an_estimator_of_its_own()
    {
        var (records, _) = Simulate(seed: 5, loss: 0);
        var packets = records.Take(2000).ToObservable().Stamp().OfType<Stamped.Imu>().Select(i => i.Packet).Where(p => p.Element == ElementRole.Lower);
        var orientation = packets.Orientation();

        Assert.Equal(orientation.SelectMany(e => e).ToEnumerable(), orientation.SelectMany(e => e).ToEnumerable());
    }

    private static (List<SensorRecord> Records, GroundTruth Truth) Simulate(int seed, double loss, bool idealSensors = false)
    {
        var session = new SimulatedSession(new SimulationOptions { Seed = seed, IdealSensors = idealSensors, Radio = new RadioOptions { NotificationLoss = loss } });
        var records = new List<SensorRecord>();
        session.Run(records.Add, TestContext.Current.CancellationToken);
        return (records, session.Truth);
    }

    private static (double Rmse, double Coverage) LordosisError(IEnumerable<PostureEstimate> estimates, GroundTruth truth)
    {
        var errors = estimates.Where(e => e.Lordosis is not null)
            .Select(e => (Error: e.Lordosis!.Value.Value - truth.At(e.Time).Lordosis.Degrees, Uncertainty: e.Lordosis.Value.StandardUncertainty)).ToArray();
        return (Math.Sqrt(errors.Average(e => e.Error * e.Error)), errors.Average(e => Math.Abs(e.Error) <= 2 * e.Uncertainty ? 1.0 : 0));
    }

    /// <summary>The share of right phases where the truth stays the same for 3 s before and after, and the stand has been calibrated.</summary>
    private static double PhasesRight(IEnumerable<PostureEstimate> estimates, GroundTruth truth)
    {
        var around = TimeSpan.FromSeconds(3);
        return estimates
            .Where(e => e.Calibration is not null && truth.At(e.Time).Phase is var phase && phase != Phase.Unknown
                && truth.At(e.Time - around).Phase == phase && truth.At(e.Time + around).Phase == phase)
            .Average(e => truth.At(e.Time).Phase == e.Phase ? 1.0 : 0);
    }
}

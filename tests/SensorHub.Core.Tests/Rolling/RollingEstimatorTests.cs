using CsCheck;
using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Rolling;

public class RollingEstimatorTests
{
    [Fact]
    public void Strokes_are_counted_and_measured_from_turning_point_to_turning_point()
    {
        var signal = new RollerSignal();
        var strokes = Run(signal).OfType<Stroke>().ToArray();

        Assert.Equal(signal.Strokes, strokes.Length);
        Assert.All(strokes, (s, i) =>
        {
            Assert.Equal(i + 1, s.Number);
            Assert.Equal(i % 2 == 0 ? 1 : -1, s.Direction);
            Assert.Equal(0.28, s.Length.Value, 0.003);
            Assert.Equal(signal.StrokeSeconds, s.Duration.TotalSeconds, 0.2);
            Assert.Equal(0, (s.Time - signal.StrokeStart(i + 1)).TotalSeconds, 0.2);
            Assert.Equal(150, s.MeanForce!.Value.Value, 0.1);
        });
    }

    [Fact]
    public void Any_tempo_length_axis_and_bias_give_the_true_count_and_contact_time() =>
        Gen.Select(Gen.Int[1, 12], Gen.Double[1, 6], Gen.Double[0.05, 0.35], Gen.Int[0, 2], Gen.Double[-1, 1])
            .Sample((strokes, seconds, length, axis, bias) =>
            {
                var signal = new RollerSignal
                {
                    Strokes = strokes,
                    StrokeSeconds = seconds,
                    StrokeAngle = length / 0.0485,
                    Axis = axis switch { 0 => Vector3D.UnitX, 1 => Vector3D.UnitY, _ => new Vector3D(0.02, -0.03, 1).Normalized() },
                    Bias = double.DegreesToRadians(bias) * new Vector3D(1, 1, 1),
                };
                var last = Run(signal).OfType<RollingEstimate>().Last();
                return last.Strokes == strokes && Math.Abs(last.ContactTime.TotalSeconds - signal.ContactSeconds) < 0.02;
            }, iter: 50);

    [Fact]
    public void One_lost_frame_in_a_hundred_changes_neither_count_nor_contact_time() =>
        Gen.Int[0, 1_000_000].Sample(seed =>
        {
            var signal = new RollerSignal { Strokes = 20 };
            var random = new Random(seed);
            var last = Run(signal, _ => random.NextDouble() < 0.01).OfType<RollingEstimate>().Last();
            return last.Strokes == 20 && Math.Abs(last.ContactTime.TotalSeconds - signal.ContactSeconds) < 0.1;
        }, iter: 20);

    [Fact]
    public void A_dwell_ends_a_stroke_and_does_not_lengthen_it()
    {
        var strokes = Run(new RollerSignal { Strokes = 4, Dwell = 3 }).OfType<Stroke>().ToArray();

        Assert.Equal(4, strokes.Length);
        Assert.All(strokes, s => Assert.Equal(3, s.Duration.TotalSeconds, 0.2));
    }

    [Fact]
    public void Less_than_3_cm_is_no_stroke() =>
        Assert.Empty(Run(new RollerSignal { StrokeAngle = 0.028 / 0.0485, StrokeSeconds = 1 }).OfType<Stroke>());

    [Fact]
    public void Rolling_without_weight_is_no_stroke() => Assert.Empty(Run(new RollerSignal { Force = 10 }).OfType<Stroke>());

    [Fact]
    public void Path_and_speed_are_those_of_the_muscle_over_a_loaded_roller()
    {
        var signal = new RollerSignal { Strokes = 1 };
        var middle = Run(signal).OfType<RollingEstimate>().First(e => e.Time > signal.StrokeStart(0) + TimeSpan.FromSeconds(1.5));

        // Half a cosine: the middle of 0.28 m, at π/2 times the mean speed.
        Assert.Equal(0.14, middle.Path, 0.01);
        Assert.Equal(Math.PI / 2 * 0.28 / 3, middle.Speed, 0.005);
        Assert.Equal(Quality.Good, middle.Quality);
    }

    [Fact]
    public void Tempo_is_the_median_of_the_last_five_strokes_and_null_before_the_second()
    {
        var estimates = Run(new RollerSignal()).OfType<RollingEstimate>().ToArray();

        Assert.All(estimates.Where(e => e.Strokes < 2), e => Assert.Null(e.Tempo));
        Assert.All(estimates.Where(e => e.Strokes >= 2), e => Assert.Equal(3, e.Tempo!.Value, 0.2));
    }

    [Fact]
    public void Force_is_also_a_share_of_the_body_weight_when_the_mass_is_known()
    {
        var pressed = Run(new RollerSignal(), mass: 72).OfType<RollingEstimate>().First(e => e.Strokes == 3);

        Assert.Equal(100 * 150 / (72 * 9.80665), pressed.BodyWeightPercent!.Value.Value, 0.01);
        Assert.All(Run(new RollerSignal()).OfType<RollingEstimate>(), e => Assert.Null(e.BodyWeightPercent));
    }

    [Theory]
    [InlineData(30, Band.TooLight)]
    [InlineData(150, Band.Good)]
    [InlineData(280, Band.TooHard)]
    public void Pressure_lies_below_within_or_above_the_band_of_the_muscle(double force, Band band)
    {
        var pressed = Run(new RollerSignal { Force = force + 5 }).OfType<RollingEstimate>().Last(e => e.InContact && e.Force?.Value > force);

        Assert.Equal((20, 50), pressed.PressureBand);
        Assert.Equal(band, pressed.Band);
        Assert.Equal(band == Band.Good, pressed.TimeInBand > TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Without_load_cells_there_is_no_pressure_and_rolling_counts_as_contact()
    {
        var signal = new RollerSignal();
        var features = Run(signal, roller: RollerSignal.Firm with { Arrangement = LoadArrangement.None });

        Assert.Equal(signal.Strokes, features.OfType<Stroke>().Count());
        Assert.All(features.OfType<RollingEstimate>(), e =>
        {
            Assert.Null(e.Force);
            Assert.Null(e.Pressure);
            Assert.Equal(Band.None, e.Band);
            Assert.Equal(Quality.Degraded, e.Quality);
        });
    }

    [Fact]
    public void A_new_session_counts_from_zero()
    {
        var estimator = new RollingEstimator(RollerSignal.Roller, RollerSignal.Firm);
        var signal = new RollerSignal();
        foreach (var packet in signal.Packets())
            _ = packet is ImuPacket imu ? estimator.Update(imu) : estimator.Update((LoadPacket)packet);

        var end = new Timestamp((long)(signal.Seconds * 1e9));
        estimator.Mark(end, new Marker.SessionBegan(Slug.Parse("second"), Slug.Parse("me"), null));
        var later = new ImuSample(end + TimeSpan.FromSeconds(0.1), new Vector3D(0, 0, -9.80665), default); // as at the signal's end
        estimator.Update(new ImuPacket(RollerSignal.Roller, ElementRole.Core, [later], 0));
        estimator.Update(new ImuPacket(RollerSignal.Roller, ElementRole.Core, [later with { Time = later.Time + TimeSpan.FromSeconds(0.1) }], 0));
        var last = estimator.Mark(end + TimeSpan.FromSeconds(1), new Marker.SessionEnded(Slug.Parse("second"))).OfType<RollingEstimate>().Last();

        Assert.Equal((0, TimeSpan.Zero, TimeSpan.Zero), (last.Strokes, last.ContactTime, last.TimeInBand));
        Assert.Equal(0, last.RollAngleDegrees, 0.1);
    }

    [Fact]
    public void The_last_stroke_is_given_when_the_session_ends_during_it()
    {
        var estimator = new RollingEstimator(RollerSignal.Roller, RollerSignal.Firm);
        var signal = new RollerSignal { Strokes = 1 };
        foreach (var packet in signal.Packets().Take(2 * 70))
            _ = packet is ImuPacket imu ? estimator.Update(imu) : estimator.Update((LoadPacket)packet);

        var features = estimator.Mark(signal.StrokeStart(1), new Marker.SessionEnded(Slug.Parse("session")));
        Assert.Single(features.OfType<Stroke>());
    }

    private static List<Feature> Run(RollerSignal signal, Func<int, bool>? lost = null, double? mass = null, RollerGeometry? roller = null)
    {
        var estimator = new RollingEstimator(RollerSignal.Roller, roller ?? RollerSignal.Firm);
        estimator.Mark(new Timestamp(0), new Marker.SessionBegan(Slug.Parse("session"), Slug.Parse("me"), mass));
        estimator.Mark(new Timestamp(0), new Marker.MuscleChosen(Muscle.Hamstrings, Side.Left));
        var features = new List<Feature>();
        foreach (var packet in signal.Packets(lost))
            features.AddRange(packet is ImuPacket imu ? estimator.Update(imu) : estimator.Update((LoadPacket)packet));
        features.AddRange(estimator.Mark(new Timestamp(long.MaxValue), new Marker.SessionEnded(Slug.Parse("session"))));
        return features;
    }
}

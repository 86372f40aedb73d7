using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Tests.Rolling;

public class RollingSetTests
{
    private static readonly Slug Session = Slug.Parse("session");

    [Fact]
    public void A_set_sums_up_what_was_rolled()
    {
        var signal = new RollerSignal();
        var set = Assert.Single(Run(signal).OfType<RollingSet>());

        Assert.Equal((Muscle.Hamstrings, Side.Left, 1, signal.Strokes), (set.Muscle, set.Side, set.Number, set.Strokes));
        Assert.Equal(signal.ContactSeconds, set.ContactTime.TotalSeconds, 0.02);
        Assert.Equal((set.Time - set.Start).TotalSeconds, set.ContactTime.TotalSeconds, 0.001);
        Assert.Equal(signal.ContactSeconds - 0.556, set.TimeInBand.TotalSeconds, 0.05); // the ramps reach 15 % of 72 kg late
        Assert.Equal(3, set.Tempo!.Value, 0.1);
        Assert.Equal(0.28, set.StrokeLength!.Value.Value, 0.005);
        Assert.Equal(150.0 * 30, set.Impulse!.Value.Value, 100.0);
        Assert.Equal(150, set.PeakForce!.Value.Value, 0.1);
        Assert.Equal(100 * set.MeanForce!.Value.Value / (72 * 9.80665), set.BodyWeightPercent!.Value.Value, 1e-9);
        Assert.Equal((0, ForceSource.Measured, Quality.Good), (set.Dwells, set.Source, set.Quality));
    }

    [Fact]
    public void The_radius_errs_alike_in_all_strokes_so_that_a_mean_is_no_surer_than_one()
    {
        var set = Assert.Single(Run(new RollerSignal { Strokes = 40 }).OfType<RollingSet>());

        Assert.InRange(set.StrokeLength!.Value.StandardUncertainty / set.StrokeLength.Value.Value, 0.03, 0.045);
    }

    [Theory]
    [InlineData(4.5, 1)]
    [InlineData(10, 2)]
    public void A_rest_ends_a_set_and_a_short_lift_does_not(double rest, int sets)
    {
        // Each signal begins and ends with 2 s and a bit without contact.
        var first = new RollerSignal();
        var second = new RollerSignal { Start = first.Seconds + rest - 4 };
        var found = Run(first, second).OfType<RollingSet>().ToArray();

        Assert.Equal(Enumerable.Range(1, sets), found.Select(set => set.Number));
        Assert.Equal(20, found.Sum(set => set.Strokes));
        Assert.Equal(2 * first.ContactSeconds, found.Sum(set => set.ContactTime.TotalSeconds), 0.05);
    }

    [Fact]
    public void Another_muscle_ends_a_set()
    {
        var signal = new RollerSignal { Strokes = 8 };
        var sets = Run([signal], (signal.StrokeStart(4), new Marker.MuscleChosen(Muscle.Calf, Side.Right))).OfType<RollingSet>().ToArray();

        Assert.Equal([(Muscle.Hamstrings, 4), (Muscle.Calf, 4)], sets.Select(set => (set.Muscle, set.Strokes)));
        Assert.Equal(signal.ContactSeconds, sets.Sum(set => set.ContactTime.TotalSeconds), 0.05);
    }

    [Fact]
    public void The_dose_is_held_against_the_default_of_the_muscle_or_the_plan()
    {
        var dose = Assert.Single(Run(new RollerSignal()).OfType<RollingDose>());
        Assert.Equal((2, TimeSpan.FromSeconds(60), 1), (dose.PlannedSets, dose.PlannedSet, dose.Sets));
        Assert.Equal(120 - new RollerSignal().ContactSeconds, dose.Remaining.TotalSeconds, 0.05);

        var plan = new RollingPlan
        {
            Id = Slug.Parse("plan"),
            Name = "plan",
            Items = [PlanItem.Default(Muscle.Hamstrings, Side.Left) with { Sets = 1, SetDuration = TimeSpan.FromSeconds(30), BodyWeightPercent = (25, 30) }],
        };
        var features = Run([new RollerSignal()], (new Timestamp(0), new Marker.PlanChosen(plan)));
        dose = Assert.Single(features.OfType<RollingDose>());
        Assert.Equal((plan.Id, 1, TimeSpan.Zero, TimeSpan.Zero), (dose.Plan, dose.PlannedSets, dose.Remaining, dose.InBand));
        var cue = Assert.Single(features.OfType<Cue>());
        Assert.Equal((CueCode.SetDone, CueLevel.Info), (cue.Code, cue.Level));
    }

    [Fact]
    public void Dwells_are_given_with_place_time_and_force()
    {
        var features = Run(new RollerSignal { Strokes = 4, Dwell = 3 });
        var dwells = features.OfType<Dwell>().ToArray();

        Assert.Equal(4, dwells.Length);
        Assert.All(dwells, (dwell, i) =>
        {
            Assert.Equal(i % 2 == 0 ? 0.28 : 0, dwell.Place, 0.005);
            Assert.InRange(dwell.Duration.TotalSeconds, 2.5, 3.7);
        });
        Assert.Equal(4, Assert.Single(features.OfType<RollingSet>()).Dwells);
    }

    [Fact]
    public void Slip_is_told_and_given_back()
    {
        var set = Assert.Single(Run(new RollerSignal { Strokes = 30, Slip = 0.06 }).OfType<RollingSet>());

        Assert.Equal(6, set.SlipPercent!.Value, 0.5);
        Assert.Equal(0.28, set.StrokeLength!.Value.Value, 0.004);
    }

    [Fact]
    public void Without_load_cells_the_force_is_modelled_marked_wide_and_never_judged()
    {
        var features = Run([new RollerSignal { Strokes = 30 }], RollerSignal.Firm with { Arrangement = LoadArrangement.None });
        var set = Assert.Single(features.OfType<RollingSet>());

        Assert.Equal((30, ForceSource.Modelled, TimeSpan.Zero), (set.Strokes, set.Source, set.TimeInBand));
        Assert.InRange(set.BodyWeightPercent!.Value.StandardUncertainty, 14, 16);
        Assert.All(features.OfType<Stroke>(), stroke => Assert.Equal(ForceSource.Modelled, stroke.Source));
        Assert.All(features.OfType<RollingEstimate>(), estimate => Assert.Equal(Band.None, estimate.Band));
        Assert.DoesNotContain(features.OfType<Cue>(), cue => cue.Code is CueCode.OverForce or CueCode.OverPressure);
    }

    [Fact]
    public void A_hold_without_IMU_samples_and_rolling_without_load_samples_are_doubted_not_invented()
    {
        var signal = new RollerSignal();
        var deaf = Run([signal], lost: frame => frame % 2 == 1 && frame > 400).ToArray();
        Assert.InRange(deaf.OfType<Stroke>().Count(), 2, 4);
        Assert.Contains(deaf.OfType<RollingEstimate>(), e => e.Doubts.HasFlag(RollingDoubts.LoadMissing) && !e.InContact);

        var blind = Run([signal], lost: frame => frame % 2 == 0 && frame > 400).ToArray();
        Assert.Equal(signal.ContactSeconds, Assert.Single(blind.OfType<RollingSet>()).ContactTime.TotalSeconds, 0.05);
        Assert.Contains(blind.OfType<RollingEstimate>(), e => e.Doubts.HasFlag(RollingDoubts.MotionMissing) && e.InContact && e.Speed == 0);
    }

    [Fact]
    public void A_roller_that_falls_silent_under_load_ends_one_set_and_its_silence_is_no_second()
    {
        var signal = new RollerSignal();
        var estimator = new RollingEstimator(RollerSignal.Roller, RollerSignal.Firm);
        var features = new List<Feature>();
        foreach (var packet in signal.Packets(lost: frame => frame > 400))
            features.AddRange(packet is ImuPacket imu ? estimator.Update(imu) : estimator.Update((LoadPacket)packet));
        var silent = Assert.IsType<RollingEstimate>(features[^1]);
        Assert.True(silent.InContact);

        var ended = estimator.Mark(silent.Time + TimeSpan.FromSeconds(3), new Marker.SessionEnded(Session));
        Assert.Single(ended.OfType<RollingSet>());
        Assert.Empty(estimator.Mark(silent.Time + TimeSpan.FromSeconds(60), new Marker.SessionEnded(default)).OfType<RollingSet>());
    }

    [Fact]
    public void A_calibrated_radius_replaces_the_assumed_one()
    {
        var features = Run([new RollerSignal { Strokes = 20 }], (new Timestamp(0), new Marker.RadiusCalibrated(RollerSignal.Roller, 0.047, 0.0002)));
        var set = Assert.Single(features.OfType<RollingSet>());

        Assert.Equal(0.28 * 0.047 / 0.0485, set.StrokeLength!.Value.Value, 0.002);
        Assert.InRange(set.StrokeLength.Value.StandardUncertainty / set.StrokeLength.Value.Value, 0.01, 0.025);
    }

    private static List<Feature> Run(params RollerSignal[] signals) => Run(signals, RollerSignal.Firm);

    private static List<Feature> Run(RollerSignal[] signals, params (Timestamp At, Marker Marker)[] marks) => Run(signals, RollerSignal.Firm, null, marks);

    private static List<Feature> Run(RollerSignal[] signals, Func<int, bool> lost) => Run(signals, RollerSignal.Firm, lost);

    private static List<Feature> Run(RollerSignal[] signals, RollerGeometry roller, Func<int, bool>? lost = null, params (Timestamp At, Marker Marker)[] marks)
    {
        var estimator = new RollingEstimator(RollerSignal.Roller, roller);
        var features = new List<Feature>();
        foreach (var (at, marker) in new (Timestamp, Marker)[] { (new(0), new Marker.SessionBegan(Session, Session, 72)), (new(0), new Marker.MuscleChosen(Muscle.Hamstrings, Side.Left)) }.Concat(marks))
            features.AddRange(estimator.Mark(at, marker));
        foreach (var packet in signals.SelectMany(signal => signal.Packets(lost)))
            features.AddRange(packet is ImuPacket imu ? estimator.Update(imu) : estimator.Update((LoadPacket)packet));
        features.AddRange(estimator.Mark(new Timestamp(long.MaxValue), new Marker.SessionEnded(Session)));
        return features;
    }
}

using CsCheck;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Sessions;

namespace SensorHub.Core.Tests.Posture.Bends;

public class BendDetectorTests
{
    [Fact]
    public void Each_bend_is_a_repetition_with_its_angles_durations_and_shares()
    {
        var signal = new BendSignal { Share = _ => 0.6 }.Hold(2).Bend(95).Bend(50);

        Assert.Equal([1, 2], signal.Repetitions.Select(r => r.Number));
        var first = signal.Repetitions.First();
        Assert.Equal(95, first.Trunk!.Value.Value, 0.01);
        Assert.Equal(38, first.Pelvis!.Value.Value, 0.01);
        Assert.Equal(57, first.Lumbar!.Value.Value, 0.01);
        foreach (var share in new[] { first.ShareAt30, first.ShareAt60, first.ShareAt90, first.ShareAtMaximum })
            Assert.Equal(0.6, share!.Value.Value, 0.001);
        Assert.Equal(first.End - first.Time, first.Down + first.Hold + first.Up);
        Assert.InRange(first.Hold.TotalSeconds, 2, 3.2);
        Assert.Equal(first.Down.TotalSeconds, first.Up.TotalSeconds, 0.1);
        Assert.Equal(Quality.Good, first.Quality);
        Assert.Null(signal.Repetitions.Last().ShareAt60);
    }

    [Fact]
    public void The_uncertainty_of_a_share_is_that_of_its_parts_over_the_trunks_angle()
    {
        var signal = new BendSignal { Share = _ => 0.5, Uncertainty = 2 }.Hold(1).Bend(90);

        // u_T = 2, u_L = 2√2: √(8 + 0.25 · 4) / 30 = 0.1.
        Assert.Equal(0.1, signal.Repetitions.Single().ShareAt30!.Value.StandardUncertainty, 1e-6);
        Assert.Equal(1.0 / 30, signal.Repetitions.Single().ShareAtMaximum!.Value.StandardUncertainty, 1e-3);
    }

    [Fact]
    public void The_thirds_of_the_way_show_who_goes_first()
    {
        // The lumbar spine gives all of the first 40°, the hips the rest.
        var signal = new BendSignal { Share = t => t <= 40 ? 1 : 40 / t }.Hold(1).Bend(100);

        var (down, up) = (signal.Repetitions.Single().DownShares!, signal.Repetitions.Single().UpShares!);
        Assert.Equal(1, down.Early.Value, 0.03); // between the two estimates around 40° it is interpolated
        Assert.Equal(0, down.Middle.Value, 0.03);
        Assert.Equal(0, down.Late.Value, 0.01);
        Assert.Equal(1, up.Early.Value, 0.03);
        Assert.Equal(0, up.Late.Value, 0.01);
    }

    [Fact]
    public void A_bend_of_less_than_30_degrees_is_nothing() =>
        Assert.Empty(new BendSignal().Hold(1).Bend(29).Bend(20).Hold(3).Features);

    [Fact]
    public void Coming_up_halfway_and_going_down_again_is_one_repetition_of_two_dips()
    {
        var signal = new BendSignal().Hold(1).MoveTo(80, 2).MoveTo(40, 1).MoveTo(85, 1).MoveTo(0, 2).Hold(2).Bend(80);

        Assert.Equal([2, 1], signal.Repetitions.Select(r => r.Dips));
        Assert.Equal(85, signal.Repetitions.First().Trunk!.Value.Value, 0.1);
    }

    [Fact]
    public void Bends_without_a_pause_between_are_counted_each()
    {
        var signal = new BendSignal().Hold(1);
        for (var i = 0; i < 5; i++)
            signal.MoveTo(80, 1).MoveTo(0, 1);
        signal.Hold(2);

        Assert.Equal([1, 2, 3, 4, 5], signal.Repetitions.Select(r => r.Number));
    }

    [Fact]
    public void Sitting_down_is_no_bend()
    {
        var signal = new BendSignal { Share = _ => 0 }.Hold(1).MoveTo(40, 1);
        signal.Share = t => t < 35 ? 1.5 : 0; // the pelvis rolls back
        signal.PelvisOffset = -8;
        signal.MoveTo(5, 0.8);
        signal.Phase = Phase.Sitting;
        signal.Hold(3);

        Assert.Empty(signal.Repetitions);
    }

    [Fact]
    public void Leaning_forward_while_sitting_is_no_bend() =>
        Assert.Empty(new BendSignal { Phase = Phase.Sitting }.Hold(1).Bend(60).Features);

    [Fact]
    public void A_bend_that_was_under_way_when_it_was_first_seen_does_not_count()
    {
        var signal = new BendSignal { Lost = true }.MoveTo(60, 1);
        signal.Lost = false;

        Assert.Empty(signal.Hold(2).MoveTo(0, 2).Hold(2).Features);
    }

    [Fact]
    public void A_short_gap_degrades_a_repetition_and_a_long_one_leaves_only_that_it_was()
    {
        var signal = new BendSignal { Share = _ => 0.2 }.Hold(1);
        Lose(0.4);
        Lose(0.8);
        signal.Bend(80);

        Assert.Equal([Quality.Degraded, Quality.NotObservable, Quality.Good], signal.Repetitions.Select(r => r.Quality));
        Assert.Equal([1, 2, 3], signal.Repetitions.Select(r => r.Number));
        Assert.Equal(0.2, signal.Repetitions.First().ShareAt60!.Value.Value, 0.02);
        Assert.Null(signal.Repetitions.ElementAt(1).Trunk);

        void Lose(double seconds)
        {
            signal.MoveTo(45, 2);
            signal.Lost = true;
            signal.MoveTo(55, seconds);
            signal.Lost = false;
            signal.MoveTo(80, 2).MoveTo(0, 3).Hold(1.5);
        }
    }

    [Fact]
    public void One_element_tells_nothing_of_bends() =>
        Assert.Empty(new BendSignal { OneElement = true }.Hold(1).Bend().Bend().Features);

    [Fact]
    public void The_calibration_bends_give_the_range_that_flexion_is_a_percentage_of()
    {
        var signal = Calibrated(new BendSignal(), 50);
        Assert.Equal(100, signal.Repetitions.Last().LumbarFlexionPercent!.Value.Value, 2);
        Assert.Empty(signal.Cues);

        signal.Share = _ => 0.25;
        signal.Bend(80);
        Assert.Equal(40, signal.Repetitions.Last().LumbarFlexionPercent!.Value.Value, 0.5);

        signal.Mark(new Marker.ClipAttached(Slug.Parse("again")));
        signal.Bend(80);
        Assert.Null(signal.Repetitions.Last().LumbarFlexionPercent);
        Assert.Equal(1, signal.Repetitions.Last().Number);
    }

    [Theory]
    [InlineData(0.2, 80, CueCode.HipHinge, BendPattern.HipHinge)]
    [InlineData(0.4, 80, CueCode.MixedBend, BendPattern.Mixed)]
    [InlineData(0.6, 60, CueCode.LumbarBend, BendPattern.LumbarBend)]
    [InlineData(0.45, 85, CueCode.LumbarBend, BendPattern.LumbarBend)]
    [InlineData(0.6, 35, CueCode.MixedBend, BendPattern.Mixed)]
    public void Each_repetition_has_one_cue_by_lumbar_share_and_percentage_of_the_range(double share, double depth, CueCode cue, BendPattern pattern)
    {
        var signal = Calibrated(new BendSignal(), 50);
        signal.Share = _ => share;
        signal.Bend(depth).Bend(depth);

        Assert.Equal([cue, cue], signal.Cues.Select(c => c.Code));
        Assert.Equal([pattern, pattern], signal.Repetitions.TakeLast(2).Select(r => r.Pattern!.Value));
        Assert.Equal(share, signal.Cues.First().Value!.Value, 0.01);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(3.0)]
    public void A_lumbar_bend_is_said_within_300_ms_of_its_condition_and_the_others_within_300_ms_of_the_deepest_point(double down)
    {
        var signal = Calibrated(new BendSignal(), 50);
        signal.Share = _ => 0.7;
        var start = signal.Now;
        signal.Bend(90, down);
        // LR 0.7 ≥ 0.55: from LF% = 50 on, L = 25°, T = 35.7°.
        var s = Crossing(35.7 / 90);
        Assert.InRange((signal.Cues.Last().Time - start).TotalSeconds - s * down, 0, 0.3);

        signal.Share = _ => 0.2;
        start = signal.Now;
        signal.Bend(80, down);
        Assert.InRange((signal.Cues.Last().Time - start).TotalSeconds - down, -0.5, 0.3);

        static double Crossing(double share)
        {
            var x = 0.0;
            while (x * x * x * (10 + x * (-15 + 6 * x)) < share)
                x += 1e-4;
            return x;
        }
    }

    [Fact]
    public void Without_a_calibration_bend_only_a_hip_hinge_is_said()
    {
        var signal = new BendSignal { Share = _ => 0.2 }.Hold(1).Bend();
        signal.Share = _ => 0.45;
        signal.Bend();
        signal.Share = _ => 0.8;
        signal.Bend();

        Assert.Equal([CueCode.HipHinge], signal.Cues.Select(c => c.Code));
        Assert.Equal([BendPattern.HipHinge, null, null], signal.Repetitions.Select(r => r.Pattern));
    }

    [Fact]
    public void Noise_never_gives_a_repetition_more_than_one_cue() =>
        Gen.Select(Gen.Double[0.2, 0.7], Gen.Double[35, 100], Gen.Double[0, 2], Gen.Double[0.8, 4]).Sample(
            (share, depth, noise, down) =>
            {
                var signal = Calibrated(new BendSignal(), 50);
                var before = signal.Repetitions.Count();
                (signal.Share, signal.Noise) = (_ => share, noise);
                for (var i = 0; i < 3; i++)
                    signal.Bend(depth, down, 1, 2);
                var bends = signal.Repetitions.Skip(before).ToList();
                Assert.Equal(3, bends.Count);
                Assert.InRange(signal.Cues.Count(), 0, 3);
                Assert.All(bends, b => Assert.InRange(signal.Cues.Count(c => c.Time >= b.Time && c.Time <= b.End), 0, 1));
            },
            iter: 60);

    [Fact]
    public void Near_a_limit_the_verdict_stays_from_repetition_to_repetition() =>
        Gen.Select(Gen.Double[-0.02, 0.02].Array[12], Gen.Bool).Sample(
            (jitter, hinge) =>
            {
                // LR at 0.30 ± 0.02 of a shallow bend, or LF% at 70 ± 2 of a deep one.
                var signal = Calibrated(new BendSignal(), 50);
                foreach (var j in jitter)
                {
                    signal.Share = _ => hinge ? 0.30 + j : 35.0 / 90 + j / 2;
                    signal.Bend(hinge ? 50 : 90, 1, 0.5, 1);
                }
                var said = signal.Cues.Select(c => c.Code).ToList();
                Assert.InRange(said.Zip(said.Skip(1)).Count(pair => pair.First != pair.Second), 0, 1);
            },
            iter: 40);

    /// <summary>Has stood, and bent three times to this lumbar flexion.</summary>
    private static BendSignal Calibrated(BendSignal signal, double lumbar)
    {
        signal.Hold(1);
        signal.Mark(new Marker.BendCalibration(TimeSpan.FromSeconds(30)));
        signal.Share = _ => lumbar / 100;
        for (var i = 0; i < 3; i++)
            signal.Bend(100);
        signal.Hold(5);
        return signal;
    }
}

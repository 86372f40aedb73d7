using CsCheck;
using SensorHub.Core.Orientation;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Posture;

public class PostureEstimatorTests
{
    private static readonly Slug Clip = Slug.Parse("clip");

    [Fact]
    public void Lordosis_is_lower_minus_upper_inclination_with_the_uncertainty_of_both()
    {
        var last = Stand(20, -11)[^1];

        Assert.Equal(20, last.PelvicInclination!.Value.Value, 0.01);
        Assert.Equal(-11, last.UpperInclination!.Value.Value, 0.01);
        Assert.Equal(31, last.Lordosis!.Value.Value, 0.01);
        // 1° by skin over bone, the rest by the sensors; with putting it on anew 2.1°.
        Assert.InRange(last.Lordosis.Value.StandardUncertainty, 1.2, 2.1);
        Assert.Equal(Phase.Standing, last.Phase);
        Assert.Equal(Quality.Good, last.Quality);
    }

    [Fact]
    public void A_forward_lean_is_positive() => Assert.True(Stand(30, 30)[^1].PelvicInclination!.Value.Value > 0);

    [Fact]
    public void Changes_are_null_and_quality_is_degraded_before_the_stand_is_calibrated()
    {
        var estimates = Run([Still(20, -11)], calibrate: false);

        Assert.All(estimates, e =>
        {
            Assert.Null(e.LordosisChange);
            Assert.Null(e.PelvicRotation);
            Assert.Null(e.Calibration);
            Assert.Equal(Phase.Unknown, e.Phase);
            Assert.Equal(Quality.Degraded, e.Quality);
        });
    }

    [Fact]
    public void The_calibration_is_named_by_the_time_of_its_stand() => Assert.Equal("0", Stand(20, -11)[^1].Calibration);

    [Fact]
    public void Sitting_flattens_the_lordosis_and_rolls_the_pelvis_back()
    {
        var last = Run([Still(20, -11), Still(5, -3)])[^1];

        Assert.Equal(-23, last.LordosisChange!.Value.Value, 0.1);
        Assert.Equal(-15, last.PelvicRotation!.Value.Value, 0.1);
        Assert.Equal(Phase.Sitting, last.Phase);
    }

    [Fact]
    public void A_stand_that_moves_does_not_calibrate()
    {
        var estimates = Run([t => (20 + 10 * Math.Sin(t), -11, 0), Still(20, -11)]);

        Assert.Null(estimates[^1].Calibration);
    }

    [Fact]
    public void On_the_side_flexion_is_not_observable()
    {
        var last = Run([Still(20, -11), t => (0, 0, 80)])[^1];

        Assert.Null(last.Lordosis);
        Assert.Null(last.LordosisChange);
        Assert.Equal(Quality.NotObservable, last.Quality);
        Assert.Equal(Phase.Lying, last.Phase);
    }

    [Fact]
    public void One_element_tells_small_changes_while_standing_still_with_a_wide_uncertainty_and_no_angle()
    {
        var last = Run([Still(20, -11), Still(14, -11)], elements: [ElementRole.Lower])[^1];

        Assert.Null(last.Lordosis);
        Assert.Equal(-6, last.LordosisChange!.Value.Value, 0.1);
        // 0.3 · 6° by the unknown slope, the rest by the sensor and the skin.
        Assert.InRange(last.LordosisChange.Value.StandardUncertainty, 0.3 * 6, 3);
        Assert.Equal(Quality.Good, last.Quality);
    }

    [Theory]
    [InlineData(-5)] // sits
    [InlineData(45)] // bends
    public void One_element_says_nothing_about_lordosis_in_another_posture(double pelvis)
    {
        var last = Run([Still(20, -11), Still(pelvis, 0)], elements: [ElementRole.Lower])[^1];

        Assert.Null(last.LordosisChange);
        Assert.NotNull(last.PelvicInclination);
        Assert.Equal(Quality.NotObservable, last.Quality);
    }

    [Fact]
    public void Estimates_lie_on_whole_multiples_of_40_ms() =>
        Assert.All(Stand(20, -11), e => Assert.Equal(0, e.Time.UnixNanoseconds % 40_000_000));

    [Fact]
    public void The_order_in_which_the_frames_of_the_two_elements_arrive_does_not_matter()
    {
        var frames = Frames([Still(20, -11), t => (20 + 10 * Math.Sin(2 * t), -11 + 5 * Math.Sin(3 * t), 0)], 6, [ElementRole.Lower, ElementRole.Upper]);
        var lower = frames.Where(f => f.Element == ElementRole.Lower).ToArray();
        var upper = frames.Where(f => f.Element == ElementRole.Upper).ToArray();
        var expected = Feed(frames);

        Gen.Bool.Array[frames.Count].Sample(lowerFirst =>
        {
            var (l, u) = (0, 0);
            var shuffled = new List<ImuPacket>();
            foreach (var preferLower in lowerFirst)
                // Neither is ahead by more than two frames: within the patience.
                if (u >= upper.Length || (l < lower.Length && (u - l >= 2 || (preferLower && l - u < 2))))
                    shuffled.Add(lower[l++]);
                else
                    shuffled.Add(upper[u++]);
            return Feed(shuffled).SequenceEqual(expected);
        }, iter: 20);
    }

    [Fact]
    public void A_gap_gives_no_estimates_and_a_lost_frame_gives_degraded_ones()
    {
        var frames = Frames([Still(20, -11)], 8, [ElementRole.Lower, ElementRole.Upper]);
        // Frames of 60 ms: the one from 5.4 s on is lost of one element; all from 6 to 7 s of both.
        var received = frames.Where(f => f.Samples[0].Time.UnixNanoseconds is var t
            && !(f.Element == ElementRole.Upper && t == 5_400_000_000) && t is < 6_000_000_000 or > 7_000_000_000).ToArray();

        var estimates = Feed(received);
        Assert.Contains(estimates, e => Seconds(e) is > 5.42 and < 5.5 && e.Quality == Quality.Degraded && e.Lordosis is not null);
        Assert.DoesNotContain(estimates, e => Seconds(e) is > 6.1 and < 7);
    }

    [Fact]
    public void When_one_element_falls_silent_the_other_goes_on_without_lordosis()
    {
        var frames = Frames([Still(20, -11)], 8, [ElementRole.Lower, ElementRole.Upper]);
        var estimates = Feed([.. frames.Where(f => f.Element == ElementRole.Lower || f.Samples[0].Time.UnixNanoseconds < 5_000_000_000)]);

        Assert.All(estimates.Where(e => Seconds(e) > 5.5), e =>
        {
            Assert.NotNull(e.PelvicInclination);
            Assert.Null(e.Lordosis);
            Assert.Equal(Quality.Degraded, e.Quality);
        });
        Assert.True(Seconds(estimates[^1]) > 7.5);
    }

    private static List<PostureEstimate> Stand(double lower, double upper) => Run([Still(lower, upper)]);

    private static double Seconds(PostureEstimate e) => e.Time.UnixNanoseconds * 1e-9;

    private static Func<double, (double Lower, double Upper, double Side)> Still(double lower, double upper) => _ => (lower, upper, 0);

    private static List<PostureEstimate> Run(Func<double, (double Lower, double Upper, double Side)>[] parts, ElementRole[]? elements = null, bool calibrate = true) =>
        Feed(Frames(parts, 6, elements ?? [ElementRole.Lower, ElementRole.Upper]), elements, calibrate);

    private static List<PostureEstimate> Feed(IReadOnlyList<ImuPacket> packets, ElementRole[]? elements = null, bool calibrate = true)
    {
        var estimator = new PostureEstimator(Clip, [.. elements ?? [ElementRole.Lower, ElementRole.Upper]]);
        if (calibrate)
            estimator.Mark(new Timestamp(0), new Marker.StandCalibration(TimeSpan.FromSeconds(4)));
        Feature[] features = [.. packets.SelectMany(estimator.Update), .. estimator.Mark(new Timestamp(long.MaxValue), new Marker.SessionEnded(Clip))];
        return [.. features.OfType<PostureEstimate>()];
    }

    /// <summary>
    /// Parts of <paramref name="seconds"/> each, joined by a change of posture in 1 s, as frames of six samples at 100 Hz.
    /// Inclinations of the elements and their lean to the side in degrees; the rates agree with them.
    /// </summary>
    private static List<ImuPacket> Frames(Func<double, (double Lower, double Upper, double Side)>[] parts, double seconds, ElementRole[] elements)
    {
        var count = (int)(100 * seconds * parts.Length) / 6 * 6;
        return [.. Enumerable.Range(0, count).Chunk(6).SelectMany(numbers => elements.Select(element =>
            new ImuPacket(Clip, element, [.. numbers.Select(n => Sample(element, n * 0.01))], 0)))];

        ImuSample Sample(ElementRole element, double t)
        {
            const double Step = 1e-4;
            var q = Body(element, t);
            var turn = q.Inverse * Body(element, t + Step);
            var rate = 2 / Step * new Vector3D(turn.X, turn.Y, turn.Z);
            return new ImuSample(new Timestamp((long)Math.Round(t * 1e9)), 9.80665 * q.Inverse.Rotate(Vector3D.UnitZ), rate);
        }

        // Earth: x forward, y left, z up. Sensor: X cranial, Y left, Z posterior.
        Rotation Body(ElementRole element, double t)
        {
            var (lower, upper, side) = At(t);
            var upright = Rotation.FromAxisAngle(Vector3D.UnitY, Angle.FromDegrees(-90));
            var lean = Rotation.FromAxisAngle(Vector3D.UnitY, Angle.FromDegrees(element == ElementRole.Lower ? lower : upper));
            return Rotation.FromAxisAngle(Vector3D.UnitX, Angle.FromDegrees(side)) * lean * upright;
        }

        (double Lower, double Upper, double Side) At(double t)
        {
            var part = Math.Clamp((int)(t / seconds), 0, parts.Length - 1);
            var now = parts[part](t);
            if (part == 0)
                return now;
            var before = parts[part - 1](part * seconds);
            var s = Math.Clamp(t - part * seconds, 0, 1);
            s = s * s * s * (10 - 15 * s + 6 * s * s);
            return (before.Lower + s * (now.Lower - before.Lower), before.Upper + s * (now.Upper - before.Upper), before.Side + s * (now.Side - before.Side));
        }
    }
}

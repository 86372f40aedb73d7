using SensorHub.Core.Orientation;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using static SensorHub.Core.Tests.Posture.TrunkSignal;

namespace SensorHub.Core.Tests.Posture.Alignment;

/// <summary>A clip that shifts on the skin, and people who only move.</summary>
public class ShiftTests
{
    private static readonly TrunkPose Down = new(80, 99);

    [Fact]
    public void A_knock_that_turns_one_element_is_noticed_and_estimates_are_doubted_until_the_next_stand()
    {
        var signal = new TrunkSignal(_ => Standing) { Mounting = (role, t) => role == ElementRole.Upper ? About(Vector3D.UnitY, 8 * Step(t, 15, 0.2)) : Rotation.Identity };
        var features = Run(signal, 32, (20, new Marker.StandCalibration(TimeSpan.FromSeconds(10))));

        // The stand afterwards differs too: said a second time, with the new zero.
        var cues = features.OfType<Cue>().ToArray();
        Assert.All(cues, cue => Assert.Equal(CueCode.ClipMoved, cue.Code));
        Assert.Equal(2, cues.Length);
        Assert.InRange(cues[0].Time.UnixNanoseconds * 1e-9, 15, 16);
        Assert.Equal(8, cues[0].Value!.Value, 0.5);
        Assert.All(Between(features, 16, 29.9), e => Assert.Equal(Quality.Degraded, e.Quality));
        Assert.All(Between(features, 30.1, 32), e => Assert.Equal(Quality.Good, e.Quality));
        Assert.Contains("differs by 8.0° from the one before", features.OfType<CalibrationResult>().Last().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bend_in_which_one_elements_axis_has_turned_is_noticed()
    {
        var signal = new TrunkSignal(TrunkSignal.Of([(0, 1, Standing), .. ThreeBends(12, Down), (48, 3, Down), (53, 3, Standing)]).At)
        {
            Mounting = (role, t) => role == ElementRole.Lower ? About(Vector3D.UnitX, 30 * Step(t, 40, 3)) : Rotation.Identity,
        };
        var cue = Assert.Single(Run(signal, 56, (12, new Marker.BendCalibration(TimeSpan.FromSeconds(24)))).OfType<Cue>());

        Assert.InRange(cue.Time.UnixNanoseconds * 1e-9, 50, 54);
        Assert.Equal(30, cue.Value!.Value, 2);
    }

    [Fact]
    public void Sitting_down_twisted_bends_and_quick_tilts_of_the_pelvis_are_no_shift()
    {
        var signal = TrunkSignal.Of(
        [
            (0, 1, Standing), .. ThreeBends(12, Down), (40, 1, new TrunkPose(5, -3)), (43, 0.5, new TrunkPose(-5, -3)), (46, 0.5, new TrunkPose(12, -2)), (50, 1.5, Standing),
            (54, 3, Down with { Turn = 30, Lean = 10 }), (58, 3, Standing), (62, 1, Standing + new TrunkPose(0, 0, 15)), (65, 1, Standing),
        ]);
        Assert.Empty(Run(signal, 70, (12, new Marker.BendCalibration(TimeSpan.FromSeconds(24)))).OfType<Cue>());
    }

    private static double Step(double t, double at, double duration)
    {
        var s = Math.Clamp((t - at) / duration, 0, 1);
        return s * s * s * (10 - 15 * s + 6 * s * s);
    }

    private static List<Feature> Run(TrunkSignal signal, double seconds, (double At, Marker Marker) later)
    {
        var estimator = new PostureEstimator(Clip, [ElementRole.Lower, ElementRole.Upper]);
        estimator.Mark(new Timestamp(0), new Marker.StandCalibration(TimeSpan.FromSeconds(10)));
        estimator.Mark(new Timestamp((long)(later.At * 1e9)), later.Marker);
        return [.. signal.Packets(seconds, ElementRole.Lower, ElementRole.Upper).SelectMany(estimator.Update)];
    }

    private static IEnumerable<PostureEstimate> Between(IEnumerable<Feature> features, double from, double to) =>
        features.OfType<PostureEstimate>().Where(e => e.Time.UnixNanoseconds * 1e-9 is var t && t >= from && t <= to);
}

using SensorHub.Core.Posture;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Posture;

public class PhaseClassifierTests
{
    private static readonly Vector3D Upright = Vector3D.UnitX;

    private readonly PhaseClassifier _classifier = new(new PhaseOptions());
    private long _milliseconds;

    [Fact]
    public void Around_a_threshold_the_phase_does_not_flap()
    {
        Hold(2, Standing);
        var changes = 0;
        for (var i = 0; i < 100; i++)
        {
            var before = _classifier.Current;
            // Between leaving (6°) and entering (10°), and 1° beyond either.
            Hold(0.3, Standing with { PelvicRotation = i % 2 == 0 ? -11 : -7 });
            changes += _classifier.Current != before ? 1 : 0;
        }
        Assert.InRange(changes, 0, 1);
    }

    [Fact]
    public void Slouching_is_sitting_with_10_degrees_more_of_lumbar_flexion()
    {
        Assert.Equal(Phase.Sitting, Hold(1, Standing with { PelvicRotation = -15, LumbarFlexion = 26 }));
        Assert.Equal(Phase.Slouching, Hold(1, Standing with { PelvicRotation = -25, LumbarFlexion = 37 }));
        Assert.Equal(Phase.Slouching, Hold(1, Standing with { PelvicRotation = -22, LumbarFlexion = 33 }));
        Assert.Equal(Phase.Sitting, Hold(1, Standing with { PelvicRotation = -20, LumbarFlexion = 30 }));
    }

    [Fact]
    public void A_bend_begins_at_30_and_ends_at_20_degrees_of_the_trunk()
    {
        Hold(1, Standing);
        Assert.Equal(Phase.Standing, Hold(1, Standing with { TrunkFlexion = 28 }));
        Assert.Equal(Phase.Bending, Hold(1, Standing with { TrunkFlexion = 31 }));
        Assert.Equal(Phase.Bending, Hold(1, Standing with { TrunkFlexion = 22 }));
        Assert.Equal(Phase.Standing, Hold(1, Standing with { TrunkFlexion = 18 }));
    }

    [Fact]
    public void A_pressed_roller_is_rolling_and_a_short_lift_does_not_end_it()
    {
        Assert.Equal(Phase.Rolling, Hold(1, Standing with { PelvicRotation = -40, RollerContact = Now }));
        Assert.Equal(Phase.Rolling, Hold(1.5, Standing with { PelvicRotation = -40, RollerContact = Now }));
        var lifted = Now;
        Assert.Equal(Phase.Sitting, Hold(4, Standing with { PelvicRotation = -40, RollerContact = lifted }));
    }

    [Fact]
    public void On_the_back_is_lying_also_before_the_calibration() =>
        Assert.Equal(Phase.Lying, Hold(3, new PhaseInput(default, -Vector3D.UnitZ, null, null, null, 0, null)));

    [Fact]
    public void Face_down_is_a_bend_at_first_and_lying_after_20_s()
    {
        var faceDown = Standing with { TrunkUp = Vector3D.UnitZ, TrunkFlexion = 100, PelvicRotation = 60 };
        Assert.Equal(Phase.Bending, Hold(15, faceDown));
        Assert.Equal(Phase.Lying, Hold(10, faceDown));
    }

    [Fact]
    public void Without_a_calibration_an_upright_trunk_is_unknown() =>
        Assert.Equal(Phase.Unknown, Hold(3, new PhaseInput(default, Upright, null, null, null, 0, null)));

    private Timestamp Now => new(_milliseconds * 1_000_000);

    private static PhaseInput Standing => new(default, Upright, PelvicRotation: 0, TrunkFlexion: 0, LumbarFlexion: 0, RateRms: 1, RollerContact: null);

    private Phase Hold(double seconds, PhaseInput input)
    {
        for (var end = _milliseconds + (long)(seconds * 1000); _milliseconds < end; _milliseconds += 40)
            _classifier.Update(input with { Time = Now });
        return _classifier.Current;
    }
}

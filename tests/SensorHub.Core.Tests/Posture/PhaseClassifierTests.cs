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
        Assert.Equal(Phase.Rolling, Hold(4, Standing with { PelvicRotation = -40, RollerContact = lifted }));
        Assert.Equal(Phase.Sitting, Hold(2, Standing with { PelvicRotation = -40, RollerContact = lifted }));
    }

    [Fact]
    public void Standing_up_ends_rolling_at_once()
    {
        var contact = Now;
        Hold(1, Standing with { PelvicRotation = -40, RollerContact = contact });
        Hold(0.4, Standing with { PelvicRotation = 10, TrunkFlexion = 40, RollerContact = contact, HeightChange = 0.3 });
        Assert.Equal(Phase.Standing, Hold(0.4, Standing with { RollerContact = contact }));
    }

    [Fact]
    public void A_pelvis_that_stays_upright_sits_when_it_was_seen_to_sit_down()
    {
        Hold(1, Standing);
        Hold(0.6, Standing with { TrunkFlexion = 25, HeightChange = -0.2 });
        Assert.Equal(Phase.Sitting, Hold(600, Standing with { PelvicRotation = -3 }));
        Hold(0.6, Standing with { TrunkFlexion = 25, HeightChange = 0.2 });
        Assert.Equal(Phase.Standing, Hold(600, Standing with { PelvicRotation = -12 }));
    }

    [Fact]
    public void Before_any_way_down_was_seen_the_pelvis_tells_sitting()
    {
        Assert.Equal(Phase.Standing, Hold(1, Standing with { PelvicRotation = -7 }));
        Assert.Equal(Phase.Sitting, Hold(2, Standing with { PelvicRotation = -11 }));
        Assert.Equal(Phase.Sitting, Hold(2, Standing with { PelvicRotation = -7 }));
        Assert.Equal(Phase.Standing, Hold(2, Standing with { PelvicRotation = -5 }));
    }

    [Theory]
    [InlineData(-0.3, -1, 30, Phase.Standing)]
    [InlineData(0.3, -25, 30, Phase.Sitting)]
    [InlineData(0.3, -12, 30, Phase.Standing)]
    public void A_pelvis_that_contradicts_for_long_overrules_the_way(double height, double rotation, double seconds, Phase then)
    {
        var sat = height < 0;
        Hold(0.6, Standing with { HeightChange = height });
        Assert.Equal(sat ? Phase.Sitting : Phase.Standing, Hold(8, Standing with { PelvicRotation = sat ? 1 : rotation }));
        Assert.Equal(then, Hold(seconds, Standing with { PelvicRotation = sat ? 1 : rotation }));
    }

    [Fact]
    public void A_squat_to_the_floor_with_the_trunk_forward_is_a_bend_and_no_sitting()
    {
        Hold(1, Standing);
        Assert.Equal(Phase.Bending, Hold(1, Standing with { TrunkFlexion = 70, HeightChange = -0.3 }));
    }

    [Fact]
    public void Steps_are_walking_also_before_the_calibration_and_end_sitting()
    {
        Assert.Equal(Phase.Walking, Hold(1, new PhaseInput { Time = default, TrunkUp = Upright, StepRms = 1.5 }));
        Hold(1, Standing with { HeightChange = -0.3 });
        Hold(1, Standing with { PelvicRotation = -15 });
        Assert.Equal(Phase.Walking, Hold(1, Standing with { PelvicRotation = -15, StepRms = 1.5 }));
        Assert.Equal(Phase.Standing, Hold(1, Standing with { PelvicRotation = -8 }));
    }

    [Fact]
    public void A_gap_leaves_sitting_to_the_pelvis()
    {
        Hold(1, Standing with { HeightChange = -0.3 });
        Assert.Equal(Phase.Sitting, Hold(1, Standing with { PelvicRotation = -3 }));
        _milliseconds += 5000;
        Assert.Equal(Phase.Standing, Hold(2, Standing with { PelvicRotation = -3 }));
    }

    [Fact]
    public void With_the_upper_element_alone_sitting_and_standing_are_unknown() =>
        Assert.Equal(Phase.Unknown, Hold(2, Standing with { PelvicRotation = null, LumbarFlexion = null }));

    [Fact]
    public void On_the_back_is_lying_also_before_the_calibration() =>
        Assert.Equal(Phase.Lying, Hold(3, new PhaseInput { Time = default, TrunkUp = -Vector3D.UnitZ }));

    [Fact]
    public void Face_down_is_a_bend_at_first_and_lying_after_20_s()
    {
        var faceDown = Standing with { TrunkUp = Vector3D.UnitZ, TrunkFlexion = 100, PelvicRotation = 60 };
        Hold(1, Standing);
        Assert.Equal(Phase.Bending, Hold(15, faceDown));
        Assert.Equal(Phase.Lying, Hold(10, faceDown));
    }

    [Fact]
    public void Who_turns_over_on_the_floor_goes_on_lying()
    {
        Hold(1, Standing);
        Assert.Equal(Phase.Lying, Hold(2, Standing with { TrunkUp = -Vector3D.UnitZ, PelvicRotation = -100, TrunkFlexion = -90 }));
        Hold(0.4, Standing with { PelvicRotation = -40, TrunkFlexion = -30 });
        Hold(0.6, Standing with { PelvicRotation = -5, TrunkFlexion = 3 });
        Assert.Equal(Phase.Lying, Hold(2, Standing with { TrunkUp = Vector3D.UnitZ, TrunkFlexion = 90, PelvicRotation = 80 }));
    }

    [Fact]
    public void A_lean_while_sinking_is_sitting_down_and_no_bend()
    {
        Hold(1, Standing);
        Assert.Equal(Phase.Standing, Hold(0.6, Standing with { TrunkFlexion = 45, HeightChange = -0.1 }));
        Assert.Equal(Phase.Sitting, Hold(0.6, Standing with { TrunkFlexion = 40, HeightChange = -0.2 }));
    }

    [Fact]
    public void The_persons_own_sitting_shifts_what_slouching_is()
    {
        Assert.Equal(Phase.Sitting, Hold(1, Standing with { PelvicRotation = -15, LumbarFlexion = 40, SittingFlexion = 35 }));
        Assert.Equal(Phase.Slouching, Hold(1, Standing with { PelvicRotation = -15, LumbarFlexion = 46, SittingFlexion = 35 }));
    }

    [Fact]
    public void Without_a_calibration_an_upright_trunk_is_unknown() =>
        Assert.Equal(Phase.Unknown, Hold(3, new PhaseInput { Time = default, TrunkUp = Upright }));

    private Timestamp Now => new(_milliseconds * 1_000_000);

    private static PhaseInput Standing => new() { Time = default, TrunkUp = Upright, PelvicRotation = 0, TrunkFlexion = 0, LumbarFlexion = 0, HeightChange = 0 };

    private Phase Hold(double seconds, PhaseInput input)
    {
        for (var end = _milliseconds + (long)(seconds * 1000); _milliseconds < end; _milliseconds += 40)
            _classifier.Update(input with { Time = Now });
        return _classifier.Current;
    }
}

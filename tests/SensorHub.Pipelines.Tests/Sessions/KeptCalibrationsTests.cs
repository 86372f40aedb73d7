using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Units;
using SensorHub.Pipelines.Sessions;
using static SensorHub.Pipelines.Tests.HandMade;

namespace SensorHub.Pipelines.Tests.Sessions;

public sealed class KeptCalibrationsTests : IDisposable
{
    private static readonly PostureCalibration Calibration = new()
    {
        Time = At(5), Sensor = Clip, Method = CalibrationMethod.Stand,
        Lower = new ElementCalibration
        {
            Alignment = Rotation.Identity, Mounting = Mounting.Nominal, Standing = new Measured(19.9, 0.3), Sway = 0.4, Up = Vector3D.UnitX,
        },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("kept-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_calibration_is_given_to_the_next_session_and_to_one_after_a_restart()
    {
        var before = Keeper();
        Assert.Empty(before.After(Described(0, Clip, ClipDescriptor)));
        Assert.Empty(before.After(Began(1)));
        before.Take(Result(CalibrationStep.Stand, accepted: true));
        before.After(Ended(10));
        Assert.Equal([Marked(20, new Marker.CalibrationGiven(Calibration))], before.After(Began(20)));

        var after = Keeper();
        Assert.Empty(after.After(Began(30)));
        Assert.Equal([Marked(31, new Marker.CalibrationGiven(Calibration))], after.After(Described(31, Clip, ClipDescriptor)));
        Assert.Empty(after.After(Described(32, Clip, ClipDescriptor)));
        Assert.Empty(after.After(Described(33, Roller, RollerDescriptor)));
    }

    [Fact]
    public void A_refused_one_leaves_the_one_before_and_one_that_ended_is_given_no_more()
    {
        var kept = Keeper();
        kept.After(Described(0, Clip, ClipDescriptor));
        kept.Take(Result(CalibrationStep.Stand, accepted: true));
        kept.Take(Result(CalibrationStep.Bends, accepted: false));
        Assert.Single(kept.After(Began(20)));
        kept.Take(new CalibrationResult { Time = At(21), Sensor = Clip, Step = CalibrationStep.Ended, Accepted = false, Reason = "The clip was put on anew. Stand again." });
        kept.After(Ended(22));
        Assert.Empty(kept.After(Began(30)));
    }

    private KeptCalibrations Keeper() => new(new CalibrationStore(_folder, line => Assert.Fail(line)));

    private static CalibrationResult Result(CalibrationStep step, bool accepted) => new()
    {
        Time = At(9), Sensor = Clip, Step = step, Accepted = accepted, Reason = "", Calibration = Calibration,
    };
}

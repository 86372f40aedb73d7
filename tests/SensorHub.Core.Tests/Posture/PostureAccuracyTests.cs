using System.Globalization;
using System.Text;
using SensorHub.Core.Orientation;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Recordings;
using SensorHub.Core.Units;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Posture;

/// <summary>
/// The sagittal angles on recordings, and docs/accuracy/posture.md, which lists them. Two IMUs on the two halves of a hinge, moved
/// about by hand, have an optical reference: the angle of one half against the other about the hinge. The two segments of a
/// hinge are what pelvis and chest are in the sagittal plane, so the classes for those are used as they are.
/// </summary>
public class PostureAccuracyTests
{
    /// <summary>The filters have found gravity, s.</summary>
    private const double Settled = 5;

    /// <summary>The part of a trial that shows the axis ends here, s.</summary>
    private const double AxisShown = 30;

    /// <summary>Plates on the hinge itself; research IMUs, calibrated.</summary>
    private static readonly PostureOptions Glued = new() { SkinUncertainty = 0, SkinShare = 0, OffsetUncertainty = 0 };

    [Fact]
    public void The_angle_of_a_hinge_is_right_within_1_5_degrees_its_2u_covers_it_and_beyond_60_degrees_it_is_not_observable()
    {
        var hinges = new[] { Hinge("joint_1D_02"), Hinge("joint_1D_04") };
        var lumbar = Lumbar();
        var page = Page(hinges, lumbar);
        var file = Repository.PathOf("docs", "accuracy", "posture.md");
        if (Repository.UpdatesGoldenFiles)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, page);
        }

        Assert.All(hinges, hinge =>
        {
            Assert.InRange(hinge.Explained, 0.9, 1);
            Assert.InRange(hinge.Rmse, 0, 1.5);
            Assert.InRange(hinge.Coverage, 0.90, 0.98);
            Assert.InRange(hinge.Observable, 1, hinge.Rows - 1);
        });
        Assert.Equal(28.1, lumbar, 1.0);
        Assert.Equal(File.ReadAllText(file), page);
    }

    /// <param name="Explained">Share of the relative rate's variance that the hinge's axis explains, the lesser of the two sensors.</param>
    /// <param name="Rows">With a reference, after the filters have settled.</param>
    /// <param name="Observable">Those with the axis at most 60° from the horizontal in both.</param>
    /// <param name="Rmse">° over these, without the mean: the zero of the hinge is not known to the sensors.</param>
    /// <param name="Coverage">Share of these within 2u.</param>
    /// <param name="Beyond">RMSE, °, of what gravity would say beyond 60°.</param>
    private sealed record HingeAccuracy(string Trial, double Explained, int Rows, int Observable, double Rmse, double Coverage, double Uncertainty, double Beyond);

    private static HingeAccuracy Hinge(string trial)
    {
        var recording = Recording.Read(Require.Recording($"two_imu_joint/{trial}.csv.gz"));
        var (axes, explained) = Axes(recording);
        var tracks = axes.Select(axis => new ElementTrack(Glued, null) { Calibration = Along(axis) }).ToArray();
        var wide = axes.Select(axis => new ElementTrack(Glued with { FlexionAxisLimit = 80 }, null) { Calibration = Along(axis) }).ToArray();

        List<(double Error, double Uncertainty)> known = [];
        List<double> beyond = [];
        var rows = 0;
        for (var row = 0; row < recording.Count; row++)
        {
            for (var i = 0; i < 2; i++)
            {
                tracks[i].Update(recording.Imu(row, $"*{i + 1}"));
                wide[i].Update(recording.Imu(row, $"*{i + 1}"));
            }
            if (recording[row, "t_s"] < Settled || recording.Reference(row, "ref1") is not { } first || recording.Reference(row, "ref2") is not { } second)
                continue;
            rows++;
            var truth = Twist(second.Inverse * first, (axes[0] + axes[1]).Normalized());
            var time = recording.Time(row);
            if (Angle(tracks, time) is { } angle)
                known.Add((Wrap(angle.Value - truth), angle.StandardUncertainty));
            else if (Angle(wide, time) is { } doubtful)
                beyond.Add(Wrap(doubtful.Value - truth));
        }
        var zero = known.Average(k => k.Error);
        return new HingeAccuracy(
            trial, explained, rows, known.Count,
            Math.Sqrt(known.Average(k => Square(k.Error - zero))),
            known.Average(k => Math.Abs(k.Error - zero) <= 2 * k.Uncertainty ? 1.0 : 0),
            known.Average(k => k.Uncertainty),
            Math.Sqrt(beyond.Average(error => Square(error - zero))));
    }

    /// <summary>
    /// The axis of the hinge in both sensors: the first principal component of the relative angular rate, ω2 − R·ω1 and its turn
    /// into the other sensor, while the two orientations, whose headings have no reference, have not drifted apart.
    /// </summary>
    private static (Vector3D[] Axes, double Explained) Axes(Recording recording)
    {
        OrientationFilter[] filters = [new(), new()];
        PrincipalAxis[] axes = [new(), new()];
        for (var row = 0; recording[row, "t_s"] < AxisShown; row++)
        {
            var (a, b) = (filters[0].Update(recording.Imu(row, "*1")), filters[1].Update(recording.Imu(row, "*2")));
            if (recording[row, "t_s"] < Settled)
                continue;
            var toFirst = a.Orientation.Inverse * b.Orientation;
            var relative = b.AngularRate - toFirst.Inverse.Rotate(a.AngularRate);
            axes[0].Add(toFirst.Rotate(relative), 1);
            axes[1].Add(relative, 1);
        }
        var ((first, share), (second, other)) = (axes[0].Find(), axes[1].Find());
        return ([first, Vector3D.Dot(first, second) < 0 ? -second : second], Math.Min(share, other)); // the sensors lie much alike
    }

    private static ElementCalibration Along(Vector3D axis) => new()
    {
        Alignment = SegmentFrame.Of(axis, Vector3D.UnitZ),
        Mounting = Mounting.Unclear,
        Up = Vector3D.UnitX,
        Standing = default,
        Sway = 0,
    };

    private static Measured? Angle(ElementTrack[] tracks, Core.Timing.Timestamp time) =>
        tracks[0].Inclination(time) is { } a && tracks[1].Inclination(time) is { } b ? ElementTrack.Difference(a, b) : null;

    /// <summary>The part of a rotation that is about an axis, °.</summary>
    private static double Twist(Rotation q, Vector3D axis) =>
        Wrap(double.RadiansToDegrees(2 * Math.Atan2(Vector3D.Dot(new Vector3D(q.X, q.Y, q.Z), axis), q.W)));

    private static double Lumbar()
    {
        var csv = ImuCsv.Read(Require.Recording("lumbar/fullbody_hip_lowerback_upperback.csv.gz"), "hip", "lower_back");
        var posture = RecordedPosture.Of(csv, csv.Imus[0], csv.Imus[1], new RecordedSpan(0, 4));
        return csv.Seconds.Zip(posture.Rows).Where(row => row.First is >= 12 and < 39).Average(row => row.Second.LumbarFlexion!.Value.Value);
    }

    private static string Page(HingeAccuracy[] hinges, double lumbar)
    {
        var page = new StringBuilder("""
            # Accuracy of the sagittal angles

            Written by the tests of `SensorHub.Core` from the recordings in ../shared/data; a change of any number shows as a change of this page.

            ## Angle between two IMUs on a hinge
            Both halves are moved about by hand and have an optical reference. The estimate is the difference of two inclinations from gravity alone, about the axis of
            the hinge, by the classes that give lordosis. The axis in each sensor is the first principal component of the relative angular rate from 5 to 30 s; the rates of a
            half by itself do not show it, as the whole is turned in all directions. Reference: the part of the relative optical rotation that is about this axis. The mean
            difference is left out, since the zero of the hinge is not known to the sensors, and so are the first 5 s.

            | trial | axis explains | rows | observable | RMSE | within 2u | mean u | RMSE not observable, up to 80° |
            | --- | --- | --- | --- | --- | --- | --- | --- |

            """.ReplaceLineEndings("\n"));
        foreach (var h in hinges)
            page.Append(CultureInfo.InvariantCulture,
                $"| {h.Trial} | {100 * h.Explained:0.0} % | {h.Rows} | {100.0 * h.Observable / h.Rows:0.0} % | {h.Rmse:0.00}° | {100 * h.Coverage:0.0} % | {h.Uncertainty:0.00}° | {h.Beyond:0.0}° |\n");
        page.Append(string.Create(CultureInfo.InvariantCulture, $"""

            Observable: the axis is at most 60° from the horizontal in both sensors. Beyond, values are absent; the last column shows why.

            ## Standing to sitting
            One person with IMUs on hip and lower back stands from 0 to 4 s and sits from 12 to 39 s (lumbar/fullbody_hip_lowerback_upperback.csv.gz):
            lumbar flexion while sitting, with the stand as zero, is {lumbar:0.00}° in the mean. There is no optical reference; 28.1° comes with
            the recording.

            """).ReplaceLineEndings("\n"));
        return page.ToString();
    }

    private static double Wrap(double degrees) => Core.Units.Angle.FromDegrees(degrees).Wrapped().Degrees;

    private static double Square(double x) => x * x;
}

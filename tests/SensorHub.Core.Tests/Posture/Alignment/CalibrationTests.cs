using CsCheck;
using SensorHub.Core.Orientation;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using static SensorHub.Core.Tests.Posture.TrunkSignal;

namespace SensorHub.Core.Tests.Posture.Alignment;

/// <summary>Stands 0–10 s, bends 12–36 s, bends to the side and turns, sits down by 45 s.</summary>
public class CalibrationTests
{
    private static readonly (double, Marker) Stand = (0, new Marker.StandCalibration(TimeSpan.FromSeconds(10)));
    private static readonly (double, Marker) Bend = (12, new Marker.BendCalibration(TimeSpan.FromSeconds(24)));
    private static readonly TrunkPose Down = new(80, 99);
    private static readonly TrunkPose Sitting = new(5, -3);

    private static readonly Gen<Vector3D> SmallTurn =
        Gen.Select(Gen.Double[-1, 1], Gen.Double[-1, 1], Gen.Double[-1, 1], Gen.Double[0, 10], (x, y, z, degrees) => double.DegreesToRadians(degrees) * new Vector3D(x, y, z).Normalized());

    [Fact]
    public void However_the_clip_is_turned_about_the_skins_normal_and_10_degrees_askew_changes_are_those_of_nominal_mounting_within_half_a_degree()
    {
        var nominal = Run(Person(), [Stand, Bend]);
        Gen.Select(Gen.Int[0, 3], SmallTurn, SmallTurn).Sample((quarters, lower, upper) =>
        {
            var mounted = new TrunkSignal(Person().At)
            {
                Mounting = (role, _) => About(Vector3D.UnitZ, -90 * quarters) * Rotation.FromRotationVector(role == ElementRole.Lower ? lower : upper),
            };
            var estimates = Run(mounted, [Stand, Bend]);
            return After(37, estimates).Zip(After(37, nominal)).All(pair =>
                Near(pair.First.LumbarFlexion, pair.Second.LumbarFlexion, 0.5) && Near(pair.First.PelvicRotation, pair.Second.PelvicRotation, 0.5));
        }, iter: 4);
    }

    [Fact]
    public void A_twist_on_the_skin_or_a_place_beside_the_midline_leaves_the_angles_themselves_as_they_are()
    {
        var nominal = Run(Person(), [Stand, Bend]);
        Gen.Select(Gen.Double[-180, 180], Gen.Double[-10, 10]).Sample((twist, aside) =>
        {
            var mounted = new TrunkSignal(Person().At) { Mounting = (_, _) => About(Vector3D.UnitZ, twist) * About(Vector3D.UnitX, aside) };
            var estimates = Run(mounted, [Stand, Bend]);
            return After(37, estimates).Zip(After(37, nominal)).All(pair =>
                Near(pair.First.Lordosis, pair.Second.Lordosis, 0.2) && Near(pair.First.PelvicInclination, pair.Second.PelvicInclination, 0.2));
        }, iter: 3);
    }

    [Fact]
    public void The_pitch_of_the_plate_is_the_inclination_measured_and_stays_in_the_angle()
    {
        var pitched = new TrunkSignal(Person().At) { Mounting = (role, _) => About(Vector3D.UnitY, role == ElementRole.Lower ? -6 : 0) };

        var sitting = Run(pitched, [Stand, Bend])[^1];
        Assert.Equal(8 + 6, sitting.Lordosis!.Value.Value, 0.2);
        Assert.Equal(23, sitting.LumbarFlexion!.Value.Value, 0.2);
    }

    [Theory]
    [InlineData(0, Mounting.Nominal)]
    [InlineData(20, Mounting.Nominal)]
    [InlineData(180, Mounting.UpsideDown)]
    [InlineData(90, Mounting.SidewaysLeft)]
    [InlineData(-90, Mounting.SidewaysRight)]
    [InlineData(45, Mounting.Unclear)]
    public void How_the_clip_is_turned_is_named_from_the_stand_alone(double twist, Mounting expected)
    {
        // The segment is at −twist in a sensor that is turned by twist.
        var mounted = new TrunkSignal(Person().At) { Mounting = (_, _) => About(Vector3D.UnitZ, -twist) };
        var (_, result) = Calibrate(mounted, [Stand], 11);

        Assert.Equal(expected, result.Calibration!.Lower!.Mounting);
        Assert.Equal(20, result.Calibration.Lower.Standing.Value, 0.1);
        Assert.Equal(expected == Mounting.Nominal, result.Reason.Length == 0);
    }

    [Fact]
    public void Bends_tell_that_the_clip_is_worn_with_its_back_outside()
    {
        var mounted = new TrunkSignal(Person().At) { Mounting = (_, _) => About(Vector3D.UnitX, 180) };
        var (estimates, result) = Calibrate(mounted, [Stand, Bend], 50);

        Assert.Equal(Mounting.BackToFront, result.Calibration!.Lower!.Mounting);
        Assert.Equal(8, estimates[^1].Lordosis!.Value.Value, 0.2);
        Assert.Equal(23, estimates[^1].LumbarFlexion!.Value.Value, 0.2);
    }

    [Fact]
    public void The_bends_say_how_well_their_axis_explains_them_and_how_deep_they_were()
    {
        var (_, result) = Calibrate(Person(), [Stand, Bend], 37);

        Assert.True(result.Accepted);
        Assert.Equal(CalibrationMethod.StandAndBends, result.Calibration!.Method);
        Assert.InRange(result.Calibration.Lower!.AxisExplained!.Value, 0.99, 1);
        Assert.Equal(60, result.Calibration.Lower.BendDepth!.Value, 0.5);
        Assert.False(result.Calibration.LooksSwapped);
    }

    [Theory]
    [InlineData("twisted", "One axis explains")]
    [InlineData("sideways", "bent to the side")]
    [InlineData("shallow", "turned by 10° only")]
    [InlineData("turned", "turned about the vertical")]
    public void Bends_without_a_flexion_axis_are_refused_with_what_to_do_and_the_stand_holds_on(string how, string said)
    {
        var down = how switch
        {
            "twisted" => new TrunkPose(60, 70, 0, 50),
            "sideways" => Standing + new TrunkPose(0, 0, 40),
            "turned" => Standing + new TrunkPose(0, 0, 0, 80),
            _ => Standing + new TrunkPose(10, 10),
        };
        (double, double, TrunkPose)[] moves = how == "twisted" // first down, then about
            ? [(0, 1, Standing), .. Enumerable.Range(0, 3).SelectMany(i => new[] { (14.0 + 8 * i, 2.0, down with { Turn = 0 }), (16.0 + 8 * i, 2.0, down), (18.0 + 8 * i, 2.0, down with { Turn = 0 }), (20.0 + 8 * i, 2.0, Standing) })]
            : [(0, 1, Standing), .. ThreeBends(12, down)];
        var (estimates, result) = Calibrate(TrunkSignal.Of(moves), [Stand, Bend], 38);

        Assert.False(result.Accepted);
        Assert.Contains(said, result.Reason, StringComparison.Ordinal);
        Assert.Equal(CalibrationMethod.Stand, result.Calibration!.Method);
        Assert.Equal(31, estimates[^1].Lordosis!.Value.Value, 0.5);
    }

    [Fact]
    public void Bends_before_the_stand_are_refused_at_once()
    {
        var (_, result) = Calibrate(Person(), [Bend], 14);
        Assert.False(result.Accepted);
        Assert.Contains("The stand comes first", result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 0, "too short")]
    [InlineData(10, 5, "swayed by")]
    public void A_stand_that_is_short_or_moves_is_refused(double seconds, double sway, string said)
    {
        var signal = new TrunkSignal(t => Standing + new TrunkPose(sway * Math.Sin(2 * t), 0));
        var (_, result) = Calibrate(signal, [(0, new Marker.StandCalibration(TimeSpan.FromSeconds(seconds)))], 12);
        Assert.False(result.Accepted);
        Assert.Contains(said, result.Reason, StringComparison.Ordinal);
        Assert.Null(result.Calibration);
    }

    [Fact]
    public void Who_lies_does_not_stand()
    {
        var (_, result) = Calibrate(new TrunkSignal(_ => new TrunkPose(-85, -90)), [Stand], 12);
        Assert.Contains("lying", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_inside_the_window_is_said()
    {
        var packets = Person().Packets(12, ElementRole.Lower, ElementRole.Upper)
            .Where(p => p.Element == ElementRole.Lower || p.Samples[0].Time.UnixNanoseconds * 1e-9 is < 4 or > 5.5);
        var result = Feed(packets, [Stand]).OfType<CalibrationResult>().Single();
        Assert.False(result.Accepted);
        Assert.StartsWith("The upper element was silent for 1.5 s", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Swapped_elements_are_noticed_from_the_stand_and_from_the_bends()
    {
        var swapped = new TrunkSignal(t => Person().At(t) is var p ? new TrunkPose(p.Upper, p.Lower) : default);
        var features = Feed(swapped.Packets(40, ElementRole.Lower, ElementRole.Upper), [Stand, Bend]).OfType<CalibrationResult>().ToArray();
        Assert.All(features, result => Assert.Contains("look swapped", result.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_calibration_ends_when_the_clip_is_put_on_anew_and_when_it_expires()
    {
        var attached = Feed(Person().Packets(20, ElementRole.Lower, ElementRole.Upper), [Stand, (15, new Marker.ClipAttached(Slug.Parse("second")))]);
        Assert.Equal(CalibrationStep.Ended, attached.OfType<CalibrationResult>().Last().Step);
        Assert.Null(attached.OfType<PostureEstimate>().Last().Calibration);

        var options = new PostureOptions { Alignment = new AlignmentOptions { Expiry = TimeSpan.FromSeconds(60) } };
        var still = new TrunkSignal(_ => Standing);
        var expired = Feed(still.Packets(62, ElementRole.Lower, ElementRole.Upper), [Stand], options);
        Assert.Equal(CalibrationStep.Ended, expired.OfType<CalibrationResult>().Last().Step);
        Assert.Null(expired.OfType<PostureEstimate>().Last().LumbarFlexion);
    }

    [Fact]
    public void A_calibration_given_back_makes_the_same_estimates_and_one_of_another_wearing_is_refused()
    {
        var (estimates, made) = Calibrate(Person(), [Stand, Bend], 50);
        var given = PostureCalibrationJson.Read(PostureCalibrationJson.Write(made.Calibration!));
        Assert.Equal(made.Calibration, given);

        var again = Feed(Person().Packets(50, ElementRole.Lower, ElementRole.Upper), [(36.5, new Marker.CalibrationGiven(given))]);
        Assert.Equal(After(37, estimates), After(37, [.. again.OfType<PostureEstimate>()]), (a, b) => a.Lordosis == b.Lordosis && a.LumbarFlexion == b.LumbarFlexion && a.Calibration == b.Calibration);

        var refused = Feed(Person().Packets(40, ElementRole.Lower, ElementRole.Upper), [(1, new Marker.ClipAttached(Slug.Parse("second"))), (36.5, new Marker.CalibrationGiven(given))]);
        Assert.Contains("another wearing", refused.OfType<CalibrationResult>().Single().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_calibration_reads_back_to_the_last_bit() =>
        Gen.Select(Gen.Double[-1, 1], Gen.Double[-1, 1], Gen.Double[-1, 1], Gen.Long[0, 4_000_000_000_000_000_000]).Sample((x, y, z, time) =>
        {
            var element = new ElementCalibration
            {
                Alignment = Rotation.FromRotationVector(new Vector3D(x, y, z)),
                Mounting = Mounting.UpsideDown,
                Up = new Vector3D(x, y, 2 + z).Normalized(),
                Standing = new Measured(x * 30, y * y),
                Sway = z * z,
                AxisExplained = Math.Abs(y),
                BendDepth = 100 * z,
            };
            var calibration = new PostureCalibration
            {
                Time = new Timestamp(time),
                Sensor = Clip,
                Attachment = Slug.Parse("a"),
                Method = CalibrationMethod.StandAndBends,
                Lower = element,
                Upper = element with { Sitting = new Measured(z, x * x), AxisExplained = null },
            };
            return PostureCalibrationJson.Read(PostureCalibrationJson.Write(calibration)) == calibration;
        });

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("{\"schema\": 1}", "not what a calibration has there")]
    [InlineData("null", "null")]
    public void What_is_no_calibration_is_refused_in_one_line(string text, string said)
    {
        var e = Assert.Throws<FormatException>(() => PostureCalibrationJson.Read(text));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void One_element_tells_changes_while_sitting_once_sitting_is_calibrated()
    {
        var signal = TrunkSignal.Of((0, 1, Standing), (14, 2, Sitting), (30, 2, Sitting + new TrunkPose(-8, 0)));
        var features = Feed(signal.Packets(36, ElementRole.Lower), [Stand, (16, new Marker.SitCalibration(TimeSpan.FromSeconds(10)))], null, ElementRole.Lower);
        var last = features.OfType<PostureEstimate>().Last();

        Assert.Equal(Phase.Sitting, last.Phase);
        Assert.Equal(-8, last.LordosisChange!.Value.Value, 0.2);
        Assert.InRange(last.LordosisChange.Value.StandardUncertainty, 8 * 0.4, 8 * 0.4 + 1);
        Assert.All(features.OfType<PostureEstimate>().Where(e => Seconds(e) is > 15 and < 25), e => Assert.Null(e.LordosisChange));
    }

    private static TrunkSignal Person() =>
        TrunkSignal.Of([(0, 1, Standing), .. ThreeBends(12, Down), (39, 2, Standing + new TrunkPose(0, 0, 6)), (42, 2, Standing + new TrunkPose(0, 0, 0, 30)), (45, 2, Sitting)]);

    private static (List<PostureEstimate> Estimates, CalibrationResult Last) Calibrate(TrunkSignal signal, (double, Marker)[] markers, double seconds)
    {
        var features = Feed(signal.Packets(seconds, ElementRole.Lower, ElementRole.Upper), markers);
        return ([.. features.OfType<PostureEstimate>()], features.OfType<CalibrationResult>().Last());
    }

    private static List<PostureEstimate> Run(TrunkSignal signal, (double, Marker)[] markers) => Calibrate(signal, markers, 50).Estimates;

    private static List<Feature> Feed(IEnumerable<ImuPacket> packets, (double At, Marker Marker)[] markers, PostureOptions? options = null, params ElementRole[] elements)
    {
        var estimator = new PostureEstimator(Clip, elements is [] ? [ElementRole.Lower, ElementRole.Upper] : [.. elements], options);
        foreach (var (at, marker) in markers)
            estimator.Mark(new Timestamp((long)(at * 1e9)), marker);
        return [.. packets.SelectMany(estimator.Update)];
    }

    private static IEnumerable<PostureEstimate> After(double seconds, IEnumerable<PostureEstimate> estimates) => estimates.Where(e => Seconds(e) >= seconds);

    private static double Seconds(PostureEstimate e) => e.Time.UnixNanoseconds * 1e-9;

    private static bool Near(Measured? a, Measured? b, double limit) => a is { } x && b is { } y && Math.Abs(x.Value - y.Value) <= limit;
}

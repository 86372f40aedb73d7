using SensorHub.Core.Orientation;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Posture;

/// <summary>
/// Two people with one IMU on the lower back, walking a few metres there (Test 5). Where they walk is seen in the raw acceleration: from the
/// first to the last peak of more than 2 m/s² above gravity, the heel strikes.
/// </summary>
public class WalkingRecordingTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("HA001_Test5_Trial1", 5.08, 10.58)]
    [InlineData("HA001_Test5_Trial2", 3.95, 9.38)]
    [InlineData("HA002_Test5_Trial1", 2.49, 6.31)]
    [InlineData("HA002_Test5_Trial2", 2.32, 6.04)]
    public void They_walk_where_they_walk_with_or_without_a_calibration(string trial, double from, double to)
    {
        foreach (var calibrated in new[] { true, false })
        {
            var estimates = Run(trial, calibrated);
            var right = estimates.Count(e => Seconds(e) is var t && ((t > from + 1 && t < to - 1 && e.Phase == Phase.Walking) || ((t < from - 1 || t > to + 1) && e.Phase != Phase.Walking)));
            var counted = estimates.Count(e => Seconds(e) is var t && Math.Abs(t - from) > 1 && Math.Abs(t - to) > 1);
            output.WriteLine(FormattableString.Invariant($"{trial}: {(calibrated ? "calibrated" : "not calibrated")} {right} of {counted} right"));
            Assert.InRange((double)right / counted, 0.98, 1);
        }
    }

    private static double Seconds(PostureEstimate estimate) => 1e-9 * estimate.Time.UnixNanoseconds;

    private static List<PostureEstimate> Run(string trial, bool calibrated)
    {
        var recording = Recording.Read(Require.Recording($"lower_back/mobgap_{trial}.csv.gz"));
        var clip = Slug.Parse("clip");
        var estimator = new PostureEstimator(clip, [ElementRole.Lower]);
        if (calibrated)
            estimator.Mark(new Timestamp(0), new Marker.StandCalibration(TimeSpan.FromSeconds(1.5)));
        var estimates = new List<PostureEstimate>();
        foreach (var rows in Enumerable.Range(0, recording.Count).Chunk(6))
            estimates.AddRange(estimator.Update(new ImuPacket(clip, ElementRole.Lower, [.. rows.Select(row => Worn(recording.Imu(row)))], 0)).OfType<PostureEstimate>());
        return estimates;
    }

    /// <summary>Recorded with y to the right and z forward: half a turn about x.</summary>
    private static ImuSample Worn(ImuSample s) => s with { SpecificForce = HalfTurn(s.SpecificForce), AngularRate = HalfTurn(s.AngularRate) };

    private static Vector3D HalfTurn(Vector3D v) => new(v.X, -v.Y, -v.Z);
}

using SensorHub.Core.Orientation;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Orientation;

/// <summary>The filter on recordings with an optical reference.</summary>
public class OrientationRecordingTests(ITestOutputHelper output)
{
    [Fact]
    public void Inclination_on_BROAD_is_right_within_1_2_degrees_in_the_mean_and_its_uncertainty_covers_it()
    {
        var results = new[]
        {
            "02_undisturbed_slow_rotation_B", "08_undisturbed_fast_rotation_with_breaks_A", "16_undisturbed_fast_translation_B", "25_disturbed_tapping_B",
        }.Select(trial =>
        {
            var recording = Recording.Read(Require.Recording($"broad/{trial}.csv.gz"));
            return Compare(trial, recording, "*", "ref", row => recording[row, "movement"] == 1);
        }).ToArray();

        Assert.InRange(results.Average(r => r.Rmse), 0, 1.2);
        Assert.All(results, r => Assert.InRange(r.Coverage, 0.9, 1));
    }

    [Fact]
    public void Inclination_of_two_IMUs_on_a_joint_is_right_within_2_5_degrees_in_the_mean()
    {
        // The gyroscopes' bias is near 1 °/s, and there is no rest to learn it from: the limit of a filter that learns at rest only.
        var results = new[] { "joint_1D_02", "joint_1D_04", "joint_3D_02" }.SelectMany(trial =>
        {
            var recording = Recording.Read(Require.Recording($"two_imu_joint/{trial}.csv.gz"));
            return new[] { 1, 2 }.Select(i => Compare($"{trial} {i}", recording, $"*{i}", $"ref{i}", row => recording[row, "t_s"] >= 5));
        }).ToArray();

        Assert.InRange(results.Average(r => r.Rmse), 0, 2.5);
    }

    private (double Rmse, double Coverage) Compare(string name, Recording recording, string imu, string reference, Func<int, bool> counts)
    {
        var filter = new OrientationFilter();
        double squares = 0;
        int samples = 0, covered = 0;
        for (var row = 0; row < recording.Count; row++)
        {
            var estimate = filter.Update(recording.Imu(row, imu));
            if (!counts(row) || recording.Reference(row, reference) is not { } truth)
                continue;
            var error = (estimate.Orientation * truth.Inverse).Inclination.Degrees;
            squares += error * error;
            samples++;
            if (error <= 2 * estimate.InclinationUncertainty.Degrees)
                covered++;
        }
        var (rmse, coverage) = (Math.Sqrt(squares / samples), (double)covered / samples);
        output.WriteLine(FormattableString.Invariant($"{name}: inclination RMSE {rmse:0.000}°, within 2u {coverage:0.000}"));
        return (rmse, coverage);
    }
}

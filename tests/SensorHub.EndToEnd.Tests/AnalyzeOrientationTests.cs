using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub analyze orientation</c>, started as a person would.</summary>
public sealed class AnalyzeOrientationTests
{
    private const string Trial = "08_undisturbed_fast_rotation_with_breaks_A";

    [Fact]
    public async Task The_orientation_of_a_recording_is_that_of_the_authors_implementation_row_by_row()
    {
        var input = Require.Recording($"broad/{Trial}.csv.gz");
        var reference = await Csv.ReadAsync(Require.Recording($"reference_output/{Trial}.vqf_default_6d.csv.gz"));
        var output = Path.Combine(HubProgram.NewFolder(), "orientation.csv");

        Assert.Equal($"{output}: 55358 rows, 285.71 Hz.", Assert.Single(await HubProgram.SaysAsync("analyze", "orientation", input, "--out", output)));

        var actual = await Csv.ReadAsync(output);
        Assert.Equal("t_s,qw,qx,qy,qz,bias_x_radps,bias_y_radps,bias_z_radps,rest", actual.Header);
        Assert.Equal(reference.Rows.Count, actual.Rows.Count);
        for (var row = 0; row < actual.Rows.Count; row++)
        {
            // sample,qw,qx,qy,qz,bias x,y,z,its uncertainty,rest
            var (a, e) = (actual.Numbers(row), reference.Numbers(row));
            Assert.Equal(row * 0.0035, a[0], 1e-9);
            for (var column = 1; column <= 7; column++)
                Assert.Equal(e[column], a[column], 1e-9);
            Assert.Equal(e[9], a[8]);
        }
    }

    [Fact]
    public async Task One_of_several_IMUs_is_smoothed_with_its_uncertainty_into_a_gzipped_file()
    {
        var input = Require.Recording("two_imu_joint/joint_1D_02.csv.gz");
        var output = Path.Combine(HubProgram.NewFolder(), "orientation.csv.gz");

        await HubProgram.SaysAsync("analyze", "orientation", input, "--imu", "2", "--smooth", "--uncertainty", "--out", output);

        var (actual, reference) = (await Csv.ReadAsync(output), await Csv.ReadAsync(input));
        Assert.EndsWith(",rest,inclination_u_deg", actual.Header, StringComparison.Ordinal);
        Assert.Equal(reference.Rows.Count, actual.Rows.Count);
        Assert.All(actual.Column("inclination_u_deg"), u => Assert.InRange(u!.Value, 0.01, 20));
        var (w, x, y, z) = (actual.Column("qw"), actual.Column("qx"), actual.Column("qy"), actual.Column("qz"));
        Assert.All(Enumerable.Range(0, w.Count), i => Assert.Equal(1, (w[i] * w[i] + x[i] * x[i] + y[i] * y[i] + z[i] * z[i])!.Value, 1e-9));
    }

    [Fact]
    public async Task Without_a_name_a_file_of_several_IMUs_is_refused_with_their_names()
    {
        var output = Path.Combine(HubProgram.NewFolder(), "orientation.csv");
        var line = await HubProgram.RefusesAsync("analyze", "orientation", Require.Recording("two_imu_joint/joint_1D_02.csv.gz"), "--out", output);
        Assert.EndsWith("joint_1D_02.csv.gz has several IMUs: say which of 1, 2.", line, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }
}

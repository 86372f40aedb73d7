using System.Globalization;
using System.IO.Compression;
using System.Text;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub analyze</c>, started as a person would.</summary>
public sealed class AnalyzeTests
{
    private const string Trial = "08_undisturbed_fast_rotation_with_breaks_A";
    private const string Header = "t_s,ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps";

    [Fact]
    public async Task The_orientation_of_a_recording_is_that_of_the_authors_implementation_row_by_row()
    {
        var input = Require.Recording($"broad/{Trial}.csv.gz");
        var reference = Require.Recording($"reference_output/{Trial}.vqf_default_6d.csv.gz");
        var output = Path.Combine(HubProgram.NewFolder(), "orientation.csv");

        var (exitCode, said, errors) = await HubProgram.RunAsync("analyze", "orientation", input, "--out", output);
        Assert.True(exitCode == 0, string.Join('\n', errors));
        Assert.Equal($"{output}: 55358 rows, 285.71 Hz.", Assert.Single(said));

        var actual = await File.ReadAllLinesAsync(output, TestContext.Current.CancellationToken);
        Assert.Equal("t_s,qw,qx,qy,qz,bias_x_radps,bias_y_radps,bias_z_radps,rest", actual[0]);
        var expected = Unpack(reference).ToArray();
        Assert.Equal(expected.Length, actual.Length);
        for (var row = 1; row < actual.Length; row++)
        {
            // sample,qw,qx,qy,qz,bias x,y,z,its uncertainty,rest
            var (a, e) = (Numbers(actual[row]), Numbers(expected[row]));
            Assert.Equal((row - 1) * 0.0035, a[0], 1e-9);
            for (var column = 1; column <= 7; column++)
                Assert.Equal(e[column], a[column], 1e-9);
            Assert.Equal(e[9], a[8]);
        }
    }

    [Theory]
    [InlineData("0,0,0,9.81,0,0,0\n0.01,0,0,NaN,0,0,0\n", "line 3, column az_mps2")]
    [InlineData("0,0,0,9.81,0,0,0\n0.01,0,0,9.81,0,fast,0\n", "line 3, column gy_radps: 'fast' is not a number")]
    [InlineData("0,0,0,9.81,0,0,0\n0.02,0,0,9.81,0,0,0\n0.01,0,0,9.81,0,0,0\n", "line 4, column t_s: time goes from 0.02 to 0.01 s")]
    [InlineData("0,0,0,9.81,0,0,0\n0.01,0,0,9.81,0,250,0\n", "row 2: the angular rate is 250, too fast for rad/s. If it is in °/s, multiply by π/180.")]
    [InlineData("0,0,0,1000,0,0,0\n0.01,0,0,1000,0,0,0\n", "It looks like thousandths of g: multiply by 0.00980665.")]
    [InlineData("", "has 0 rows of samples")]
    [InlineData("0,0,0,1,0,0,0\n0.01,0,0,1,0,0,0\n", "multiply by 9.80665")]
    public Task A_bad_recording_is_named_with_the_place_and_nothing_is_written(string rows, string mentioned) =>
        AssertRefusedAsync("bad.csv", Encoding.UTF8.GetBytes($"{Header}\n{rows}"), mentioned);

    [Fact]
    public Task An_empty_file_is_named() => AssertRefusedAsync("bad.csv", [], "is empty");

    [Fact]
    public Task A_missing_column_is_named() =>
        AssertRefusedAsync("bad.csv", Encoding.UTF8.GetBytes($"{Header.Replace(",gy_radps", "", StringComparison.Ordinal)}\n0,0,0,9.81,0,0\n"), "has no column gy_radps");

    [Fact]
    public Task A_gzip_that_is_cut_off_is_named()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes($"{Header}\n{string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i},0,0,9.81,0,0,0.0{i}\n"))}"));
        var whole = packed.ToArray();
        return AssertRefusedAsync("bad.csv.gz", whole[..(whole.Length / 2)], "damaged or cut off");
    }

    private static async Task AssertRefusedAsync(string name, byte[] content, string mentioned)
    {
        var folder = HubProgram.NewFolder();
        var input = Path.Combine(folder, name);
        await File.WriteAllBytesAsync(input, content, TestContext.Current.CancellationToken);
        var output = Path.Combine(folder, "orientation.csv");

        var (exitCode, said, errors) = await HubProgram.RunAsync("analyze", "orientation", input, "--out", output);
        Assert.Equal(1, exitCode);
        Assert.Empty(said);
        var line = Assert.Single(errors);
        Assert.Contains(name, line, StringComparison.Ordinal);
        Assert.Contains(mentioned, line, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    private static IEnumerable<string> Unpack(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private static double[] Numbers(string line) => [.. line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
}

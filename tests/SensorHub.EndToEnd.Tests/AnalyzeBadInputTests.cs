using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace SensorHub.EndToEnd.Tests;

/// <summary>
/// A file that <c>sensorhub analyze</c> cannot use gets one line that names it, with line and column where there is one, and exit code 1; what
/// was under the name of the output before stays. Wrong usage gets exit code 2.
/// </summary>
public sealed class AnalyzeBadInputTests
{
    private const string Header = "t_s,hip_ax_mps2,hip_ay_mps2,hip_az_mps2,hip_gx_radps,hip_gy_radps,hip_gz_radps\n";
    private const string Row = "0,9.81,0,0,0,0,0\n";

    private static readonly Dictionary<string, string[]> Commands = new()
    {
        ["orientation"] = ["--imu", "hip"],
        ["posture"] = ["--lower", "hip", "--stand", "0:4"],
        ["rolling"] = ["--imu", "hip", "--radius", "0.05"],
    };

    private static readonly (string What, byte[] Content, string Mentioned)[] Files =
    [
        ("an empty file", [], "bad.csv is empty"),
        ("no rows", Text(Header), "bad.csv has 0 rows of samples"),
        ("a missing column", Text(Header.Replace(",hip_gy_radps", "", StringComparison.Ordinal)), "bad.csv has no column hip_gy_radps"),
        ("a short row", Text($"{Header}{Row}0.01,9.81,0\n"), "bad.csv, line 3: it has 3 columns"),
        ("text in a number", Text($"{Header}{Row}0.01,9.81,0,0,0,fast,0\n"), "bad.csv, line 3, column hip_gy_radps: 'fast' is not a number"),
        ("NaN", Text($"{Header}{Row}0.01,NaN,0,0,0,0,0\n"), "bad.csv, line 3, column hip_ax_mps2"),
        ("time that goes back", Text($"{Header}{Row}0.02,9.81,0,0,0,0,0\n0.01,9.81,0,0,0,0,0\n"), "bad.csv, line 4, column t_s: time goes from 0.02 to 0.01 s"),
        ("g", Text(Header + Swaying(force: 1, rate: 1)), "bad.csv: the specific force of IMU 'hip' has a median of 1 where gravity is 9.81 m/s². It looks like g: multiply by 9.80665."),
        ("°/s, too fast", Text($"{Header}{Row}0.01,9.81,0,0,0,-250,3\n"), "bad.csv, line 3, column hip_gy_radps: it turns at 250, too fast for rad/s. If it is in °/s, multiply by π/180."),
        ("°/s, slow", Text(Header + Swaying(force: 9.81, rate: 180 / Math.PI)), "It looks like °/s: multiply by π/180."),
    ];

    public static TheoryData<string, string> All => [.. Commands.Keys.SelectMany(command => Files.Select(file => (command, file.What)))];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_bad_recording_is_named_with_the_place(string command, string what)
    {
        var (_, content, mentioned) = Files.Single(file => file.What == what);
        await RefusesAsync(command, "bad.csv", content, mentioned);
    }

    [Theory]
    [InlineData("orientation")]
    [InlineData("posture")]
    [InlineData("rolling")]
    public async Task A_gzip_that_is_cut_off_is_named(string command)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Text(Header + Swaying(force: 9.81, rate: 1)));
        await RefusesAsync(command, "bad.csv.gz", packed.ToArray()[..^1000], "bad.csv.gz: its gzip compression is damaged or cut off");
    }

    [Theory]
    [InlineData("orientation")]
    [InlineData("posture")]
    [InlineData("rolling")]
    public async Task A_file_that_is_not_there_and_an_output_that_cannot_be_are_named(string command)
    {
        var folder = HubProgram.NewFolder();
        var input = Path.Combine(folder, "walk.csv");
        Assert.Contains($"There is no file {input}", await AnalyzeAsync(command, input, Path.Combine(folder, "out.csv")), StringComparison.Ordinal);

        await File.WriteAllTextAsync(input, Header + Swaying(force: 9.81, rate: 1, amplitude: 0), TestContext.Current.CancellationToken);
        var nowhere = Path.Combine(folder, "nowhere", "out.csv");
        Assert.Contains($"{nowhere} cannot be written", await AnalyzeAsync(command, input, nowhere), StringComparison.Ordinal);
        Assert.Contains("the file to read", await AnalyzeAsync(command, input, input), StringComparison.Ordinal);
        Assert.Equal([input], Directory.GetFileSystemEntries(folder));
    }

    [Theory]
    [InlineData("--out", "analyze", "orientation", "walk.csv")]
    [InlineData("--stand", "analyze", "posture", "walk.csv", "--lower", "hip", "--out", "out.csv")]
    [InlineData("'15:5' is no span of time", "analyze", "posture", "walk.csv", "--lower", "hip", "--stand", "15:5", "--out", "out.csv")]
    [InlineData("'5-15' is no span of time", "analyze", "posture", "walk.csv", "--lower", "hip", "--stand", "0:4", "--bend", "5-15", "--out", "out.csv")]
    [InlineData("by --radius or by --tape, not both", "analyze", "rolling", "walk.csv", "--radius", "0.05", "--tape", "2.29:5", "--out", "out.csv")]
    [InlineData("it takes 0.01 to 0.3", "analyze", "rolling", "walk.csv", "--radius", "5", "--out", "out.csv")]
    [InlineData("it takes hamstrings, quadriceps", "analyze", "rolling", "walk.csv", "--radius", "0.05", "--muscle", "toe", "--out", "out.csv")]
    public async Task Wrong_usage_ends_with_2_and_points_to_the_help(string mentioned, params string[] arguments)
    {
        var (exitCode, output, errors) = await HubProgram.RunAsync(arguments);
        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.Equal(2, errors.Count);
        Assert.Contains(mentioned, errors[0], StringComparison.Ordinal);
        Assert.Equal($"Try: sensorhub {arguments[0]} {arguments[1]} --help", errors[1]);
    }

    private static async Task RefusesAsync(string command, string name, byte[] content, string mentioned)
    {
        var folder = HubProgram.NewFolder();
        var (input, output) = (Path.Combine(folder, name), Path.Combine(folder, "out.csv"));
        await File.WriteAllBytesAsync(input, content, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(output, "of yesterday", TestContext.Current.CancellationToken);

        Assert.Contains(mentioned, await AnalyzeAsync(command, input, output), StringComparison.Ordinal);

        Assert.Equal("of yesterday", await File.ReadAllTextAsync(output, TestContext.Current.CancellationToken));
        Assert.Equal(2, Directory.GetFileSystemEntries(folder).Length);
    }

    private static Task<string> AnalyzeAsync(string command, string input, string output) =>
        HubProgram.RefusesAsync(["analyze", command, input, .. Commands[command], "--out", output]);

    /// <summary>10 s at 100 Hz of leaning to and fro about y.</summary>
    private static string Swaying(double force, double rate, double amplitude = 0.5)
    {
        var rows = new StringBuilder();
        for (var i = 0; i < 1000; i++)
        {
            var (sin, cos) = Math.SinCos(0.02 * i);
            var (up, across) = (force * Math.Cos(amplitude * sin), force * Math.Sin(amplitude * sin));
            rows.Append(CultureInfo.InvariantCulture, $"{0.01 * i:0.00},{up:0.0000},0,{across:0.0000},0,{rate * amplitude * 2 * cos:0.0000},0\n");
        }
        return rows.ToString();
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}

using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>
/// <c>sensorhub analyze posture</c>, started as a person would, on the recording of one who stands from 0 to 4 s, sits from 12 to 39 s and
/// walks from 55 to 98.5 s.
/// </summary>
public sealed class AnalyzePostureTests
{
    private const int Rows = 10_000;

    private readonly string _output = Path.Combine(HubProgram.NewFolder(), "posture.csv");

    [Fact]
    public async Task From_standing_to_sitting_the_lumbar_spine_flexes_by_28_1_degrees()
    {
        var said = Assert.Single(await HubProgram.SaysAsync([.. Analyze("hip"), "--upper", "lower_back", "--stand", "0:4"]));
        Assert.StartsWith($"{_output}: {Rows} rows; standing: lordosis 27.3°, pelvis 16.5°; sitting: lumbar flexion 28.", said, StringComparison.Ordinal);
        Assert.EndsWith("; flexion axis from the stand.", said, StringComparison.Ordinal);

        var csv = await Csv.ReadAsync(_output);
        Assert.Equal("t_s,pelvic_inclination_deg,upper_inclination_deg,lordosis_deg,lordosis_u_deg,lumbar_flexion_deg,quality", csv.Header);
        Assert.Equal(Enumerable.Range(0, Rows).Select(row => 0.01 * row), csv.Column("t_s").Select(t => t!.Value), (expected, actual) => Math.Abs(expected - actual) < 1e-9);
        var (lordosis, flexion) = (csv.Column("lordosis_deg"), csv.Column("lumbar_flexion_deg"));
        var flattened = Mean(lordosis, 0, 4) - Mean(lordosis, 12, 39);
        TestContext.Current.TestOutputHelper?.WriteLine($"{flattened:0.00}° from standing to sitting; {said}");
        Assert.InRange(flattened, 28.1 - 1, 28.1 + 1);
        Assert.Equal(flattened, Mean(flexion, 12, 39) - Mean(flexion, 0, 4), 0.01);
        Assert.Equal(0, Mean(flexion, 0, 4), 0.1);
        Assert.All(
            csv.Column("pelvic_inclination_deg").Zip(csv.Column("upper_inclination_deg"), lordosis),
            row => Assert.Equal(row.Third!.Value, (row.First - row.Second)!.Value, 0.0015));
        Assert.All(csv.Column("lordosis_u_deg"), u => Assert.InRange(u!.Value, 0.5, 8));
        Assert.DoesNotContain("not_observable", csv.Text("quality"));
    }

    [Fact]
    public async Task One_IMU_gives_changes_only_and_says_what_they_assume()
    {
        var said = Assert.Single(await HubProgram.SaysAsync([.. Analyze("hip"), "--stand", "0:4"]));
        Assert.Contains("assumes that the chest is upright", said, StringComparison.Ordinal);

        var csv = await Csv.ReadAsync(_output);
        Assert.Equal("t_s,pelvic_rotation_deg,lordosis_change_deg,lordosis_change_u_deg,quality", csv.Header);
        Assert.Equal(Rows, csv.Rows.Count);
        Assert.InRange(Mean(csv.Column("pelvic_rotation_deg"), 12, 39), -30, -15);
        var (change, u, quality) = (csv.Column("lordosis_change_deg"), csv.Column("lordosis_change_u_deg"), csv.Text("quality"));
        Assert.InRange(change[480]!.Value, -5, 5);
        // Sitting and walking, the pelvis alone tells nothing of lordosis.
        foreach (var row in Enumerable.Range(1300, 2600).Concat(Enumerable.Range(5700, 4100)))
            Assert.Equal((null, null, "not_observable"), (change[row], u[row], quality[row]));
    }

    [Fact]
    public async Task Bends_that_show_no_axis_are_refused_with_the_reason_and_the_stand_is_used()
    {
        string[] arguments = [.. Analyze("hip"), "--upper", "lower_back", "--stand", "0:4"];
        await HubProgram.SaysAsync(arguments);
        var withoutBends = await File.ReadAllTextAsync(_output, TestContext.Current.CancellationToken);

        // The person walks.
        var (exitCode, said, errors) = await HubProgram.RunAsync([.. arguments, "--bend", "55:75"]);

        Assert.Equal(0, exitCode);
        Assert.Equal(
            "sensorhub: --bend 55:75: The lower element turned by 11° only, 20° are needed. Bend forward as far as is comfortable, three times. The axis of the stand is used.",
            Assert.Single(errors));
        Assert.EndsWith("; flexion axis from the stand.", Assert.Single(said), StringComparison.Ordinal);
        Assert.Equal(withoutBends, await File.ReadAllTextAsync(_output, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("0:200", "--stand 0:200 is not in the recording: it runs from 0 to 99.99 s.")]
    [InlineData("60:80", "--stand 60:80: The lower element swayed by 3.7°, at most 2° are allowed. Hold still, then repeat.")]
    [InlineData("1:1.2", "--stand 1:1.2: 0.2 s are too short, 3 s are needed.")]
    public async Task A_stand_that_does_not_calibrate_is_refused_with_what_to_do(string stand, string reason)
    {
        Assert.Contains(reason, await HubProgram.RefusesAsync([.. Analyze("hip"), "--upper", "lower_back", "--stand", stand]), StringComparison.Ordinal);
        Assert.False(File.Exists(_output));
    }

    [Fact]
    public async Task IMUs_that_are_not_in_the_file_or_the_same_are_named()
    {
        Assert.EndsWith(
            "has no IMU 'sacrum': there is 'hip', 'lower_back', 'upper_back'.",
            await HubProgram.RefusesAsync([.. Analyze("sacrum"), "--stand", "0:4"]), StringComparison.Ordinal);
        Assert.Contains(
            "--lower and --upper are both hip.",
            await HubProgram.RefusesAsync([.. Analyze("hip"), "--upper", "hip", "--stand", "0:4"]), StringComparison.Ordinal);
    }

    private string[] Analyze(string lower) =>
        ["analyze", "posture", Require.Recording("lumbar/fullbody_hip_lowerback_upperback.csv.gz"), "--lower", lower, "--out", _output];

    /// <summary>From when to when, s, at 100 Hz.</summary>
    private static double Mean(IReadOnlyList<double?> column, int from, int to) => column.Skip(100 * from).Take(100 * (to - from)).Average()!.Value;
}

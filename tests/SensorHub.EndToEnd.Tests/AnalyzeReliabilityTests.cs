namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub analyze reliability</c>.</summary>
public sealed class AnalyzeReliabilityTests
{
    private const string ShroutFleiss = "subject,a,b,c,d\n1,9,2,5,8\n2,6,1,3,2\n3,8,4,6,8\n4,7,1,2,6\n5,10,5,6,9\n6,6,2,4,7\n";

    [Fact]
    public async Task The_example_of_Shrout_and_Fleiss_gives_their_coefficients()
    {
        var folder = HubProgram.NewFolder();
        var (table, output) = (Path.Combine(folder, "table.csv"), Path.Combine(folder, "out.csv"));
        await File.WriteAllTextAsync(table, ShroutFleiss, TestContext.Current.CancellationToken);

        var (exitCode, said, _) = await HubProgram.RunAsync("analyze", "reliability", table, "--out", output);
        Assert.Equal(0, exitCode);
        Assert.Equal("6 subjects, 4 sessions", said[0]);
        Assert.Contains(said, line => line.Contains("icc_2_1", StringComparison.Ordinal) && line.EndsWith("0.290   0.019 to 0.761", StringComparison.Ordinal));
        Assert.Contains("statistic,value,lower_95,upper_95", await File.ReadAllLinesAsync(output, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("", "the first line names the columns")]
    [InlineData("subject,a,b\n1,2,x\n", "line 2, column b: 'x' is no number")]
    [InlineData("subject,a,b\n1,2\n", "line 2 has 2 cells where the header has 3")]
    [InlineData("subject,a,b\n1,2,3\n1,2,3\n", "the subject '1' was there before")]
    [InlineData("subject,a,b\n1,2,3\n", "at least 2 × 2")]
    public async Task A_bad_table_gets_one_line(string table, string mentioned)
    {
        var path = Path.Combine(HubProgram.NewFolder(), "bad.csv");
        await File.WriteAllTextAsync(path, table, TestContext.Current.CancellationToken);

        var (exitCode, said, errors) = await HubProgram.RunAsync("analyze", "reliability", path);
        Assert.Equal(1, exitCode);
        Assert.Empty(said);
        Assert.Contains(mentioned, Assert.Single(errors), StringComparison.Ordinal);
    }
}

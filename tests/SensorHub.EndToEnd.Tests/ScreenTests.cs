namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub screen</c>.</summary>
public sealed class ScreenTests
{
    [Theory]
    [InlineData(0, "Cleared until ", "--others-no")]
    [InlineData(1, "Not yet: a clinician has to say first that you may roll.", "--yes", "varicose_veins", "--others-no")]
    [InlineData(1, "Blocked: do not roll.", "--unsure", "thrombosis", "--others-no")]
    public async Task It_says_whether_rolling_may_begin_and_the_exit_code_says_it_too(int expected, string said, params string[] options)
    {
        var (exitCode, output, _) = await HubProgram.RunAsync(["screen", .. options]);
        Assert.Equal(expected, exitCode);
        Assert.Contains(output, line => line.StartsWith(said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_answers_are_named()
    {
        Assert.Contains("no question 'headache'", (await HubProgram.RunAsync("screen", "--yes", "headache", "--others-no")).Errors[0], StringComparison.Ordinal);
        Assert.Equal(2, (await HubProgram.RunAsync("screen", "--exclude", "calves", "--others-no")).ExitCode);
    }
}

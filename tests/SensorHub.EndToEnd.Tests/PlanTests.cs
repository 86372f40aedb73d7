namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub plan</c>.</summary>
public sealed class PlanTests
{
    [Fact]
    public async Task A_default_plan_written_as_a_file_is_a_plan_to_check_and_to_show()
    {
        Assert.Contains((await HubProgram.RunAsync("plan", "list")).Output, line => line.StartsWith("order-a", StringComparison.Ordinal));
        var json = (await HubProgram.RunAsync("plan", "show", "order-a", "--json")).Output;
        var file = Path.Combine(HubProgram.NewFolder(), "mine.json");
        await File.WriteAllLinesAsync(file, json, TestContext.Current.CancellationToken);

        var (exitCode, said, _) = await HubProgram.RunAsync("plan", "check", file);
        Assert.Equal(0, exitCode);
        Assert.EndsWith("ok, 'Order A: release what tilts the pelvis backward'", Assert.Single(said), StringComparison.Ordinal);
        Assert.Contains((await HubProgram.RunAsync("plan", "show", file)).Output, line => line.Contains("hamstrings, left", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_plan_that_is_not_right_gets_one_line_and_exit_code_1()
    {
        var file = Path.Combine(HubProgram.NewFolder(), "bad.json");
        await File.WriteAllTextAsync(
            file, """{ "schema": "plan/1", "id": "a", "name": "A", "items": [ { "muscle": "hip_flexors", "side": "left", "sets": 1 } ] }""", TestContext.Current.CancellationToken);

        var (exitCode, _, errors) = await HubProgram.RunAsync("plan", "check", file);
        Assert.Equal(1, exitCode);
        Assert.Contains("this muscle is not rolled", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Equal(1, (await HubProgram.RunAsync("plan", "show", "order-c")).ExitCode);
    }
}

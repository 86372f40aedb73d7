using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;

namespace SensorHub.EndToEnd.Tests;

/// <summary>Tables of a simulated session, analyzed as <c>sensorhub simulate --csv</c> says, held against what really happened.</summary>
public sealed class AnalyzeSimulatedTests
{
    [Fact]
    public async Task What_simulate_says_to_type_next_gives_back_the_truth()
    {
        var folder = HubProgram.NewFolder();
        var said = await HubProgram.SaysAsync("simulate", "hamstrings", "--seed", "7", "--csv", folder);
        var next = said.Where(line => line.StartsWith("Next: sensorhub ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2..]).ToArray();
        Assert.Equal(2, next.Length);
        foreach (var arguments in next)
            await HubProgram.SaysAsync([.. arguments[..^1], Path.Combine(folder, arguments[^1])]);

        var (clip, posture) = (await Csv.ReadAsync(Path.Combine(folder, "clip.csv.gz")), await Csv.ReadAsync(Path.Combine(folder, "posture.csv")));
        var errors = posture.Column("lordosis_deg").Zip(clip.Column("true_lordosis_deg"), (estimate, truth) => estimate - truth).OfType<double>().ToArray();
        var rmse = Math.Sqrt(errors.Average(e => e * e));
        Assert.Equal(clip.Rows.Count, posture.Rows.Count);
        Assert.InRange(rmse, 0, 2);

        var truth = new SimulatedSession(new SimulationOptions { Scenario = Scenario.Hamstrings, Seed = 7 }).Truth;
        var strokes = await Csv.ReadAsync(Path.Combine(folder, "strokes.csv"));
        Assert.Equal(truth.Strokes.Count, strokes.Rows.Count);
        var lengths = strokes.Column("length_m").Zip(truth.Strokes, (length, stroke) => length!.Value / Math.Abs(stroke.Length) - 1).ToArray();
        Assert.InRange(Math.Abs(lengths.Average()), 0, 0.04);
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"lordosis {rmse:0.00}° RMSE, {lengths.Length} strokes, {100 * lengths.Average():0.0} % long in the mean"));
    }
}

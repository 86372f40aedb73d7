using System.CommandLine;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Configuration;
using SensorHub.Core;
using Spectre.Console;
using Recorder = SensorHub.Pipelines.Recording.Recorder;

namespace SensorHub.Commands;

/// <summary><c>sensorhub simulate</c>: what virtual people can do, and recordings of it.</summary>
public static class SimulateCommand
{
    public static Command Create()
    {
        var list = new Option<bool>("--list") { Description = "List the scenarios" };
        var scenario = new Argument<string?>("SCENARIO") { Description = "The scenario to play", Arity = ArgumentArity.ZeroOrOne };
        var folder = new Option<string?>("--out") { Description = $"Folder of recordings to write to (default: {Path.Combine(DataFolder.DefaultPath, "recordings")})", HelpName = "FOLDER" };
        var seed = SeedOption();
        var command = new Command("simulate", "List what the virtual person can do, or record it as fast as the machine can, for 'sensorhub replay'.") { scenario, list, folder, seed };
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(list) || parsed.GetValue(scenario) is null
            ? Task.FromResult(List())
            : RecordAsync(FindScenario(parsed.GetValue(scenario)), parsed.GetValue(seed), parsed.GetValue(folder), cancellationToken));
        return command.WithExamples(
            ("simulate --list", "The scenarios, with their lengths"),
            ("simulate hamstrings --seed 7 --out recordings", "A recording of three and a half minutes, in seconds"));
    }

    public static Option<int> SeedOption() =>
        new("--seed") { Description = "Draws all that is left to chance; the same seed gives the same bytes", HelpName = "N", DefaultValueFactory = _ => 1 };

    /// <param name="name">Null: the first scenario.</param>
    /// <exception cref="UserException">There is no such scenario.</exception>
    public static Scenario FindScenario(string? name) => name is null
        ? Scenario.All[0]
        : Scenario.Find(name) ?? throw new UserException($"There is no scenario '{name}'. There are: {string.Join(", ", Scenario.All.Select(s => s.Name))}.");

    private static int List()
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("name", "length", "what");
        foreach (var scenario in Scenario.All)
            table.AddRow(new Markup($"[bold]{scenario.Name}[/]"), new Text(TimeSpan.FromSeconds(scenario.Seconds).ToString(@"m\:ss", null)), new Text(scenario.Description));
        AnsiConsole.Write(table);
        return 0;
    }

    private static async Task<int> RecordAsync(Scenario scenario, int seed, string? folder, CancellationToken cancellationToken)
    {
        if (folder is not null && string.IsNullOrWhiteSpace(folder))
            throw new UserException("--out is empty; it takes the path of a folder.");
        var root = folder is null ? DataFolder.Open(DataFolder.DefaultPath).Recordings : Path.GetFullPath(folder);
        var session = new SimulatedSession(new SimulationOptions { Scenario = scenario, Seed = seed, Session = Slug.Parse($"{scenario.Name}-{seed}") });
        string? trouble = null;
        using var recorder = new Recorder(root, line => trouble ??= line);
        await session.RunAsync(recorder.OnNext, cancellationToken);
        recorder.OnCompleted();
        if (trouble is not null)
            throw new UserException(trouble);
        AnsiConsole.WriteLine($"Recorded {TimeSpan.FromSeconds(scenario.Seconds):m\\:ss} of '{scenario.Name}' in {recorder.Folder}");
        return 0;
    }
}

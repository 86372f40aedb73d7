using System.CommandLine;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using Spectre.Console;
using Recorder = SensorHub.Pipelines.Recording.Recorder;

namespace SensorHub.Commands;

/// <summary><c>sensorhub simulate</c>: what virtual people can do, and recordings of it.</summary>
public static class SimulateCommand
{
    public static Command Create()
    {
        var list = new Option<bool>("--list") { Description = "List the scenarios" };
        var scenario = new Argument<string?>("SCENARIO") { Description = "The scenario to play; without one they are listed", Arity = ArgumentArity.ZeroOrOne };
        var folder = new Option<string?>("--out") { Description = $"Folder of recordings to write to (default: {Path.Combine(DataFolder.DefaultPath, "recordings")})", HelpName = "FOLDER" };
        var csv = new Option<string?>("--csv") { Description = "Instead of a recording, write the samples and the truth to clip.csv.gz and roller.csv.gz in this folder, for 'sensorhub analyze'", HelpName = "FOLDER" };
        var seed = SeedOption();
        var person = new Option<int?>("--person") { Description = "Another person out of a population: body, habits, how the clip is worn, roller; the same number is the same person (default: a typical one)", HelpName = "N" };
        var onAir = new SimulateOnAir();
        var command = new Command("simulate", "List what the virtual person can do, or record it as fast as the machine can, for 'sensorhub replay'. With --adapter, be one of its sensors on the air, for the hub of another computer or adapter.")
        {
            scenario, list, folder, csv, person, seed,
        };
        onAir.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(folder) is not null && result.GetResult(csv) is not null)
                result.AddError("Give --out for a recording or --csv for tables, not both.");
            if (onAir.IsWanted(result) && (result.GetResult(folder) ?? result.GetResult(csv)) is { } output)
                result.AddError($"With --adapter nothing is written: leave out {output.Option.Name}.");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var isOnAir = onAir.IsWanted(parsed.CommandResult);
            if (parsed.GetValue(list) || parsed.GetValue(scenario) is null && !isOnAir)
                return Task.FromResult(List());
            var (number, chance) = (parsed.GetValue(person), parsed.GetValue(seed));
            var options = new SimulationOptions { Scenario = FindScenario(onAir.Scenario(parsed) ?? parsed.GetValue(scenario)), Seed = chance };
            options = number is { } n
                ? options with { Person = PersonTraits.Draw(n), Session = Slug.Parse(FormattableString.Invariant($"{options.Scenario.Name}-p{n}-{chance}")) }
                : options with { Session = Slug.Parse($"{options.Scenario.Name}-{chance}") };
            if (isOnAir)
                return onAir.RunAsync(parsed, options, cancellationToken);
            return parsed.GetValue(csv) is { } tables
                ? Task.Run(() => Tabulate(options, tables), cancellationToken)
                : RecordAsync(options, parsed.GetValue(folder), cancellationToken);
        });
        return command.WithExamples(
            ("simulate --list", "The scenarios, with their lengths"),
            ("simulate hamstrings --seed 7 --out recordings", "A recording of three and a half minutes, in seconds"),
            ("simulate day --person 3 --csv tables", "The samples of somebody else's clip and roller, with the truth beside them"),
            ("simulate hamstrings --adapter hci1 --kind clip", "A clip on the air, played again and again until Ctrl-C; the roller with --kind roller on another adapter"));
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
        Terminal.Say($"And for 'sensorhub run --simulate={Scenario.Follow.Name}' alone: {Scenario.Follow.Description}.");
        return 0;
    }

    private static int Tabulate(SimulationOptions options, string folder)
    {
        if (string.IsNullOrWhiteSpace(folder))
            throw new UserException("--csv is empty; it takes the path of a folder.");
        var session = new SimulatedSession(options);
        try
        {
            foreach (var path in SimulatedCsv.Write(session, folder))
                AnsiConsole.WriteLine($"Wrote {path}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{folder} cannot be written: {e.Message}", e);
        }
        foreach (var line in Next(session, folder))
            Terminal.Say($"Next: {line}");
        return 0;
    }

    /// <summary>How the tables can be analyzed, to be typed as it is.</summary>
    private static IEnumerable<string> Next(SimulatedSession session, string folder)
    {
        string[] spans =
        [
            .. from said in session.Said
               let span = Calibration(said.Marker)
               where span is not null
               group FormattableString.Invariant($" {span.Value.Option} {said.Seconds:0.##}:{said.Seconds + span.Value.Duration.TotalSeconds:0.##}") by span.Value.Option into sameOption
               select sameOption.First(),
        ];
        if (spans.Any(span => span.StartsWith(" --stand", StringComparison.Ordinal)))
            yield return $"sensorhub analyze posture {Path.Combine(folder, "clip.csv.gz")} --lower lower --upper upper{string.Concat(spans)} --out posture.csv";
        foreach (var roller in session.Sensors.Select(sensor => sensor.Peripheral.Descriptor.Roller).OfType<RollerGeometry>())
        {
            var cells = roller.Arrangement switch
            {
                LoadArrangement.Bladder => " --arrangement bladder",
                LoadArrangement.Ring => " --arrangement ring",
                LoadArrangement.StrainPairs => " --arrangement strain-pairs",
                _ => "",
            };
            yield return FormattableString.Invariant($"sensorhub analyze rolling {Path.Combine(folder, "roller.csv.gz")} --radius {roller.Radius}{cells}{(roller.Firm ? "" : " --soft")} --out strokes.csv");
        }
    }

    /// <summary>The option of 'analyze posture' that says when.</summary>
    private static (string Option, TimeSpan Duration)? Calibration(Marker marker) => marker switch
    {
        Marker.StandCalibration stand => ("--stand", stand.Duration),
        Marker.BendCalibration bends => ("--bend", bends.Duration),
        _ => null,
    };

    private static async Task<int> RecordAsync(SimulationOptions options, string? folder, CancellationToken cancellationToken)
    {
        if (folder is not null && string.IsNullOrWhiteSpace(folder))
            throw new UserException("--out is empty; it takes the path of a folder.");
        var root = folder is null ? DataFolder.Open(DataFolder.DefaultPath).Recordings : Path.GetFullPath(folder);
        var session = new SimulatedSession(options);
        string? trouble = null;
        using var recorder = new Recorder(root, line => trouble ??= line);
        await session.RunAsync(recorder.OnNext, cancellationToken);
        recorder.OnCompleted();
        if (trouble is not null)
            throw new UserException(trouble);
        AnsiConsole.WriteLine($"Recorded {session.Truth.End - session.Truth.Start:m\\:ss} of '{options.Scenario.Name}' in {recorder.Folder}");
        return 0;
    }
}

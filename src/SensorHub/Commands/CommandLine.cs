using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using SensorHub.Core;

namespace SensorHub.Commands;

/// <summary>The command line <c>sensorhub</c>. Exit codes: 0 done, 1 failed (one line on standard error says why), 2 wrong usage.</summary>
public static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Reads a sensor roller and a lumbar clip over Bluetooth LE, estimates rolling and posture, and brings them to pages, MQTT and databases.")
        {
            RunCommand.Create(),
            ReplayCommand.Create(),
            InspectCommand.Create(),
            RecordingCommand.Create(),
            ReprocessCommand.Create(),
            SimulateCommand.Create(),
            BridgeCommand.Create(),
            AnalyzeCommand.Create(),
            ExportCommand.Create(),
            SubjectCommand.Create(),
            PlanCommand.Create(),
            ProgrammeCommand.Create(),
            StudyCommand.Create(),
            ScreenCommand.Create(),
            ScanCommand.Create(),
            MqttCommand.Create(),
            DoctorCommand.Create(),
        };
        ShowExamples(root);

        var parsed = root.Parse(args is [] ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            // One is enough to go on with; of several, the last says most about what was typed ("Required command" comes before "Unrecognized 'fly'").
            await Console.Error.WriteLineAsync($"sensorhub: {parsed.Errors[^1].Message}");
            await Console.Error.WriteLineAsync($"Try: {PathOf(parsed.CommandResult.Command)} --help");
            return 2;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeSpan.FromSeconds(30), // a busy computer needs more than the few seconds that all waits together take
            });
        }
        catch (UserException e)
        {
            await Console.Error.WriteLineAsync($"sensorhub: {e.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
    }

    /// <summary>Examples are shown at the end of a command's help.</summary>
    public static Command WithExamples(this Command command, params (string Line, string What)[] examples)
    {
        Examples[command] = examples;
        return command;
    }

    private static readonly Dictionary<Command, (string Line, string What)[]> Examples = [];

    private static void ShowExamples(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        /// <summary>Whoever asks for help need not have got the rest right.</summary>
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            // A list of commands needs a line of each; the rest is in the command's own help.
            foreach (var command in parseResult.CommandResult.Command.Subcommands)
                command.Description = FirstSentence(command.Description);
            var exitCode = help.Invoke(parseResult);
            if (!Examples.TryGetValue(parseResult.CommandResult.Command, out var examples))
                return exitCode;
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(examples.Length == 1 ? "Example:" : "Examples:");
            foreach (var (line, what) in examples)
            {
                output.WriteLine($"  sensorhub {line}");
                output.WriteLine($"      {what}");
            }
            return exitCode;
        }

        private static string? FirstSentence(string? text)
        {
            var paragraph = text?.ReplaceLineEndings("\n").Split("\n\n")[0].Replace('\n', ' ');
            return paragraph?.IndexOf(". ", StringComparison.Ordinal) is >= 0 and var end ? paragraph[..(end + 1)] : paragraph;
        }
    }

    private static string PathOf(Command command)
    {
        var names = new List<string>();
        for (Symbol? symbol = command; symbol is Command and not RootCommand; symbol = symbol.Parents.FirstOrDefault())
            names.Insert(0, symbol.Name);
        return string.Join(' ', names.Prepend("sensorhub"));
    }
}

using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using SensorHub.Core;

namespace SensorHub.Faults;

/// <summary>The command. Exit codes: 0 everything stored, nothing twice; 1 not, or it could not be carried out; 2 wrong usage.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        var rounds = new Option<int>("--rounds") { Description = "Faults, one after another; 0 = an undisturbed run", HelpName = "N", DefaultValueFactory = _ => 30 };
        var seed = new Option<int?>("--seed") { Description = "Chooses them; the same seed, the same rounds (default: a new one, printed)", HelpName = "N" };
        var minutes = new Option<double>("--minutes") { Description = "No round begins after this time", HelpName = "M", DefaultValueFactory = _ => 40 };
        var calm = new Option<double>("--calm") { Description = "How long an undisturbed run is", HelpName = "SECONDS", DefaultValueFactory = _ => 60 };
        var only = new Option<string?>("--only") { Description = "Only such rounds, as setup/who/what: one, many/bridge, one/hub/kill", HelpName = "WHICH" };
        Range(rounds, 0, 1000);
        Range(minutes, 0.1, 600);
        Range(calm, 1, 36000);
        var command = new RootCommand(
            "Twenty virtual sensors stream through hub, broker, bridges and databases while these are killed, stopped, cut off and left without disk space; "
            + "at the end the rows are compared with what the recordings demand.\n\nNeeds mosquitto, influxd 1.x, dbus-daemon, ss, and leave to mount (root). The run is printed as README.md shows it.")
        {
            rounds, seed, only, minutes, calm,
        };
        command.SetAction(async parsed =>
        {
            var chosen = parsed.GetValue(seed) ?? RandomNumberGenerator.GetInt32(1_000_000);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {chosen}"));
            var which = parsed.GetValue(only) is { } text ? Plan.Find(text) : Plan.Combinations;
            var wish = new Wish(chosen, which, parsed.GetValue(rounds), TimeSpan.FromSeconds(parsed.GetValue(calm)), TimeSpan.FromMinutes(parsed.GetValue(minutes)));
            var right = await new Runner(wish, Console.WriteLine).RunAsync();
            Console.WriteLine(right ? "Nothing is missing, nothing is there twice." : "FAILED.");
            return right ? 0 : 1;
        });

        var result = command.Parse(args);
        if (result.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"{result.Errors[^1].Message} Try --help.");
            return 2;
        }
        try
        {
            return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (UserException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (Xunit.Sdk.SkipException e) // of Require: a program is not installed
        {
            await Console.Error.WriteLineAsync(e.Message.Replace("$XunitDynamicSkip$", "", StringComparison.Ordinal));
            return 1;
        }
    }

    private static void Range<T>(Option<T> option, double from, double to) where T : struct, IConvertible => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<T>().ToDouble(CultureInfo.InvariantCulture) is var value && !(value >= from && value <= to))
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is {value}; it takes {from} to {to}."));
    });
}

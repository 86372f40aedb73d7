using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Mqtt.Broker;
using Spectre.Console;

namespace SensorHub.Commands;

/// <summary>What the commands say to the person who started them: results on standard output, trouble, one line each, on standard error.</summary>
internal static class Terminal
{
    private static volatile bool _progress;

    /// <param name="least">What is said of our own doings; of libraries', warnings.</param>
    public static ILoggerFactory Loggers(LogLevel least = LogLevel.Warning) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(LogLevel.Warning)
        .AddFilter("SensorHub", least)
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None) // says again, with a stack trace, what start-up says in one line
        .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Critical) // says what it throws, too
        .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error) // warns of keys in the clear; the folder is its owner's alone
        .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None) // says again, each time that somebody asks, what /health answers
        .AddProvider(new OneLineLogger(TimeProvider.System)));

    /// <summary>Where everything is.</summary>
    public static void Welcome(Hub hub, HubOptions options)
    {
        var broker = hub.BrokerAddress;
        AnsiConsole.WriteLine($"SensorHub {Program.Version}, hub '{options.Hub}', subject '{options.Subject}'");
        Row(options.RoleOf == HubRole.Hub ? "Health" : "Page", options.RoleOf == HubRole.Hub ? new Uri(hub.Page!, "health").ToString() : hub.Page!.ToString());
        Row("MQTT", hub.OwnsBroker ? $"{broker} and {(hub.Page!.Scheme == Uri.UriSchemeHttps ? "wss" : "ws")}://{hub.Page.Authority}/mqtt" : broker);
        if (hub.OwnsBroker)
            Row("MQTT users", Path.Combine(hub.Folder.Path, BrokerCredentials.FileName));
        foreach (var output in hub.Outputs)
            Row("Store", output);
        Row("Recordings", hub.Folder.Recordings);
        AnsiConsole.WriteLine("Ctrl-C ends it.");

        // Paths are not wrapped, so that they can be copied.
        static void Row(string name, string value)
        {
            AnsiConsole.Markup($"  [grey]{name,-12}[/]");
            Console.Out.WriteLine(value);
        }
    }

    /// <summary>Where everything is, in a clinic.</summary>
    public static void Welcome(ClinicPages clinic, HubOptions options)
    {
        AnsiConsole.WriteLine($"SensorHub {Program.Version}, clinic '{options.Hub}': the hubs of {clinic.Broker.Host}:{clinic.Broker.Port}");
        Say($"  Page         {clinic.Page}");
        Say($"  History      {clinic.History ?? "none: name a database with --influx"}");
        AnsiConsole.WriteLine("Ctrl-C ends it.");
    }

    public static void Say(string line) => Console.Out.WriteLine(line);

    /// <summary>Says of each file what it is, or what is wrong with it.</summary>
    /// <param name="load">What it is, in a word; throws <see cref="UserException"/> for what is wrong.</param>
    /// <returns>The exit code: 1 if one is not right.</returns>
    public static int CheckEach(IEnumerable<string> files, Func<string, string> load)
    {
        var code = 0;
        foreach (var file in files)
        {
            try
            {
                Say($"{file}: ok, {load(file)}");
            }
            catch (UserException e)
            {
                code = 1;
                Warn(e.Message.ReplaceLineEndings(" "));
            }
        }
        return code;
    }

    public static void Warn(string line) => Trouble($"sensorhub: {line}");

    /// <summary>Writes above the line of progress if there is one.</summary>
    public static void Trouble(string line)
    {
        if (_progress)
            AnsiConsole.WriteLine(line);
        else
            Console.Error.WriteLine(line);
    }

    /// <summary>Runs the work; on a terminal with a line that says how far it is.</summary>
    public static async Task WithProgressAsync(Func<string> progress, Func<Task> work)
    {
        if (Console.IsOutputRedirected)
        {
            await work();
            return;
        }
        _progress = true;
        try
        {
            await AnsiConsole.Status().StartAsync(progress().EscapeMarkup(), async status =>
            {
                var running = work();
                using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(200), TimeProvider.System);
                while (await Task.WhenAny(running, beat.WaitForNextTickAsync().AsTask()) != running)
                    status.Status = progress().EscapeMarkup();
                await running;
            });
        }
        finally
        {
            _progress = false;
        }
    }
}

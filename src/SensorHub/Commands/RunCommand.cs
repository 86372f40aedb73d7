using System.CommandLine;
using System.Globalization;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Configuration;
using SensorHub.Core;

namespace SensorHub.Commands;

/// <summary><c>sensorhub run</c>: the hub, until Ctrl-C.</summary>
public static class RunCommand
{
    /// <summary>The scenario is played again and again, each time as a session of its own, for hours.</summary>
    private const int Repetitions = 100;

    public static Command Create()
    {
        var simulate = new Option<string?>("--simulate")
        {
            Description = "Use a virtual roller and clip, worn by a virtual person; the scenarios: 'sensorhub simulate --list'",
            HelpName = "SCENARIO",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var seed = SimulateCommand.SeedOption();
        var command = new Command("run", "Run the hub until Ctrl-C: sensors, recording, broker, store and the live page.") { simulate, seed };
        var settings = new Settings(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed);
            if (parsed.GetResult(simulate) is null)
                throw new UserException("This version has no radio yet: start it with --simulate, or play a recording with 'sensorhub replay FILE'.");
            var scenario = SimulateCommand.FindScenario(parsed.GetValue(simulate));

            var time = TimeProvider.System;
            using var loggers = Terminal.Loggers();
            await using var hub = await Hub.StartAsync(options, live: true, web: true, desk: null, time, loggers, cancellationToken);
            var start = time.GetUtcNow();
            var session = new SimulatedSession(new SimulationOptions
            {
                Scenario = scenario,
                Seed = parsed.GetValue(seed),
                Start = start,
                Speed = 1,
                Repetitions = Repetitions,
                Session = Slug.Parse(start.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)),
                Subject = Slug.Parse(options.Subject),
                BodyMassKg = options.BodyMassKg ?? new SimulationOptions().BodyMassKg,
            });
            Terminal.Welcome(hub, options);
            await hub.PlayAsync(session.RunAsync, session.Mark, record: true, recording: null, cancellationToken);
            return 0;
        });
        return command.WithExamples(
            ("run --simulate", "A virtual person stands, bends, rolls the hamstrings and stands up again: open http://127.0.0.1:5080"),
            ("run --simulate=desk --port 5081 --influx http://127.0.0.1:8086", "Another scenario, another port, and an InfluxDB 1.x beside the embedded store"));
    }
}

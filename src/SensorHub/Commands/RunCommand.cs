using System.CommandLine;
using System.Globalization;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Pipelines.Sessions;
using SensorHub.Sensors;

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
        var adopt = new Option<bool>("--adopt") { Description = "Make every sensor that is heard nearby one of the hub's own, without asking" };
        var command = new Command("run", "Run the hub until Ctrl-C: sensors, recording, broker, store and the pages.") { simulate, seed, adopt };
        var settings = new Settings(command, radio: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed);
            if (parsed.GetResult(simulate) is null)
                return await RunLiveAsync(options, parsed.GetValue(adopt), cancellationToken);
            var scenario = SimulateCommand.FindScenario(parsed.GetValue(simulate));

            var time = TimeProvider.System;
            using var loggers = Terminal.Loggers();
            var known = KnownSensors.Open(Path.Combine(DataFolder.Open(options.Data).Path, KnownSensors.SimulatedFileName), Terminal.Warn);
            var desk = new SensorDesk(known, Slug.Parse(options.Subject), time, Terminal.Warn);
            await using var hub = await Hub.StartAsync(options, live: true, web: true, desk, time, loggers, cancellationToken);
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
            desk.Attach(session);
            Terminal.Welcome(hub, options);
            await hub.PlayAsync(session.RunAsync, session.Mark, record: true, recording: null, cancellationToken);
            return 0;
        });
        return command.WithExamples(
            ("run", "Connects to the sensors that were added on the page http://127.0.0.1:5080/sensors"),
            ("run --simulate", "A virtual person stands, bends, rolls the hamstrings and stands up again: open http://127.0.0.1:5080"),
            ("run --simulate=desk --port 5081 --influx http://127.0.0.1:8086", "Another scenario, another port, and an InfluxDB 1.x beside the embedded store"));
    }

    private static async Task<int> RunLiveAsync(HubOptions options, bool adopt, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        using var loggers = Terminal.Loggers();
        var subject = Slug.Parse(options.Subject);
        var desk = new SensorDesk(KnownSensors.Open(Path.Combine(DataFolder.Open(options.Data).Path, KnownSensors.FileName), Terminal.Warn), subject, time, Terminal.Warn);
        await using var central = Radios.Open(options.Radio.Adapter, new PagePairing(desk));
        await using var hub = await Hub.StartAsync(options, live: true, web: true, desk, time, loggers, cancellationToken);
        var sensors = new LiveSensors(central, desk, new AutomaticSession(subject, options.BodyMassKg), time, RadioChanged, Terminal.Say) { Adopt = adopt };
        Terminal.Welcome(hub, options);
        if (desk.State.Sensors.Count == 0 && !adopt)
            Terminal.Say($"No sensor is known yet: switch one on and add it on {new Uri(hub.Page!, "sensors")}, or start with --simulate.");
        await hub.PlayAsync(sensors.RunAsync, sensors.Mark, record: true, recording: null, cancellationToken);
        return 0;

        void RadioChanged(string? trouble)
        {
            Terminal.Warn(trouble ?? "The radio can be used again.");
            _ = hub.SayRadioAsync(trouble, cancellationToken);
        }
    }
}

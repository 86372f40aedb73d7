using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
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
        var speed = new Option<double>("--speed")
        {
            Description = "Virtual sensors: life so many times faster, 0.1 to 100; what is measured is dated ahead of the clock",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        speed.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(double.TryParse(token.Value, CultureInfo.InvariantCulture, out var given) && given is >= 0.1 and <= 100))
                result.AddError($"--speed is '{token.Value}'; it takes 0.1 to 100.");
        });
        var outage = new Option<Outage?>("--outage")
        {
            Description = "Virtual sensors: out of range for FOR seconds, AFTER seconds from the first muscle chosen, to see what a lost link does",
            HelpName = "AFTER:FOR",
            CustomParser = ParseOutage,
        };
        var adopt = new Option<bool>("--adopt") { Description = "Make every sensor that is heard nearby one of the hub's own, without asking" };
        var command = new Command("run", "Run the hub until Ctrl-C: sensors, recording, broker, store and the pages.") { simulate, seed, speed, outage, adopt };
        var settings = new Settings(command, radio: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed);
            Func<Scenario, double?, SimulatedSession> simulation = (scenario, mass) =>
                Simulation(options, scenario, parsed.GetValue(seed), parsed.GetValue(speed), parsed.GetValue(outage), mass, TimeProvider.System);
            if (options.RoleOf == HubRole.Clinic)
                return await RunClinicAsync(options, parsed.GetResult(simulate) is not null || parsed.GetValue(adopt), cancellationToken);
            if (parsed.GetResult(simulate) is null)
                return await RunLiveAsync(options, parsed.GetValue(adopt), mass => simulation(Scenario.Follow, mass), cancellationToken);
            var scenario = parsed.GetValue(simulate) == Scenario.Follow.Name ? Scenario.Follow : SimulateCommand.FindScenario(parsed.GetValue(simulate));

            var time = TimeProvider.System;
            using var loggers = Terminal.Loggers();
            var known = KnownSensors.Open(Path.Combine(DataFolder.Open(options.Data).Path, KnownSensors.SimulatedFileName), Terminal.Warn);
            var desk = new SensorDesk(known, Slug.Parse(options.Subject), time, Terminal.Warn);
            await using var hub = await Hub.StartAsync(options, live: true, web: true, desk, time, loggers, cancellationToken, new HubPages { HasAccounts = true });
            var session = simulation(scenario, options.BodyMassKg);
            desk.Attach(session);
            Terminal.Welcome(hub, options);
            await hub.PlayAsync(session.RunAsync, session.Mark, record: true, recording: null, cancellationToken);
            return 0;
        });
        return command.WithExamples(
            ("run", "Connects to the sensors that were added on the page http://127.0.0.1:5080/sensors"),
            ("run --simulate", "A virtual person stands, bends, rolls the hamstrings and stands up again: open http://127.0.0.1:5080"),
            ("run --simulate=follow", "A virtual person who does what the pages ask: bends to calibrate, does the test, rolls the muscle that is chosen"),
            ("run --role clinic --mqtt broker.example.org --mqtt-port 8883 --influx http://127.0.0.1:8086", "Pages for the people of all hubs of a broker, without sensors of its own"),
            ("run --simulate=desk --port 5081 --influx http://127.0.0.1:8086", "Another scenario, another port, and an InfluxDB 1.x beside the embedded store"));
    }

    /// <summary>A session of the virtual person that begins now.</summary>
    private static SimulatedSession Simulation(HubOptions options, Scenario scenario, int seed, double speed, Outage? outage, double? bodyMassKg, TimeProvider time)
    {
        var (start, since) = (time.GetUtcNow(), time.GetTimestamp());
        return new SimulatedSession(new SimulationOptions
        {
            Scenario = scenario,
            Seed = seed,
            Start = start,
            Since = since,
            Speed = speed,
            OutageWhenRolling = outage,
            Repetitions = Repetitions,
            Session = Slug.Parse(start.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)),
            Subject = Slug.Parse(options.Subject),
            BodyMassKg = bodyMassKg ?? new SimulationOptions().BodyMassKg,
        });
    }

    private static async Task<int> RunClinicAsync(HubOptions options, bool sensors, CancellationToken cancellationToken)
    {
        if (sensors)
            throw new UserException("A clinic has no sensors: leave --simulate and --adopt out, or --role.");
        using var loggers = Terminal.Loggers();
        await using var clinic = await ClinicPages.StartAsync(options, TimeProvider.System, loggers, cancellationToken);
        Terminal.Welcome(clinic, options);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
        return 0;
    }

    /// <param name="simulated">A virtual person of that mass, for whoever wants to try it first.</param>
    private static async Task<int> RunLiveAsync(HubOptions options, bool adopt, Func<double?, SimulatedSession> simulated, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        using var loggers = Terminal.Loggers();
        var subject = Slug.Parse(options.Subject);
        var desk = new SensorDesk(KnownSensors.Open(Path.Combine(DataFolder.Open(options.Data).Path, KnownSensors.FileName), Terminal.Warn), subject, time, Terminal.Warn);
        await using var central = Radios.Open(options.Radio.Adapter, new PagePairing(desk));
        Hub? told = null; // of the radio
        var automatic = new AutomaticSession(subject, options.BodyMassKg);
        var sensors = new LiveSensors(central, desk, automatic, time, RadioChanged, Terminal.Say) { Adopt = adopt };
        var choice = new SensorChoice(sensors.RunAsync, sensors.Mark, () => simulated(automatic.BodyMassKg));
        await using var hub = await Hub.StartAsync(
            options, live: true, web: true, desk, time, loggers, cancellationToken,
            new HubPages { HasAccounts = true, Choice = choice, BodyMassChanged = mass => automatic.BodyMassKg = mass ?? options.BodyMassKg });
        told = hub;
        Terminal.Welcome(hub, options);
        if (desk.State.Sensors.Count == 0 && !adopt)
            Terminal.Say($"No sensor is known yet: switch one on and add it on {new Uri(hub.Page!, "sensors")}, or start with --simulate.");
        await hub.PlayAsync(choice.RunAsync, choice.Mark, record: true, recording: null, cancellationToken);
        return 0;

        void RadioChanged(string? trouble)
        {
            Terminal.Warn(trouble ?? "The radio can be used again.");
            _ = told?.SayRadioAsync(trouble, cancellationToken);
        }
    }

    private static Outage? ParseOutage(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text.Split(':') is [var after, var lasts] && Seconds(after) is { } start && Seconds(lasts) is { } duration && duration > TimeSpan.Zero)
            return new Outage(start, duration);
        result.AddError($"--outage is '{text}'; it takes two numbers of seconds up to a day, such as 10:5.");
        return null;

        static TimeSpan? Seconds(string text) =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 86_400 ? TimeSpan.FromSeconds(seconds) : null;
    }
}

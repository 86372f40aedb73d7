using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Security.Cryptography;
using SensorHub.Bluetooth;
using SensorHub.Bluetooth.BlueZ.Peripheral;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Core;
using SensorHub.Core.Protocol;

namespace SensorHub.Commands;

/// <summary><c>sensorhub simulate --adapter</c>: a virtual sensor as a Bluetooth peripheral that a hub finds like any other.</summary>
internal sealed class SimulateOnAir
{
    /// <summary>The scenario is played again and again, for hours.</summary>
    private const int Repetitions = 1000;

    private readonly Option<string?> _adapter = new("--adapter")
    {
        Description = "Instead of recording, be a sensor on this Bluetooth adapter (Linux, BlueZ) until Ctrl-C; the same scenario and seed on another adapter are the same person",
        HelpName = "hciN",
    };

    private readonly Option<SensorKind?> _kind = new("--kind")
    {
        Description = "With --adapter: which sensor to be",
        HelpName = "roller|clip",
        CustomParser = ParseKind,
    };

    private readonly Option<string?> _scenario = new("--scenario") { Description = "With --adapter: the scenario, as SCENARIO", HelpName = "NAME" };

    private readonly Option<double?> _again = new("--advertise-again")
    {
        Description = "With --adapter: register the advertisement anew that often while no hub is connected; for emulated controllers, which send one report each time",
        HelpName = "SECONDS",
        CustomParser = ParseAgain,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_adapter);
        command.Options.Add(_kind);
        command.Options.Add(_scenario);
        command.Options.Add(_again);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_adapter) is null && (result.GetResult(_kind) ?? result.GetResult(_scenario) ?? result.GetResult(_again)) is { } stray)
                result.AddError($"{stray.Option.Name} goes with --adapter, which names the Bluetooth adapter, such as hci0.");
            else if (result.GetResult(_adapter) is not null && result.GetResult(_kind) is null)
                result.AddError("--adapter needs --kind roller or --kind clip: an adapter is one sensor.");
        });
    }

    /// <summary>Whether the person wants a sensor on the air.</summary>
    public bool IsWanted(CommandResult result) => result.GetResult(_adapter) is not null;

    /// <summary>The scenario given as an option.</summary>
    public string? Scenario(ParseResult parsed) => parsed.GetValue(_scenario);

    /// <summary>Until Ctrl-C.</summary>
    public async Task<int> RunAsync(ParseResult parsed, SimulationOptions options, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(parsed.GetValue(_adapter)))
            throw new UserException("--adapter is empty; it takes the name of an adapter, such as hci0: 'bluetoothctl list' and 'hciconfig' know them.");
        var isRoller = parsed.GetValue(_kind) == SensorKind.Roller;
        var sensor = new SimulatedSession(options with { WithRoller = isRoller, WithClip = !isRoller, Repetitions = Repetitions }).Sensors.Single();
        sensor.Reboot(seconds: 0, (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue));
        var air = new AirOptions
        {
            Adapter = parsed.GetValue(_adapter)!,
            AdvertiseAgain = parsed.GetValue(_again) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        try
        {
            await new AirPeripheral(sensor, air, TimeProvider.System, Terminal.Say).RunAsync(cancellationToken);
            return 0;
        }
        catch (RadioException e)
        {
            throw new UserException(e.Message, e);
        }
    }

    private static SensorKind? ParseKind(ArgumentResult result)
    {
        switch (result.Tokens[0].Value)
        {
            case "roller":
                return SensorKind.Roller;
            case "clip":
                return SensorKind.Clip;
            case var other:
                result.AddError($"--kind is '{other}'; it takes roller or clip.");
                return null;
        }
    }

    private static double? ParseAgain(ArgumentResult result)
    {
        if (double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.2 and <= 3600)
            return seconds;
        result.AddError($"--advertise-again is '{result.Tokens[0].Value}'; it takes seconds, 0.2 to 3600.");
        return null;
    }
}

using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using SensorHub.Sensors;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.Influx;
using Spectre.Console;

namespace SensorHub.Commands;

/// <summary><c>sensorhub doctor</c>: is everything there that a hub with these settings needs? One line a check, with the remedy.</summary>
public static class DoctorCommand
{
    /// <summary>Below this a day of recording may not fit: two sensors make about 300 MB.</summary>
    private const long LeastFreeBytes = 1L << 30;

    private const string Bluetooth = "bluetooth";

    public static Command Create()
    {
        var command = new Command("doctor", "Check folder, disk, clock, ports, broker, database and Bluetooth, and say what to mend.");
        var settings = new Settings(command, radio: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed);
            var failed = 0;
            foreach (var (name, check) in Checks(options, TimeProvider.System, cancellationToken))
            {
                try
                {
                    Line("[green]ok[/]    ", name, await check());
                }
                catch (UserException e) when (name == Bluetooth && !UsesRadio(options))
                {
                    Line("[grey]note[/]  ", name, $"{e.Message.ReplaceLineEndings(" ")} (simulations and replays do without)");
                }
                catch (UserException e)
                {
                    failed++;
                    Line("[red]failed[/]", name, e.Message.ReplaceLineEndings(" "));
                }
            }
            return failed == 0 ? 0 : 1;
        });
        return command.WithExamples(("doctor --influx http://127.0.0.1:8086", "Checks a hub that writes to that InfluxDB"));
    }

    private static IEnumerable<(string Name, Func<Task<string>> Check)> Checks(HubOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        yield return ("data folder", () => Task.FromResult(DataFolder.Open(options.Data).Path));
        yield return ("disk", () => Task.FromResult(Disk(options.Data)));
        yield return ("clock", () => Task.FromResult(Clock(time)));
        yield return ("page", () => Task.FromResult(Port(options.Web.Port, "--port")));
        yield return options.Mqtt.Host is { } host
            ? ("broker", () => BrokerAsync(new MqttConnection(host, options.Mqtt.Port, options.Mqtt.User, options.Mqtt.Password, options.Mqtt.Tls), time, cancellationToken))
            : ("broker", () => Task.FromResult($"embedded, {Port(options.Mqtt.Port, "--mqtt-port")}; accounts in {Accounts(options.Data)}"));
        yield return ("store", () => StoreAsync(options.Data, cancellationToken));
        if (options.Influx.ToStorage() is { } influx)
            yield return ("database", () => InfluxAsync(influx, time, cancellationToken));
        yield return (Bluetooth, () => Radios.DescribeAsync(options.Radio.Adapter, cancellationToken));
    }

    /// <summary>An adapter was chosen, or sensors were added: without Bluetooth this hub cannot do what it is set to.</summary>
    private static bool UsesRadio(HubOptions options) =>
        options.Radio.Adapter is not null || KnownSensors.Open(Path.Combine(Path.GetFullPath(options.Data), KnownSensors.FileName), Terminal.Warn).All.Count > 0;

    private static string Disk(string folder)
    {
        long bytes;
        try
        {
            bytes = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The space left for {folder} cannot be found out: make sure that the folder is there, or choose another with --data.", e);
        }
        var free = $"{bytes / 1e9:0.0} GB free";
        return bytes >= LeastFreeBytes ? free : throw new UserException($"{free} for {folder}: make room, or choose another folder with --data.");
    }

    /// <summary>A clock from before this program was built is wrong: the usual state of a small computer without a battery.</summary>
    private static string Clock(TimeProvider time)
    {
        var built = File.GetLastWriteTimeUtc(typeof(DoctorCommand).Assembly.Location);
        var now = time.GetUtcNow();
        return now.UtcDateTime >= built.AddDays(-1)
            ? $"{now:yyyy-MM-dd HH:mm:ss} UTC"
            : throw new UserException($"It shows {now:yyyy-MM-dd HH:mm:ss} UTC, before this program was built: set it, or switch network time on (timedatectl set-ntp true).");
    }

    private static string Port(int port, string option)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return port == 0 ? "any free port" : $"port {port} is free";
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new UserException($"Port {port} on 127.0.0.1 is in use: perhaps a hub is running already; otherwise choose another with {option}.", e);
        }
        catch (SocketException e)
        {
            throw new UserException($"Port {port} on 127.0.0.1 cannot be used ({e.Message}): choose another with {option}.", e);
        }
    }

    private static string Accounts(string folder)
    {
        BrokerCredentials.LoadOrCreate(Path.GetFullPath(folder));
        return Path.Combine(Path.GetFullPath(folder), BrokerCredentials.FileName);
    }

    private static async Task<string> BrokerAsync(MqttConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var link = new MqttLink(connection, new MqttLinkOptions { ClientId = $"sensorhub-doctor-{Environment.ProcessId}" }, time);
        await link.ConnectAsync(cancellationToken);
        return $"{connection.Host}:{connection.Port} answers";
    }

    private static async Task<string> StoreAsync(string folder, CancellationToken cancellationToken)
    {
        var path = DataFolder.Open(folder).Store;
        await using var store = SqliteStore.Open(path);
        await store.CheckAsync(cancellationToken);
        return path;
    }

    private static async Task<string> InfluxAsync(InfluxOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var output = Databases.Open(options, time);
        await output.CheckAsync(cancellationToken);
        return output.Name;
    }

    private static void Line(string verdict, string name, string text)
    {
        AnsiConsole.Markup($"{verdict}  [bold]{name,-12}[/]");
        Console.Out.WriteLine(text);
    }
}

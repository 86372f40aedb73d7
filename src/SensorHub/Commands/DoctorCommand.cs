using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Health;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Outbox;
using SensorHub.Sensors;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Embedded;
using Spectre.Console;

namespace SensorHub.Commands;

/// <summary><c>sensorhub doctor</c>: is everything there that a hub with these settings needs? A line a finding, with the remedy.</summary>
public static class DoctorCommand
{
    private const string Bluetooth = "bluetooth";

    /// <summary>A recording makes a few files an hour.</summary>
    private const long LeastFreeFiles = 1000;

    public static Command Create()
    {
        var command = new Command(
            "doctor",
            "Check folder, disk, clock, ports, brokers, certificates, outboxes, databases, quarantine and Bluetooth, and say what to mend. " +
            "Each line is ok, note, warning or failed; the exit code is 1 when one failed. Nothing is changed but that folder and accounts are made.");
        var settings = new Settings(command, radio: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed);
            var failed = false;
            foreach (var (name, check) in Checks(options, TimeProvider.System, cancellationToken))
            {
                foreach (var (verdict, text) in await FindAsync(name, check, options))
                {
                    failed |= verdict == Verdict.Failed;
                    Line(verdict, name, text);
                }
            }
            return failed ? 1 : 0;
        });
        return command.WithExamples(
            ("doctor", "Checks what 'sensorhub run' would use"),
            ("doctor --influx http://127.0.0.1:8086", "Checks a hub that writes to that InfluxDB as well"),
            ("doctor --mqtt broker.clinic.example --mqtt-port 8883", "Checks a hub whose broker is elsewhere"));
    }

    private static async Task<IReadOnlyList<Finding>> FindAsync(string name, Func<Task<IReadOnlyList<Finding>>> check, HubOptions options)
    {
        try
        {
            return await check();
        }
        catch (UserException e) when (name == Bluetooth && !UsesRadio(options))
        {
            return [new Finding(Verdict.Note, $"{e.Message.ReplaceLineEndings(" ")} (simulations and replays do without)")];
        }
        catch (UserException e)
        {
            return [Finding.Failed(e.Message.ReplaceLineEndings(" "))];
        }
    }

    private static IEnumerable<(string Name, Func<Task<IReadOnlyList<Finding>>> Check)> Checks(HubOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        yield return ("data folder", Now(() => [Finding.Ok(DataFolder.Open(options.Data).Path)]));
        yield return ("disk", Now(() => Disk(options.Data)));
        yield return ("clock", Now(() => [Clock(time)]));
        yield return ("page", Now(() => [Finding.Ok(Port(options.Web.Port, "--port"))]));
        if (options.Mqtt.ToConnection() is { } external)
        {
            foreach (var check in Broker("broker", external, options, "Mqtt:CertificateAuthority", time, cancellationToken))
                yield return check;
        }
        else
        {
            yield return ("broker", Now(() => [Finding.Ok($"embedded, {Port(options.Mqtt.Port, "--mqtt-port")}; accounts in {Accounts(options.Data)}")]));
            if (options.Mqtt.Certificate is { } certificate)
                yield return ("certificate", Now(() => [CertificateProbe.OfFile("the embedded broker", certificate, time, options.Mqtt.CertificateKey)]));
        }
        yield return ("outbox", Now(() => [Outbox(DataFolder.OutboxIn(options.Data, "hub"), time)]));
        if (options.Upstream.ToConnection() is { } upstream)
        {
            foreach (var check in Broker("upstream", upstream, options, "Upstream:CertificateAuthority", time, cancellationToken))
                yield return check;
            yield return ("outbox", Now(() => [Outbox(DataFolder.OutboxIn(options.Data, "upstream"), time)]));
        }
        yield return ("store", () => StoreAsync(options.Data, cancellationToken));
        if (options.Influx.ToStorage() is { } influx)
        {
            if (influx.Url.Scheme == Uri.UriSchemeHttps)
                yield return ("certificate", async () => [await CertificateProbe.OfServerAsync(influx.Url.Host, influx.Url.Port, null, time, cancellationToken, setting: null)]);
            yield return ("database", async () =>
            {
                using var probe = new InfluxProbe(influx, time);
                return await probe.AskAsync(cancellationToken);
            });
        }
        yield return ("quarantine", Now(() => [SetAside(DataFolder.QuarantineIn(options.Data))]));
        yield return (Bluetooth, async () => [Finding.Ok(await Radios.DescribeAsync(options.Radio.Adapter, cancellationToken))]);
    }

    /// <summary>A broker elsewhere, and before it its certificate.</summary>
    private static IEnumerable<(string Name, Func<Task<IReadOnlyList<Finding>>> Check)> Broker(
        string name, MqttConnection connection, HubOptions options, string authority, TimeProvider time, CancellationToken cancellationToken)
    {
        if (connection.Tls)
            yield return ("certificate", async () => [await CertificateProbe.OfServerAsync(connection.Host, connection.Port, connection.CertificateAuthority, time, cancellationToken, authority)]);
        yield return (name, async () => [await BrokerProbe.AskAsync(connection, Slug.Parse(options.Hub), time, cancellationToken)]);
    }

    private static Func<Task<IReadOnlyList<Finding>>> Now(Func<IReadOnlyList<Finding>> check) => () => Task.FromResult(check());

    /// <summary>An adapter was chosen, or sensors were added: without Bluetooth this hub cannot do what it is set to.</summary>
    private static bool UsesRadio(HubOptions options) =>
        options.Radio.Adapter is not null || KnownSensors.Open(Path.Combine(Path.GetFullPath(options.Data), KnownSensors.FileName), Terminal.Warn).All.Count > 0;

    private static IReadOnlyList<Finding> Disk(string folder)
    {
        var space = DiskSpace.Of(folder);
        var state = space.State;
        var verdict = state.Status switch { HealthStatus.Healthy => Verdict.Ok, HealthStatus.Degraded => Verdict.Warning, _ => Verdict.Failed };
        var finding = new Finding(verdict, state.Remedy is { } remedy ? $"{state.Says} {remedy}" : state.Says.TrimEnd('.'));
        return space.FreeFiles is { } files and < LeastFreeFiles
            ? [finding, Finding.Failed($"The disk of {space.Folder} has room for only {files} more files, however small: remove some.")]
            : [finding];
    }

    private static Finding Clock(TimeProvider time)
    {
        var now = time.GetUtcNow();
        const string Remedy = "set it, or switch network time on (timedatectl set-ntp true)";
        if (SystemClock.Doubt(now) is { } doubt)
            return Finding.Failed($"{doubt.TrimEnd('.')}: {Remedy}.");
        var text = FormattableString.Invariant($"{now.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        return SystemClock.IsSynchronised() switch
        {
            true => Finding.Ok($"{text}, follows network time"),
            false => Finding.Warning($"{text}, and follows no other clock, so it will drift: {Remedy}."),
            null => Finding.Ok(text),
        };
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

    /// <summary>A hub that runs has it open: it is only looked at.</summary>
    private static Finding Outbox(string path, TimeProvider time)
    {
        if (OutboxSummary.Read(path) is not { } outbox)
            return Finding.Ok($"{path}, not begun yet");
        if (outbox.Oldest is not { } oldest)
            return Finding.Ok(FormattableString.Invariant($"{path}, {outbox.Bytes / 1e6:0.0} MB, nothing waits"));
        var age = time.GetUtcNow() - oldest;
        var waits = FormattableString.Invariant($"{path}, {outbox.Bytes / 1e6:0.0} MB: {outbox.Waiting} messages wait, the oldest for {HealthParts.Lasting(age > TimeSpan.Zero ? age : TimeSpan.Zero)}");
        return age < HealthParts.LongestInOutbox
            ? Finding.Ok(waits)
            : Finding.Warning($"{waits}. They go when a hub runs, the broker takes them, and the bridges behind it say that they are stored: see which of these does not.");
    }

    private static Finding SetAside(string folder) => (Directory.Exists(folder) ? Quarantine.Open(folder).Count : 0) switch
    {
        0 => Finding.Ok("empty"),
        var n => Finding.Warning(FormattableString.Invariant($"{folder}: {n} {(n == 1 ? "message" : "messages")} could not be stored: 'sensorhub bridge quarantine list' says why each; mend that, then retry or drop them.")),
    };

    private static async Task<IReadOnlyList<Finding>> StoreAsync(string folder, CancellationToken cancellationToken)
    {
        var path = DataFolder.Open(folder).Store;
        await using var store = SqliteStore.Open(path);
        await store.CheckAsync(cancellationToken);
        return [Finding.Ok(FormattableString.Invariant($"{path}, {new FileInfo(path).Length / 1e6:0.0} MB"))];
    }

    private static void Line(Verdict verdict, string name, string text)
    {
        var (word, colour) = verdict switch { Verdict.Ok => ("ok", "green"), Verdict.Note => ("note", "grey"), Verdict.Warning => ("warning", "yellow"), _ => ("failed", "red") };
        AnsiConsole.Markup($"[{colour}]{word,-8}[/][bold]{name,-12}[/]");
        Console.Out.WriteLine(text);
    }
}

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage.Bridging;
using SensorHub.Testing;

namespace SensorHub.Benchmarks.Throughput;

/// <summary>
/// mosquitto → bridge → InfluxDB: <c>sensorhub bridge</c> as it is published against a tuned bridge in Python (bridge.py), in one run, by turns. The messages of a
/// pass wait at the broker before the bridge takes them, so that its rate is its own and not the publisher's. CPU is user and system time of the bridge's process:
/// in the first pass from its start on; what a start costs is told by another process that has nothing to do.
/// </summary>
internal static class ThroughputComparison
{
    private const int Sensors = 20;

    public static Command Command()
    {
        var app = new Option<string?>("--app") { Description = "Folder of a published sensorhub, instead of publishing this tree." };
        var messages = new Option<int>("--messages") { Description = "Messages of a pass.", DefaultValueFactory = _ => 60_000 };
        var passes = new Option<int>("--passes") { Description = "Passes of each process; in the first ones a runtime still compiles.", DefaultValueFactory = _ => 10 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds with new processes; others may use the machine, and the best of each is compared.", DefaultValueFactory = _ => 3 };
        var numbered = new Option<bool>("--numbered") { Description = "Messages with the number of an outbox, as hubs send them: sensorhub confirms them, the Python bridge does not." };
        var command = new Command("throughput", "mosquitto to InfluxDB: points per CPU second of the hub's bridge and of a tuned Python bridge. Needs python3-paho-mqtt and python3-influxdb.") { app, messages, passes, rounds, numbered };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(app), parsed.GetValue(messages), parsed.GetValue(passes), parsed.GetValue(rounds), parsed.GetValue(numbered)));
        return command;
    }

    private static async Task RunAsync(string? app, int messages, int passes, int rounds, bool numbered)
    {
        var published = app ?? await PublishProgramAsync();
        Console.WriteLine(Machine.Describe());
        await using var influx = await InfluxServer.StartAsync(database: null);
        Console.WriteLine($"{messages} messages of {Payload(0).Length} bytes a pass, QoS 1{(numbered ? ", numbered" : "")}.");
        Console.WriteLine();
        Console.WriteLine("| round | bridge | pass | s | CPU s | points per CPU s |");
        Console.WriteLine("| ---: | --- | --- | ---: | ---: | ---: |");
        var rates = new Dictionary<(string Bridge, string Pass), double>();
        for (var round = 1; round <= rounds; round++)
        {
            await MeasureAsync(round, "Python", 1, name => name, (broker, database, name) => new ProcessStartInfo("/usr/bin/python3",
            [
                Path.Combine(AppContext.BaseDirectory, "Throughput", "bridge.py"), Text(broker.Port), MosquittoServer.User, MosquittoServer.Password, name, Text(influx.Url.Port), database,
            ]));
            await MeasureAsync(round, "SensorHub", passes, name => $"sensorhub-bridge-{Bridge.Influx}-{name}", (broker, database, name) => new ProcessStartInfo(Path.Combine(published, "sensorhub"),
            [
                "bridge", "--mqtt", "127.0.0.1", "--mqtt-port", Text(broker.Port), "--influx", influx.Url.ToString(), "--influx-database", database, "--name", name,
                "--quarantine", Directory.CreateTempSubdirectory("sensorhub-benchmark-").FullName,
            ])
            {
                Environment = { ["SENSORHUB_MQTT__USER"] = MosquittoServer.User, ["SENSORHUB_MQTT__PASSWORD"] = MosquittoServer.Password },
            });
        }
        Console.WriteLine();
        Console.WriteLine("| pass | SensorHub | Python | times |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        foreach (var pass in rates.Keys.Where(k => k.Bridge == "SensorHub").Select(k => k.Pass))
        {
            // Python compiles nothing while it runs: its first pass stands for all.
            var python = rates.GetValueOrDefault(("Python", pass), rates[("Python", "1")]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {pass} | {rates[("SensorHub", pass)]:0} | {python:0} | {rates[("SensorHub", pass)] / python:0.0} |"));
        }

        async Task MeasureAsync(int round, string bridge, int passes, Func<string, string> clientId, Func<MosquittoServer, string, string, ProcessStartInfo> start)
        {
            var name = $"{bridge.ToLowerInvariant()}{round}";
            await influx.QueryAsync($"CREATE DATABASE {name}");
            await using var broker = await MosquittoServer.StartAsync();
            TimeSpan startUp;
            using (var idle = new MeasuredBridge(start(broker, name, "idle")))
            {
                await idle.IdleAsync();
                startUp = idle.Cpu;
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {round} | {bridge} | start-up alone | | {startUp.TotalSeconds:0.00} | |"));
            await broker.StopAsync(); // and with it the session
            await broker.StartAgainAsync();
            await SubscribeAsync(broker.Port, clientId(name));
            await PublishAsync(broker.Port, 0, messages, numbered);
            await RunPassesAsync();

            async Task RunPassesAsync()
            {
                var at = TimeProvider.System.GetTimestamp();
                using var running = new MeasuredBridge(start(broker, name, name));
                var before = TimeSpan.Zero;
                for (var pass = 0; pass < passes; pass++)
                {
                    if (pass > 0)
                    {
                        await running.PauseAsync();
                        await PublishAsync(broker.Port, pass * messages, messages, numbered);
                        at = TimeProvider.System.GetTimestamp();
                        await running.ContinueAsync();
                    }
                    await StoredAsync(influx, name, (pass + 1L) * messages);
                    var elapsed = TimeProvider.System.GetElapsedTime(at);
                    await running.IdleAsync(); // the last acknowledgements and confirmations
                    var used = running.Cpu - before;
                    before += used;
                    if (pass == 0)
                    {
                        Report("1, with start-up", used, elapsed);
                        used -= startUp;
                    }
                    Report(Text(pass + 1), used, elapsed);
                }
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {round} | {bridge} | memory at most, MB: {running.PeakMemory / 1e6:0} | | | |"));
            }

            void Report(string kind, TimeSpan used, TimeSpan elapsed)
            {
                var rate = messages / used.TotalSeconds;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {round} | {bridge} | {kind} | {elapsed.TotalSeconds:0.0} | {used.TotalSeconds:0.00} | {rate:0} |"));
                rates[(bridge, kind)] = Math.Max(rates.GetValueOrDefault((bridge, kind)), rate);
            }
        }
    }

    /// <summary>As it is shipped: for this platform, compiled ahead.</summary>
    private static async Task<string> PublishProgramAsync()
    {
        var folder = Directory.CreateTempSubdirectory("sensorhub-benchmark-").FullName;
        using var publish = Process.Start("dotnet", ["publish", Repository.PathOf("src", "SensorHub"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "--self-contained", "false", "-o", folder, "-nologo", "-v", "quiet"]);
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0 ? folder : throw new InvalidOperationException("sensorhub could not be published.");
    }

    /// <summary>Makes a session at the broker, so that it keeps what is published before the bridge comes.</summary>
    private static async Task SubscribeAsync(int port, string client)
    {
        var connection = new MqttConnection("127.0.0.1", port, MosquittoServer.User, MosquittoServer.Password);
        await using var link = new MqttLink(connection, new MqttLinkOptions { ClientId = client, SessionExpiry = TimeSpan.FromHours(1) }, TimeProvider.System);
        link.Subscribe(Bridge.Topics, new SubscriptionOptions { ManualAcknowledgement = true });
        await link.ConnectAsync();
    }

    private static async Task PublishAsync(int port, int first, int count, bool numbered)
    {
        await using var source = await MqttSource.ConnectAsync(port, MosquittoServer.User, MosquittoServer.Password, "source");
        for (var i = first; i < first + count; i++)
        {
            source.Add(Encoding.UTF8.GetBytes($"sensorhub/1/clinic/subjects/p{i % Sensors}/posture"), Payload(i),
                numbered ? MqttSource.UserProperty(OutboxNumber.Property, new OutboxNumber(Slug.Parse("box"), i + 1).ToString()) : []);
            if (source.IsFull)
                await source.FlushAsync();
        }
        await source.DrainAsync();
    }

    /// <summary>A posture/1 of about 200 bytes; every one has a time of its own.</summary>
    private static byte[] Payload(int number)
    {
        var time = Timestamp.Parse("2026-01-31T12:00:00.123456789Z") + TimeSpan.FromMilliseconds(2 * number);
        var lordosis = Math.Round(30 + 10 * Math.Sin(0.01 * number), 3);
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$"""{"schema":"posture/1","time":"{{time}}","finality":"live","sensor":"clip-{{number % Sensors}}","phase":"standing","method":"two-element-gravity","quality":"good","lordosis_deg":{{lordosis}},"lordosis_u_deg":2.1}"""));
    }

    /// <summary>Ends when the database has so many rows.</summary>
    private static async Task StoredAsync(InfluxServer influx, string database, long wanted)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        while (await CountAsync(influx, database) is var rows && rows != wanted)
        {
            if (timeout.IsCancellationRequested)
                throw new InvalidOperationException($"{database}: {rows} rows are stored of {wanted} messages.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task<long> CountAsync(InfluxServer influx, string database)
    {
        using var answer = JsonDocument.Parse(await influx.QueryAsync("SELECT count(lordosis_deg) FROM posture", database));
        return answer.RootElement.GetProperty("results")[0].TryGetProperty("series", out var series) ? series[0].GetProperty("values")[0][1].GetInt64() : 0;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SensorHub.Core.Timing;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage.Bridging;
using SensorHub.Testing;

namespace SensorHub.Benchmarks.Throughput;

/// <summary>
/// mosquitto → bridge → InfluxDB: the hub's bridge against a tuned one in Python (bridge.py), in one run, by turns. The messages of a pass wait at the broker
/// before the bridge connects, so that its rate is its own and not the publisher's. CPU is user and system time of the bridge's process.
/// </summary>
internal static class ThroughputComparison
{
    private const int Sensors = 20;

    public static Command Command()
    {
        var messages = new Option<int>("--messages") { Description = "Messages of a pass.", DefaultValueFactory = _ => 60_000 };
        var passes = new Option<int>("--passes") { Description = "Passes of each process; in the first ones a runtime still compiles.", DefaultValueFactory = _ => 4 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds with new processes; others may use the machine, and the best of each is compared.", DefaultValueFactory = _ => 3 };
        var command = new Command("throughput", "mosquitto to InfluxDB: points per CPU second of the hub's bridge and of a tuned Python bridge. Needs python3-paho-mqtt and python3-influxdb.") { messages, passes, rounds };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(messages), parsed.GetValue(passes), parsed.GetValue(rounds)));
        return command;
    }

    private static async Task RunAsync(int messages, int passes, int rounds)
    {
        Console.WriteLine(Machine.Describe());
        await using var broker = await MosquittoServer.StartAsync();
        await using var influx = await InfluxServer.StartAsync(database: null);
        Console.WriteLine($"{messages} messages of {Payload(0).Length} bytes a pass, QoS 1.");
        Console.WriteLine();
        Console.WriteLine("| round | bridge | pass | points | s | CPU s | points per CPU s |");
        Console.WriteLine("| ---: | --- | --- | ---: | ---: | ---: | ---: |");
        var rates = new Dictionary<(string Bridge, string Pass), double>();
        for (var round = 1; round <= rounds; round++)
        {
            await MeasureAsync(round, "Python", (database, client) => new Worker("/usr/bin/python3",
            [
                Path.Combine(AppContext.BaseDirectory, "Throughput", "bridge.py"), Text(broker.Port), MosquittoServer.User, MosquittoServer.Password, client, Text(influx.Url.Port), database, Text(messages),
            ]));
            await MeasureAsync(round, "SensorHub", (database, client) => BridgeProcess.Start(broker.Port, influx.Url, database, client, messages));
        }
        Console.WriteLine();
        foreach (var pass in rates.Keys.Select(k => k.Pass).Distinct())
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"Pass {pass}: {rates[("SensorHub", pass)]:0} against {rates[("Python", pass)]:0} points per CPU second, {rates[("SensorHub", pass)] / rates[("Python", pass)]:0.0} times as many."));

        async Task MeasureAsync(int round, string bridge, Func<string, string, Worker> start)
        {
            var name = $"{bridge.ToLowerInvariant()}{round}";
            await influx.QueryAsync($"CREATE DATABASE {name}");
            await SubscribeAsync(broker.Port, name);
            using var worker = start(name, name);
            await worker.ReadAsync("ready");
            var started = worker.Cpu;
            for (var pass = 0; pass < passes; pass++)
            {
                await PublishAsync(broker.Port, pass * messages, messages);
                var (cpu, at) = (worker.Cpu, TimeProvider.System.GetTimestamp());
                await worker.GoAsync();
                await worker.ReadAsync("done");
                var (used, elapsed) = (worker.Cpu - cpu, TimeProvider.System.GetElapsedTime(at));
                var rows = await CountAsync(influx, name);
                if (rows != (pass + 1L) * messages)
                    throw new InvalidOperationException($"{bridge} stored {rows} rows after {pass + 1} passes of {messages} messages.");
                if (pass == 0)
                    Report("1, with start-up", started + used);
                Report(Text(pass + 1), used);

                void Report(string kind, TimeSpan total)
                {
                    var rate = messages / total.TotalSeconds;
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {round} | {bridge} | {kind} | {messages} | {elapsed.TotalSeconds:0.00} | {total.TotalSeconds:0.00} | {rate:0} |"));
                    rates[(bridge, kind)] = Math.Max(rates.GetValueOrDefault((bridge, kind)), rate);
                }
            }
        }
    }

    /// <summary>Makes a session at the broker, so that it keeps what is published before the bridge comes.</summary>
    private static async Task SubscribeAsync(int port, string client)
    {
        var connection = new MqttConnection("127.0.0.1", port, MosquittoServer.User, MosquittoServer.Password);
        await using var link = new MqttLink(connection, new MqttLinkOptions { ClientId = client, SessionExpiry = TimeSpan.FromHours(1) }, TimeProvider.System);
        link.Subscribe(Bridge.Topics, new SubscriptionOptions { ManualAcknowledgement = true });
        await link.ConnectAsync();
    }

    private static async Task PublishAsync(int port, int first, int count)
    {
        await using var source = await MqttSource.ConnectAsync(port, MosquittoServer.User, MosquittoServer.Password, "source");
        for (var i = first; i < first + count; i++)
        {
            source.Add(Encoding.UTF8.GetBytes($"sensorhub/1/clinic/subjects/p{i % Sensors}/posture"), Payload(i));
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

    private static async Task<long> CountAsync(InfluxServer influx, string database)
    {
        using var answer = JsonDocument.Parse(await influx.QueryAsync("SELECT count(lordosis_deg) FROM posture", database));
        return answer.RootElement.GetProperty("results")[0].GetProperty("series")[0].GetProperty("values")[0][1].GetInt64();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

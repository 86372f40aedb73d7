using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SensorHub.Storage;
using SensorHub.Storage.Influx;
using SensorHub.Testing;
#if OFFICIAL_INFLUX_CLIENT
using SensorHub.Storage.InfluxClient;
#endif

namespace SensorHub.Benchmarks.Clients;

/// <summary>
/// What it costs to bring points into a real InfluxDB: text, gzip and HTTP, in batches of 5,000 and in small ones. CPU and
/// bytes allocated are of this process, which does nothing else; the server is another process.
/// </summary>
internal static class ClientComparison
{
    private const int Points = 100_000;

    private static readonly Dictionary<string, Func<int, Point>> Shapes = new()
    {
        ["full posture"] = Sample.Posture,
        ["short posture"] = Sample.Part,
    };

    public static Command Command()
    {
        var rounds = new Option<int>("--rounds") { Description = "Rounds of 100,000 points each; the best is shown, as others may use the machine.", DefaultValueFactory = _ => 5 };
        var command = new Command("client", "Own InfluxDB client, and the official one in a build with -p:InfluxClient=Official: points a second, CPU and bytes allocated per point.") { rounds };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(rounds)));
        return command;
    }

    private static async Task RunAsync(int rounds)
    {
        Console.WriteLine(Machine.Describe());
        Console.WriteLine();
        Console.WriteLine("| client | points | batch | points/s | µs CPU per point | bytes allocated per point |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: |");
        await using var server = await InfluxServer.StartAsync();
        await using var proxy = await InfluxV2Proxy.StartAsync(server);
        var v1 = new InfluxOptions { Url = server.Url, Profile = InfluxProfile.V1, Database = "sensorhub", Timeout = TimeSpan.FromMinutes(1) };
        var v2 = v1 with { Url = proxy.Url, Profile = InfluxProfile.V2, Organization = InfluxV2Proxy.Organization, Token = InfluxV2Proxy.Token };
        var clients = new List<(string Name, IPointOutput Output)>
        {
            ("own, v1", new InfluxOutput(v1, TimeProvider.System)),
            ("own, v2", new InfluxOutput(v2, TimeProvider.System)),
#if OFFICIAL_INFLUX_CLIENT
            ("official, v2", OfficialClient.Output(v2, TimeProvider.System)),
#endif
        };
        foreach (var (shape, make) in Shapes)
        {
            var points = Enumerable.Range(0, Points).Select(make).ToList();
            foreach (var batch in new[] { 5_000, 100 })
                foreach (var (name, output) in clients)
                    await MeasureAsync(name, shape, output, [.. points.Chunk(batch)], rounds);
        }
        foreach (var (_, output) in clients)
            await output.DisposeAsync();
    }

    private static async Task MeasureAsync(string name, string shape, IPointOutput output, List<Point[]> batches, int rounds)
    {
        await RoundAsync(output, batches); // the runtime compiles, buffers grow
        var all = new List<Cost>();
        for (var i = 0; i < rounds; i++)
            all.Add(await RoundAsync(output, batches));
        var best = all.MinBy(c => c.Cpu)!;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {shape} | {batches[0].Length} | {Points / all.Min(c => c.Elapsed).TotalSeconds:0} | {best.Cpu.TotalMicroseconds / Points:0.00} | {all.Min(c => c.Allocated) / (double)Points:0.0} |"));
    }

    private static async Task<Cost> RoundAsync(IPointOutput output, List<Point[]> batches)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (cpu, allocated, started) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes(precise: true), TimeProvider.System.GetTimestamp());
        var stored = 0;
        foreach (var batch in batches)
            stored += (await output.WriteAsync(batch, CancellationToken.None)).Stored;
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        process.Refresh();
        if (stored != Points)
            throw new InvalidOperationException($"{stored} of {Points} points were stored by {output.Name}.");
        return new Cost(process.TotalProcessorTime - cpu, elapsed, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }

    private sealed record Cost(TimeSpan Cpu, TimeSpan Elapsed, long Allocated);
}

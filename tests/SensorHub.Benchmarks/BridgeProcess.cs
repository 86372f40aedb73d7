using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SensorHub.Core.Timing;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Influx;
using SensorHub.Testing;

namespace SensorHub.Benchmarks;

/// <summary>
/// The hub's bridge in a process of its own, so that its CPU and memory are its alone. Speaks with the benchmark by lines: prints "ready", waits for
/// "go", prints "connected", stores a pass of messages, prints "done" and the lags, and so on until the input ends.
/// </summary>
internal static class BridgeProcess
{
    public static Command Command()
    {
        var port = new Argument<int>("port");
        var influx = new Argument<string>("influx");
        var database = new Argument<string>("database");
        var client = new Argument<string>("client");
        var messages = new Argument<long>("messages") { Description = "Of a pass." };
        var command = new Command("bridge", "What the others start: the hub's bridge as a process.") { port, influx, database, client, messages };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(port), new Uri(parsed.GetRequiredValue(influx)), parsed.GetRequiredValue(database), parsed.GetRequiredValue(client), parsed.GetRequiredValue(messages)));
        return command;
    }

    /// <summary>Starts this program again as a bridge.</summary>
    public static Worker Start(int port, Uri influx, string database, string client, long messages) => new(
        Environment.ProcessPath!,
        [.. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(BridgeProcess).Assembly.Location] : Array.Empty<string>(),
            "bridge", Text(port), influx.ToString(), database, client, Text(messages)]);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task RunAsync(int port, Uri influx, string database, string client, long messages)
    {
        var time = TimeProvider.System;
        await using var output = new LagOutput(new InfluxOutput(new InfluxOptions { Url = influx, Profile = InfluxProfile.V1, Database = database, Timeout = TimeSpan.FromMinutes(1) }, time), time);
        var connection = new MqttConnection("127.0.0.1", port, MosquittoServer.User, MosquittoServer.Password);
        var options = new BridgeOptions();
        var quarantine = Quarantine.Open(Directory.CreateTempSubdirectory("sensorhub-benchmark-").FullName, time: time);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            output.Begin(messages);
            var link = new MqttLink(connection, new MqttLinkOptions { ClientId = client, SessionExpiry = TimeSpan.FromHours(1) }, time);
            var subscription = link.Subscribe(Bridge.Topics, new SubscriptionOptions { ManualAcknowledgement = true, Capacity = options.Capacity });
            await link.ConnectAsync();
            Console.WriteLine("connected");
            using var stop = new CancellationTokenSource();
            var running = new Bridge(Bridge.Influx, output, quarantine, options, time).RunAsync(subscription.Messages, stop.Token);
            await output.Reached;
            await stop.CancelAsync();
            await running;
            await link.DisposeAsync();
            Console.WriteLine($"done {output.Lags}");
        }
    }

    /// <summary>Counts the points that the database has acknowledged, and how long after their event time.</summary>
    private sealed class LagOutput(IPointOutput output, TimeProvider time) : IPointOutput
    {
        private readonly long[] _milliseconds = new long[60_000];
        private TaskCompletionSource _reached = new();
        private long _wanted;
        private long _stored;

        public string Name => output.Name;

        public int BatchSize => output.BatchSize;

        public Task Reached => _reached.Task;

        /// <summary>Median, 99th percentile and maximum in milliseconds.</summary>
        public string Lags => string.Join(' ', new[] { 0.5, 0.99, 1.0 }.Select(share => Text(Quantile(share))));

        public void Begin(long points)
        {
            (_wanted, _stored, _reached) = (points, 0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            Array.Clear(_milliseconds);
        }

        public Task CheckAsync(CancellationToken cancellationToken) => output.CheckAsync(cancellationToken);

        public async Task<WriteReport> WriteAsync(IReadOnlyList<Point> points, CancellationToken cancellationToken)
        {
            var report = await output.WriteAsync(points, cancellationToken);
            var now = Timestamp.FromDateTimeOffset(time.GetUtcNow());
            foreach (var point in points)
                _milliseconds[(int)Math.Clamp((now - point.Time).TotalMilliseconds, 0, _milliseconds.Length - 1)]++;
            _stored += report.Stored;
            if (_stored >= _wanted)
                _reached.TrySetResult();
            return report;
        }

        public ValueTask DisposeAsync() => output.DisposeAsync();

        private long Quantile(double share)
        {
            var rest = (long)Math.Ceiling(share * _milliseconds.Sum());
            for (var i = 0; i < _milliseconds.Length; i++)
                if ((rest -= _milliseconds[i]) <= 0)
                    return i;
            return 0;
        }
    }
}

/// <summary>A bridge that runs as another process.</summary>
internal sealed class Worker : IDisposable
{
    private readonly Process _process;

    public Worker(string program, IEnumerable<string> arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Physical memory now, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Waits for a line that begins so.</summary>
    /// <returns>What follows.</returns>
    public async Task<string> ReadAsync(string word)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            if (line.StartsWith(word, StringComparison.Ordinal))
                return line[word.Length..].Trim();
        throw new InvalidOperationException($"{_process.StartInfo.FileName} ended before it said '{word}'.");
    }

    public Task GoAsync() => _process.StandardInput.WriteLineAsync("go");

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SensorHub.Bluetooth;
using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Sensors;
using Spectre.Console;
using LinkOptions = SensorHub.Bluetooth.Link.LinkOptions;

namespace SensorHub.Commands;

/// <summary><c>sensorhub scan</c>: the sensors in range, and who they are.</summary>
public static class ScanCommand
{
    /// <summary>Piped, it has to end by itself; sensors advertise at least once in 1.1 s, and a look takes about two.</summary>
    private const double DefaultSeconds = 10;

    public static Command Create()
    {
        var seconds = new Option<double?>("--for") { Description = "End after so many seconds (default: at Ctrl-C on a terminal, otherwise after 10)", HelpName = "SECONDS" };
        var json = new Option<bool>("--json") { Description = "One line of JSON a sensor, as soon as it is known" };
        var noLook = new Option<bool>("--no-look") { Description = "Only listen: do not connect to ask who they are and how full their battery is" };
        var adapter = new Option<string?>("--adapter") { Description = "Bluetooth adapter, such as hci1 (default: the first)", HelpName = "NAME" };
        var simulate = new Option<bool>("--simulate") { Description = "Listen for the virtual roller and clip" };
        var command = new Command("scan", "List the sensors in range: name, kind, signal, battery.") { seconds, json, noLook, adapter, simulate };
        command.Validators.Add(result =>
        {
            if (result.GetResult(seconds) is { Tokens: [var given] } && double.TryParse(given.Value, CultureInfo.InvariantCulture, out var s) && s is not (> 0 and <= 86400))
                result.AddError("--for takes 0.1 to 86400 seconds.");
            if (result.GetResult(simulate) is not null && result.GetResult(adapter) is not null)
                result.AddError("Give --adapter for a radio or --simulate for none, not both.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var asJson = parsed.GetValue(json);
            var onTerminal = !Console.IsOutputRedirected && !asJson;
            var limit = parsed.GetValue(seconds) ?? (Console.IsOutputRedirected ? DefaultSeconds : null);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (limit is { } end)
                over.CancelAfter(TimeSpan.FromSeconds(end));
            var sighted = new Sighted(look: !parsed.GetValue(noLook));
            var show = onTerminal ? TableAsync(sighted, over.Token) : LinesAsync(sighted, asJson, over.Token);
            try
            {
                await (parsed.GetValue(simulate) ? SimulatedAsync(sighted, over) : HeardAsync(sighted, parsed.GetValue(adapter), over));
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
            }
            finally
            {
                await over.CancelAsync();
                await show;
            }
            if (sighted.All.Count == 0 && !cancellationToken.IsCancellationRequested)
                throw new UserException($"No sensor was heard in {limit:0.#} s. Switch one on, hold it near, and make sure that no other hub is connected to it.");
            return 0;
        });
        return command.WithExamples(
            ("scan", "A table that is kept up to date until Ctrl-C"),
            ("scan --for 15 --json", "A line of JSON for each sensor that was found in 15 s"));
    }

    private static async Task HeardAsync(Sighted sighted, string? adapter, CancellationTokenSource over)
    {
        await using var central = Radios.Open(adapter);
        await sighted.RunAsync(central, TimeProvider.System, over.Token);
    }

    /// <summary>On a virtual clock, at the speed of the real one.</summary>
    private static Task SimulatedAsync(Sighted sighted, CancellationTokenSource over)
    {
        var session = new SimulatedSession(new SimulationOptions { Start = TimeProvider.System.GetUtcNow(), Speed = 1 });
        return Task.Factory.StartNew(
            () => session.Time.Run(() => sighted.RunAsync(session.Radio, session.Time, over.Token), over.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static async Task TableAsync(Sighted sighted, CancellationToken cancellationToken)
    {
        await AnsiConsole.Live(Table(sighted)).StartAsync(async live =>
        {
            using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(500), TimeProvider.System);
            try
            {
                while (await beat.WaitForNextTickAsync(cancellationToken))
                    live.UpdateTarget(Table(sighted));
            }
            catch (OperationCanceledException)
            {
            }
            live.UpdateTarget(Table(sighted));
        });
    }

    private static Table Table(Sighted sighted)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("[grey]Name[/]", "[grey]Sensor[/]", "[grey]Kind[/]", "[grey]Signal[/]", "[grey]Battery[/]", "[grey]Firmware[/]");
        foreach (var sensor in sighted.All)
            table.AddRow(new Text(sensor.Name), new Text(sensor.Look?.Sensor.ToString() ?? sensor.Trouble ?? "…"), new Text(Kind(sensor)), new Text(Signal(sensor)), new Text(Battery(sensor)), new Text(Firmware(sensor)));
        if (sighted.All.Count == 0)
            table.Caption("Listening… Switch a sensor on and hold it near. Ctrl-C ends it.");
        return table;
    }

    /// <summary>Each sensor once, when all is known that will be.</summary>
    private static async Task LinesAsync(Sighted sighted, bool json, CancellationToken cancellationToken)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        try
        {
            while (await beat.WaitForNextTickAsync(cancellationToken))
                Tell(s => s.IsComplete);
        }
        catch (OperationCanceledException)
        {
        }
        Tell(_ => true);

        void Tell(Func<Sighting, bool> which)
        {
            foreach (var sensor in sighted.All.Where(which))
                if (told.Add(sensor.Address))
                    Terminal.Say(json ? Json(sensor) : Line(sensor));
        }
    }

    private static string Line(Sighting s) =>
        string.Join("  ", ((string[])[s.Name.PadRight(16), (s.Look?.Sensor.ToString() ?? "").PadRight(20), Kind(s).PadRight(6), Signal(s).PadRight(8), Battery(s).PadRight(5), Firmware(s), s.Trouble ?? ""])).TrimEnd();

    private static string Json(Sighting s)
    {
        var json = new JsonObject { ["name"] = s.Name, ["kind"] = Kind(s) };
        if (s.Rssi is { } rssi)
            json["rssi_dbm"] = rssi;
        if (s.Look is { } look)
        {
            json["sensor"] = look.Sensor.ToString();
            json["protocol"] = $"{look.Descriptor.ProtocolMajor}.{look.Descriptor.ProtocolMinor}";
            json["firmware"] = Firmware(s);
            if (look.Battery is { } battery)
                json["battery_pct"] = battery;
        }
        if (s.Trouble is { } trouble)
            json["trouble"] = trouble;
        return json.ToJsonString(Relaxed);
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>By its descriptor, or until then by its name.</summary>
    private static string Kind(Sighting s) => s.Look is { } look ? EnumNames.Of(look.Descriptor.Kind) : s.Name.Contains("Roller", StringComparison.Ordinal) ? "roller" : s.Name.Contains("Clip", StringComparison.Ordinal) ? "clip" : "";

    private static string Signal(Sighting s) => s.Rssi is { } rssi ? string.Create(CultureInfo.InvariantCulture, $"{rssi} dBm") : "";

    private static string Battery(Sighting s) => s.Look?.Battery is { } battery ? string.Create(CultureInfo.InvariantCulture, $"{battery} %") : "";

    private static string Firmware(Sighting s) => s.Look is { } look ? look.Firmware ?? look.Descriptor.Firmware : "";

    /// <summary>What was heard, and what those heard said of themselves.</summary>
    private sealed record Sighting(string Address, string Name, int? Rssi, SensorLook? Look, string? Trouble, bool IsComplete);

    /// <summary>Listens, and looks at each sensor once, one after the other.</summary>
    /// <param name="look">False: only listens.</param>
    private sealed class Sighted(bool look)
    {
        /// <summary>From one look at what was heard to the next.</summary>
        private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);

        /// <summary>A radio that is only just coming up is given this long.</summary>
        private static readonly TimeSpan RadioPatience = TimeSpan.FromSeconds(2);

        private readonly Lock _gate = new();
        private readonly Dictionary<string, Sighting> _all = new(StringComparer.Ordinal);

        /// <summary>The strongest first.</summary>
        public IReadOnlyList<Sighting> All
        {
            get
            {
                lock (_gate)
                    return [.. _all.Values.OrderByDescending(s => s.Rssi ?? int.MinValue).ThenBy(s => s.Name, StringComparer.Ordinal)];
            }
        }

        /// <exception cref="UserException">The radio cannot be used; the message says what mends it.</exception>
        public async Task RunAsync(ICentral central, TimeProvider time, CancellationToken cancellationToken)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var supervisor = new LinkSupervisor(central, new RecordSink(new HubClock(time), _ => { }), new LinkOptions(), new Random(1));
            var running = supervisor.RunAsync(stop.Token);
            using var listening = supervisor.Listen();
            try
            {
                for (var waited = TimeSpan.Zero; ; waited += Beat)
                {
                    await time.ExactlyAsync(Beat, cancellationToken);
                    if (supervisor.Radio is { } trouble && waited >= RadioPatience)
                        throw new UserException(trouble);
                    foreach (var nearby in supervisor.Nearby)
                        Hear(nearby);
                    if (look && All.FirstOrDefault(s => !s.IsComplete) is { } next)
                        await LookAsync(supervisor, next, cancellationToken);
                }
            }
            finally
            {
                stop.Cancel(); // CancelAsync would continue on the thread pool, away from virtual time
                await running.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        private void Hear(NearbySensor nearby)
        {
            lock (_gate)
                _all[nearby.Address] = _all.TryGetValue(nearby.Address, out var known)
                    ? known with { Rssi = nearby.Rssi ?? known.Rssi, Name = nearby.Name.Length > 0 ? nearby.Name : known.Name }
                    : new Sighting(nearby.Address, nearby.Name, nearby.Rssi, null, null, IsComplete: !look);
        }

        private async Task LookAsync(LinkSupervisor supervisor, Sighting sensor, CancellationToken cancellationToken)
        {
            SensorLook? seen = null;
            string? trouble = null;
            try
            {
                seen = await supervisor.LookAsync(sensor.Address, cancellationToken);
            }
            catch (Exception e) when (e is LinkException or IncompatibleSensorException)
            {
                trouble = e.Message;
            }
            lock (_gate)
                _all[sensor.Address] = _all[sensor.Address] with { Look = seen, Trouble = trouble, IsComplete = true };
        }
    }
}

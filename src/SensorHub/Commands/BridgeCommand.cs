using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Storage;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Embedded;

namespace SensorHub.Commands;

/// <summary><c>sensorhub bridge</c>: from an MQTT broker to InfluxDB, without a hub.</summary>
public static class BridgeCommand
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);

    public static Command Create()
    {
        var store = new Option<string?>("--store") { Description = "Write to this file (SQLite) too, or instead; it is rolled up and kept as long as the settings Retention:… say", HelpName = "FILE" };
        var share = NameOption("--share", "GROUP", "Share the work with the other bridges of this group (mosquitto and other brokers with shared subscriptions)");
        var name = NameOption("--name", "NAME", "Tells bridges apart at the broker, the same after each start (default: main; in a group, a new one each time)");
        var port = new Option<int?>("--port") { Description = "Serve /health, /alive and /metrics on this port of 127.0.0.1 (default: not)", HelpName = "PORT" };
        var quarantine = QuarantineCommand.FolderOption();
        var command = new Command("bridge", "Store what hubs publish: from an MQTT broker to InfluxDB, until Ctrl-C. A broker or database that is away is waited for; one that refuses ends it. Several bridges share the work with --share.")
        {
            store, share, name, quarantine, port,
        };
        var settings = new Settings(command, web: false, hub: false);
        command.Subcommands.Add(QuarantineCommand.Create());
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(share) is not null && parsed.GetValue(store) is not null)
                parsed.AddError("--store is a file of one bridge, and each bridge of a group gets a part of the messages: use --share with --influx alone.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed);
            var group = SlugOf(parsed.GetValue(share));
            var worker = new WorkerOptions
            {
                Name = parsed.GetValue(name) is { } given ? Slug.Parse(given)
                    : group.IsNone ? Slug.Parse("main")
                    : Slug.Parse(string.Create(CultureInfo.InvariantCulture, $"{Guid.NewGuid():n}")[..12]),
                Group = group,
                MayWait = fault => fault.IsAway, // it may be restarted together with this machine
            };
            return await RunAsync(options, parsed.GetValue(store), worker, QuarantineCommand.FolderOf(parsed.GetValue(quarantine), options), parsed.GetValue(port), cancellationToken);
        });
        return command.WithExamples(
            ("bridge --mqtt broker.local --influx http://127.0.0.1:8086", "What is published at that broker goes to the database 'sensorhub' of that InfluxDB"),
            ("bridge --mqtt broker.local --influx http://influx.local:8086 --share clinic", "One of several bridges, on this machine or others, that share the work"),
            ("bridge quarantine list", "What could not be stored, and why"));
    }

    /// <summary>The broker that the settings name; without one, the embedded broker of a hub on this machine, with the accounts in its data folder.</summary>
    /// <exception cref="UserException">There is neither.</exception>
    internal static MqttConnection BrokerOf(HubOptions options)
    {
        if (options.Mqtt.ToConnection() is { } external)
            return external;
        var folder = Path.GetFullPath(options.Data);
        if (!File.Exists(Path.Combine(folder, BrokerCredentials.FileName)))
            throw new UserException($"Which broker? Name it with --mqtt HOST; or, for the embedded broker of a hub on this machine, name the hub's folder with --data ({folder} is none).");
        var account = BrokerCredentials.LoadOrCreate(folder)[BrokerRole.Hub];
        return new MqttConnection("127.0.0.1", options.Mqtt.Port, account.User, account.Password);
    }

    private static async Task<int> RunAsync(HubOptions options, string? store, WorkerOptions worker, string quarantineFolder, int? port, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        using var loggers = Terminal.Loggers(LogLevel.Information);
        var broker = BrokerOf(options);
        var outputs = new List<(Slug Id, IPointOutput Output)>();
        var workers = new List<BridgeWorker>();
        using var stopKeeping = new CancellationTokenSource();
        var keeping = Task.CompletedTask;
        try
        {
            if (options.Influx.ToStorage() is { } influx)
                outputs.Add((Bridge.Influx, Databases.Open(influx, time)));
            if (store is not null)
            {
                var opened = SqliteStore.Open(store);
                outputs.Add((Bridge.Store, opened));
                var keeper = new StoreKeeper(opened, options.Retention.ToStorage(), time, loggers.CreateLogger<StoreKeeper>());
                keeping = Task.Run(() => keeper.RunAsync(stopKeeping.Token), CancellationToken.None);
            }
            if (outputs.Count == 0)
                throw new UserException("Where to? Name an InfluxDB with --influx URL, or a file with --store FILE.");
            foreach (var (_, output) in outputs)
                await CheckAsync(output, cancellationToken);
            var quarantine = Quarantine.Open(quarantineFolder, time: time, logger: loggers.CreateLogger<Quarantine>());

            Terminal.Say($"SensorHub {Program.Version}, bridge '{worker.Name}'{(worker.Group.IsNone ? "" : $" of group '{worker.Group}'")}");
            Terminal.Say($"  From        {broker}");
            foreach (var (_, output) in outputs)
                Terminal.Say($"  To          {output.Name}");
            Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"  Quarantine  {quarantine.Folder}, {(quarantine.Count is var kept and not 1 ? $"{kept} messages" : "1 message")}"));
            foreach (var (id, output) in outputs)
                workers.Add(await BridgeWorker.StartAsync(broker, id, output, quarantine, worker, new BridgeOptions(), time, loggers, cancellationToken));
            await using var web = port is { } served ? await BridgeEndpoint.StartAsync(served, workers, quarantine, loggers, cancellationToken) : null;
            if (web is not null)
                Terminal.Say($"  Health      http://127.0.0.1:{port}/health");
            Terminal.Say("Ctrl-C ends it.");
            await ReportAsync(workers, time, cancellationToken);
        }
        finally
        {
            await Task.WhenAll(workers.Select(w => w.DisposeAsync().AsTask()));
            await stopKeeping.CancelAsync();
            await keeping;
            foreach (var (_, output) in outputs)
                await output.DisposeAsync();
        }
        foreach (var status in workers.Select(w => w.Status))
            Terminal.Say(Summary(status));
        return 0;
    }

    /// <summary>What is merely away is waited for, as the broker keeps the messages; what a person must mend is better said before anything runs.</summary>
    private static async Task CheckAsync(IPointOutput output, CancellationToken cancellationToken)
    {
        try
        {
            await output.CheckAsync(cancellationToken);
        }
        catch (OutputException e) when (e.Fault == OutputFault.Unavailable)
        {
            Terminal.Warn($"{e.Message.ReplaceLineEndings(" ")} Messages wait at the broker.");
        }
    }

    /// <summary>A line a minute for each output that did something; ends with the cancellation, or with a bridge that failed.</summary>
    private static async Task ReportAsync(List<BridgeWorker> workers, TimeProvider time, CancellationToken cancellationToken)
    {
        var said = workers.Select(w => w.Status).ToList();
        var ended = Task.WhenAny(workers.Select(w => w.Running));
        while (!cancellationToken.IsCancellationRequested)
        {
            var minute = Task.Delay(ReportInterval, time, cancellationToken);
            if (await Task.WhenAny(minute, ended) == ended)
                await await ended;
            for (var i = 0; i < workers.Count && !cancellationToken.IsCancellationRequested; i++)
            {
                var now = workers[i].Status;
                if (now.Received != said[i].Received || now.Stored != said[i].Stored || now.Waiting > 0)
                    Terminal.Say($"{time.GetLocalNow():HH:mm:ss} {Summary(now)}");
                said[i] = now;
            }
        }
    }

    private static string Summary(BridgeStatus status)
    {
        var set = status.Quarantined.Values.Sum();
        return string.Create(CultureInfo.InvariantCulture, $"{status.Output}: {status.Received} messages received, {status.Stored} points stored")
            + (set > 0 ? string.Create(CultureInfo.InvariantCulture, $", {set} in quarantine ({string.Join(", ", status.Quarantined.Select(q => string.Create(CultureInfo.InvariantCulture, $"{q.Key} {q.Value}")))})") : "")
            + (status.PassedOver > 0 ? string.Create(CultureInfo.InvariantCulture, $", {status.PassedOver} passed over") : "")
            + (status.Waiting > 0 ? string.Create(CultureInfo.InvariantCulture, $", {status.Waiting} waiting for {status.Lag.TotalSeconds:0.0} s") : "") + ".";
    }

    private static Option<string?> NameOption(string option, string helpName, string description)
    {
        var name = new Option<string?>(option) { Description = description, HelpName = helpName };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [.., var token] && !Slug.TryParse(token.Value, out _))
                result.AddError($"{option} is '{token.Value}'; it takes 1 to {Slug.MaxLength} of a-z, 0-9 and '-', beginning with a letter or digit.");
        });
        return name;
    }

    private static Slug SlugOf(string? text) => text is null ? default : Slug.Parse(text);
}

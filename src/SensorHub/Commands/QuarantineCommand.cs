using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Mqtt.Connecting;
using SensorHub.Storage.Bridging;
using Spectre.Console;

namespace SensorHub.Commands;

/// <summary><c>sensorhub bridge quarantine</c>: messages that could not be stored; to look at, to publish again, to drop. Beside a running bridge or without one.</summary>
public static class QuarantineCommand
{
    public static Command Create() =>
        new("quarantine", "List messages that could not be stored, publish them again, or drop them.") { List(), Retry(), Drop() };

    public static Option<string?> FolderOption() => new("--quarantine")
    {
        Description = "Folder of messages that cannot be stored (default: 'quarantine' in the data folder)",
        HelpName = "FOLDER",
    };

    public static string FolderOf(string? given, HubOptions options) => given ?? DataFolder.QuarantineIn(options.Data);

    private static Command List()
    {
        var json = new Option<bool>("--json") { Description = "All that is known of each, as a JSON array" };
        var folder = FolderOption();
        var command = new Command("list", "List messages that could not be stored, with the reason, the oldest first.") { json, folder };
        var settings = new Settings(command, web: false, outputs: false, hub: false);
        command.SetAction(parsed =>
        {
            var quarantine = Open(parsed.GetValue(folder), settings.Read(parsed));
            var messages = quarantine?.List(Terminal.Warn) ?? [];
            if (parsed.GetValue(json))
                Terminal.Say(QuarantinedMessage.Write(messages));
            else if (messages.Count == 0)
                Terminal.Say("There is no message in quarantine.");
            else
                Print(messages);
            return 0;
        });
        return command.WithExamples(
            ("bridge quarantine list", "A line each"),
            ("bridge quarantine list --json", "With payload and properties, for other programs"));
    }

    private static Command Retry()
    {
        var (ids, all, folder) = Selection("to publish again");
        var command = new Command("retry", "Publish messages again, when the reason is mended. A message leaves the quarantine when the broker has it; if it still cannot be stored, it comes back.") { ids, all, folder };
        var settings = new Settings(command, web: false, hub: false, databases: false);
        command.Validators.Add(result => RequireOne(result, result.GetValue(ids)!.Length > 0, result.GetValue(all)));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed);
            var quarantine = Open(parsed.GetValue(folder), options);
            var chosen = Choose(quarantine, parsed.GetValue(ids)!);
            if (chosen.Count == 0)
            {
                Terminal.Say("There is no message in quarantine.");
                return 0;
            }
            await using var link = new MqttLink(BridgeCommand.BrokerOf(options), new MqttLinkOptions { ClientId = string.Create(CultureInfo.InvariantCulture, $"sensorhub-retry-{Environment.ProcessId}") }, TimeProvider.System);
            await link.ConnectAsync(cancellationToken);
            var (published, failed) = (0, 0);
            foreach (var message in chosen)
            {
                if (!message.IsWhole)
                {
                    Terminal.Warn($"{message.Id} had {message.Bytes} bytes and only its beginning was kept: it cannot be published again, only dropped.");
                    failed++;
                    continue;
                }
                await link.PublishAsync(Again(message), cancellationToken);
                quarantine!.Remove(message);
                published++;
            }
            Terminal.Say($"Published again: {Count(published)}.");
            return failed == 0 ? 0 : 1;
        });
        return command.WithExamples(
            ("bridge quarantine retry 3f9ac2d1e407 --mqtt broker.local", "One message; the first digits of its ID do if no other begins with them"),
            ("bridge quarantine retry --all", "All of them, at the embedded broker of the hub on this machine"));
    }

    private static Command Drop()
    {
        var (ids, all, folder) = Selection("to drop");
        var age = new Option<TimeSpan?>("--older-than")
        {
            Description = "Those set aside longer ago: 30m, 12h, 7d",
            HelpName = "AGE",
            CustomParser = ParseAge,
        };
        var command = new Command("drop", "Remove messages for good.") { ids, all, age, folder };
        var settings = new Settings(command, web: false, outputs: false, hub: false);
        command.Validators.Add(result => RequireOne(result, result.GetValue(ids)!.Length > 0, result.GetValue(all), result.GetResult(age) is not null));
        command.SetAction(parsed =>
        {
            var quarantine = Open(parsed.GetValue(folder), settings.Read(parsed));
            var chosen = Choose(quarantine, parsed.GetValue(ids)!);
            if (parsed.GetValue(age) is { } least)
                chosen = [.. chosen.Where(m => TimeProvider.System.GetUtcNow() - m.Time > least)];
            Terminal.Say($"Dropped: {Count(chosen.Count(quarantine is null ? _ => false : quarantine.Remove))}.");
            return 0;
        });
        return command.WithExamples(
            ("bridge quarantine drop 3f9ac2d1e407", "One message"),
            ("bridge quarantine drop --older-than 7d", "What nobody has mended in a week"));
    }

    private static (Argument<string[]> Ids, Option<bool> All, Option<string?> Folder) Selection(string what) => (
        new Argument<string[]>("ID") { Description = $"IDs of the messages {what}, as 'list' shows them", Arity = ArgumentArity.ZeroOrMore },
        new Option<bool>("--all") { Description = "All messages" },
        FolderOption());

    private static void RequireOne(CommandResult result, params bool[] ways)
    {
        if (ways.Count(given => given) != 1)
            result.AddError($"Say which messages: {(ways.Length == 2 ? "their IDs, or --all" : "their IDs, --all, or --older-than AGE")}.");
    }

    /// <returns>Null: there is no such folder, so there is no message.</returns>
    private static Quarantine? Open(string? given, HubOptions options)
    {
        var folder = FolderOf(given, options);
        if (given is not null && !Directory.Exists(folder))
            throw new UserException($"There is no folder {Path.GetFullPath(folder)}: name the bridge's quarantine with --quarantine, or a hub's folder with --data.");
        return Directory.Exists(folder) ? Quarantine.Open(folder) : null;
    }

    /// <exception cref="UserException">An ID is of no message, or of several.</exception>
    private static IReadOnlyList<QuarantinedMessage> Choose(Quarantine? quarantine, string[] ids)
    {
        var messages = quarantine?.List(Terminal.Warn) ?? [];
        return ids.Length == 0 ? messages : [.. ids.Select(Find).DistinctBy(m => m.Id)];

        QuarantinedMessage Find(string id) => messages.Where(m => m.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase)).ToList() switch
        {
            [var one] when id.Length > 0 => one,
            [] => throw new UserException($"There is no message '{id}' in quarantine: see 'sensorhub bridge quarantine list'."),
            var several => throw new UserException($"'{id}' is the beginning of {several.Count} IDs: give more of it."),
        };
    }

    /// <summary>The message as it was, counted once more. It keeps its number, so that a bridge can tell what came after it.</summary>
    private static MqttApplicationMessage Again(QuarantinedMessage message) => new()
    {
        Topic = message.Topic,
        PayloadSegment = message.PayloadBytes(),
        ContentType = message.ContentType,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        UserProperties =
        [
            .. message.Properties.Where(p => p[0] != QuarantinedMessage.RetriedProperty).Select(p => new MqttUserProperty(p[0], Encoding.UTF8.GetBytes(p[1]))),
            new MqttUserProperty(QuarantinedMessage.RetriedProperty, Encoding.UTF8.GetBytes((message.Retried + 1).ToString(CultureInfo.InvariantCulture))),
        ],
    };

    private static void Print(IReadOnlyList<QuarantinedMessage> messages)
    {
        if (Console.IsOutputRedirected)
        {
            foreach (var m in messages)
                Terminal.Say($"{m.Id}  {When(m)}  {m.Output,-6}  {m.Reason,-19}  {Poison.Printable(m.Topic)}  {Poison.Printable(m.Detail)}");
            return;
        }
        var table = new Table().Border(TableBorder.None).AddColumns("[grey]ID[/]", "[grey]Set aside[/]", "[grey]Output[/]", "[grey]Reason[/]", "[grey]Topic[/]", "[grey]Detail[/]");
        foreach (var m in messages)
            table.AddRow(new Text(m.Id), new Text(When(m)), new Text(m.Output), new Text(m.Reason), new Text(Poison.Printable(m.Topic, 80)), new Text(Poison.Printable(m.Detail, 120)));
        AnsiConsole.Write(table);
    }

    private static string When(QuarantinedMessage message) => message.Time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Count(int messages) => string.Create(CultureInfo.InvariantCulture, $"{messages} {(messages == 1 ? "message" : "messages")}");

    private static TimeSpan? ParseAge(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text.Length > 1 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= 36_500)
        {
            switch (text[^1])
            {
                case 'm': return TimeSpan.FromMinutes(number);
                case 'h': return TimeSpan.FromHours(number);
                case 'd': return TimeSpan.FromDays(number);
                default: break;
            }
        }
        result.AddError($"--older-than is '{text}'; it takes an age such as 30m, 12h or 7d.");
        return null;
    }
}

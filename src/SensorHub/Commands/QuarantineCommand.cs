using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Storage;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Embedded;
using Spectre.Console;

namespace SensorHub.Commands;

/// <summary><c>sensorhub bridge quarantine</c>: messages that could not be stored; to look at, to try again, to drop. Beside a running bridge or without one.</summary>
public static class QuarantineCommand
{
    public static Command Create() =>
        new("quarantine", "List messages that could not be stored, try them again, or drop them.") { List(), Retry(), Drop() };

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
        var (ids, all, folder) = Selection("to try again");
        var store = new Option<string?>("--store") { Description = "The bridge's file (SQLite), for messages that 'store' did not take (default: the store in the data folder)", HelpName = "FILE" };
        var command = new Command(
            "retry",
            "Store messages that could not be stored, when the reason is mended: each in the output that did not take it. One that is stored leaves the quarantine; another is kept, with its new reason, and the exit code is 1.")
        {
            ids, all, store, folder,
        };
        var settings = new Settings(command, web: false, hub: false, broker: false);
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
            var outputs = new List<(Slug Id, IPointOutput Output)>();
            try
            {
                if (options.Influx.ToStorage() is { } influx)
                    outputs.Add((Bridge.Influx, Databases.Open(influx, TimeProvider.System)));
                if (StoreOf(parsed.GetValue(store), options) is { } file)
                    outputs.Add((Bridge.Store, SqliteStore.Open(file)));
                return await RetryAsync(quarantine!, chosen, outputs, cancellationToken);
            }
            finally
            {
                foreach (var (_, output) in outputs)
                    await output.DisposeAsync();
            }
        });
        return command.WithExamples(
            ("bridge quarantine retry 3f9ac2d1e407 --influx http://127.0.0.1:8086", "One message, with the settings of the bridge; the first digits of its ID do if no other begins with them"),
            ("bridge quarantine retry --all", "All of them, of the hub on this machine"));
    }

    private static async Task<int> RetryAsync(Quarantine quarantine, IReadOnlyList<QuarantinedMessage> chosen, List<(Slug Id, IPointOutput Output)> outputs, CancellationToken cancellationToken)
    {
        var retry = new QuarantineRetry(quarantine, outputs);
        var (done, gone) = (0, 0);
        await Terminal.WithProgressAsync(() => $"{done} of {Count(chosen.Count)} tried", async () =>
        {
            foreach (var message in chosen.OrderBy(m => m.Time))
            {
                var result = await retry.TryAsync(message, cancellationToken);
                done++;
                gone += result.IsGone ? 1 : 0;
                Terminal.Say($"{message.Id} {result.Says.ReplaceLineEndings(" ")}.");
            }
        });
        Terminal.Say(gone == chosen.Count ? $"Done: {Count(gone)}." : $"Done: {Count(gone)}. Kept: {Count(chosen.Count - gone)}.");
        return gone == chosen.Count ? 0 : 1;
    }

    /// <summary>Null: nobody named one, and the data folder has none.</summary>
    private static string? StoreOf(string? given, HubOptions options)
    {
        var file = given ?? DataFolder.StoreIn(options.Data);
        if (File.Exists(file))
            return file;
        return given is null ? null : throw new UserException($"There is no store {Path.GetFullPath(given)}: name the bridge's file with --store.");
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

using System.CommandLine;
using System.Globalization;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Rights;
using SensorHub.Rights.Erasing;
using SensorHub.Rights.Exporting;
using Spectre.Console;

namespace SensorHub.Commands;

/// <summary><c>sensorhub subject</c>: who is known here, everything of a person to take along, and everything of a person erased.</summary>
public static class SubjectCommand
{
    public static Command Create() => new("subject", "Who is known here, and where; export everything of a person, or erase it.") { List(), Export(), Erase() };

    private static Command List()
    {
        var (allHubs, command) = (AllHubsOption(), new Command("list", "List every pseudonym, and what is held of it where."));
        command.Add(allHubs);
        var settings = new Settings(command, web: false, hub: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var places = Open(settings.Read(parsed), parsed.GetValue(allHubs));
            var reached = new List<(ISubjectPlace Place, IReadOnlyCollection<Slug> Subjects)>();
            foreach (var place in places.All)
                if (await TryAsync(() => place.SubjectsAsync(cancellationToken)) is { } subjects)
                    reached.Add((place, subjects));
            foreach (var subject in reached.SelectMany(r => r.Subjects).Distinct().Order())
            {
                Terminal.Say(subject.ToString());
                await SayHoldingsAsync([.. reached.Select(r => r.Place)], SubjectScope.Whole(subject), cancellationToken);
            }
            return reached.Count == places.All.Count ? 0 : 1;
        });
        return command.WithExamples(("subject list", "Everybody in the data folder, and in the database of its settings"));
    }

    private static Command Export()
    {
        var subject = SubjectArgument("Pseudonym, as 'subject list' shows it", required: true);
        var to = new Option<string>("--out") { Description = "Folder to write to; what is there already is not written again", HelpName = "FOLDER", Required = true };
        var allHubs = AllHubsOption();
        var command = new Command("export", """
            Write everything that is held of a person, for them to read: recordings and their results, estimates as CSV with a page of plots, rows of the store and the database,
            account, consents, notes, plans and the log of who looked. README.txt and index.html say what is what.
            """) { subject, to, allHubs };
        var settings = new Settings(command, web: false, hub: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var places = Open(settings.Read(parsed), parsed.GetValue(allHubs));
            var given = parsed.GetValue(subject)!;
            var name = Slug.Parse(given);
            var scope = SubjectScope.Whole(name);
            var (known, failed) = (Holding.None, false);
            foreach (var place in places.All)
                known = known.And(await place.FindAsync(scope, cancellationToken));
            if (known.Count == 0)
                throw Unknown(name, places);
            scope = SubjectScope.Whole(name, known.Sessions);
            var (index, folder) = (new ExportIndex(places.Data), Path.GetFullPath(parsed.GetValue(to)!));
            if (index.Read().Any(e => e.Folder == folder && e.Recordings.Any(r => r.Subject != given)))
                throw new UserException($"{folder} has something of other people in it: name a folder for this person alone with --out.");
            using (var export = new SubjectExport(parsed.GetValue(to)!, Terminal.Warn))
            {
                var line = "";
                await Terminal.WithProgressAsync(() => line, () => Task.Run(async () =>
                {
                    foreach (var place in places.All)
                    {
                        line = $"{place.Kind}, {place.Where}";
                        failed |= !await TryAsync(() => place.ExportAsync(scope, export, cancellationToken));
                    }
                    export.Complete(name, $"SensorHub {Program.Version}");
                }, cancellationToken));
                IReadOnlyCollection<Slug> sessions = known.Sessions.Count == 0 ? [default] : known.Sessions;
                index.Note(new Exported(folder, SubjectExport.Format, TimeProvider.System.GetUtcNow(), [.. sessions.Select(s => new ExportedRecording(given, s.ToString(), ""))]));
            }
            Terminal.Say($"{parsed.GetValue(to)}: everything of {name}{(failed ? ", but for what could not be reached" : "")}.");
            return failed ? 1 : 0;
        });
        return command.WithExamples(("subject export p17 --out p17-everything", "A folder to hand over: open its index.html"));
    }

    private static Command Erase()
    {
        var subject = SubjectArgument("Pseudonym, as 'subject list' shows it (default: whoever's erasure has begun and is not finished)", required: false);
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        var dry = new Option<bool>("--dry-run") { Description = "Say what would be erased, and erase nothing" };
        var allHubs = AllHubsOption();
        var command = new Command("erase", """
            Erase everything of a person, and prove it: every file, table, database and retained message is looked through afterwards. What was done is kept in erasures/ in the data folder,
            without a word of whom.

            The hub must not run meanwhile. What cannot be reached now is said, with exit code 1; the same again finishes it. There is no way back: 'subject export' first.
            """) { subject, yes, dry, allHubs };
        var settings = new Settings(command, web: false, hub: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed);
            using var places = Open(options, parsed.GetValue(allHubs));
            using var alone = DataFolder.Open(options.Data).Lock();
            var begun = ErasureNote.Find(places.Data);
            if (parsed.GetValue(subject) is not { } given)
            {
                if (begun.Count == 0)
                    throw new UserException("No erasure has begun here: name whom to erase, as 'sensorhub subject list' shows them.");
                var complete = true;
                foreach (var note in begun)
                    complete &= await EraseAsync(places, note.Scope, cancellationToken);
                return complete ? 0 : 1;
            }
            var scope = SubjectScope.Whole(Slug.Parse(given));
            Terminal.Say($"{given} is known in");
            var (found, reached) = await SayHoldingsAsync(places.All, scope, cancellationToken);
            if (!found && reached && begun.All(n => n.Subject != given))
                throw Unknown(scope.Subject, places);
            if (parsed.GetValue(dry))
                return reached ? 0 : 1;
            if (!parsed.GetValue(yes) && !Confirmed(given))
                return 1;
            return await EraseAsync(places, scope, cancellationToken) ? 0 : 1;
        });
        return command.WithExamples(
            ("subject erase p17 --dry-run", "What there is of p17, and where"),
            ("subject erase p17", "Asks once, erases and proves it"),
            ("subject erase", "Finishes what was cut off"));
    }

    /// <summary>Erases, and says what was done and where the proof is.</summary>
    internal static async Task<bool> EraseAsync(SubjectPlaces places, SubjectScope scope, CancellationToken cancellationToken)
    {
        var record = await new Erasure(places, TimeProvider.System, Terminal.Warn).RunAsync(scope, cancellationToken);
        var proof = Path.Combine(places.Data, ErasureRecord.FolderName, $"{record.Id}.json");
        string[] erased = [.. record.Erased.Where(e => e.Value > 0).Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Key} {e.Value:#,0}"))];
        Terminal.Say($"Erased: {(erased.Length > 0 ? string.Join(", ", erased) : "nothing")}.");
        Terminal.Say($"Looked through: {string.Join(", ", record.Scanned.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Value:#,0} {e.Key.Replace('_', ' ')}")))}; {(record.Complete ? "nothing is left" : "not everything is gone")}.");
        Terminal.Say(record.Complete ? $"Proof: {proof}" : $"So far: {proof}. Mend what was said, and run 'sensorhub subject erase' again.");
        return record.Complete;
    }

    private static bool Confirmed(string subject)
    {
        if (Console.IsInputRedirected)
            throw new UserException("Nobody can be asked here whether this is meant: say --yes, or --dry-run to look only.");
        return AnsiConsole.Confirm($"Erase all of this for ever? Exported folders with {subject.EscapeMarkup()} alone are removed too.", defaultValue: false);
    }

    private static async Task<(bool Found, bool Reached)> SayHoldingsAsync(IReadOnlyList<ISubjectPlace> places, SubjectScope scope, CancellationToken cancellationToken)
    {
        var (found, reached, sessions) = (false, true, new SortedSet<Slug>());
        foreach (var place in places)
        {
            if (await TryAsync(() => place.FindAsync(SubjectScope.Whole(scope.Subject, sessions), cancellationToken)) is not { } holding)
            {
                reached = false;
                continue;
            }
            sessions.UnionWith(holding.Sessions);
            if (holding.Count == 0)
                continue;
            found = true;
            Terminal.Say($"  {place.Kind,-13} {holding.ToString(place.Unit)}  {place.Where}");
        }
        return (found, reached);
    }

    private static async Task<T?> TryAsync<T>(Func<Task<T>> work) where T : class
    {
        try
        {
            return await work();
        }
        catch (UserException e)
        {
            Terminal.Warn(e.Message.ReplaceLineEndings(" "));
            return null;
        }
    }

    private static async Task<bool> TryAsync(Func<Task> work) => await TryAsync<object>(async () =>
    {
        await work();
        return work;
    }) is not null;

    private static SubjectPlaces Open(HubOptions options, bool allHubs) => Directory.Exists(options.Data)
        ? new SubjectPlaces(options, allHubs, TimeProvider.System)
        : throw new UserException($"There is no data folder {Path.GetFullPath(options.Data)}: name the hub's with --data.");

    private static UserException Unknown(Slug subject, SubjectPlaces places) => new($"Nothing is known of '{subject}' in {places.Data}, nor where its settings point to: see 'sensorhub subject list'.");

    private static Argument<string?> SubjectArgument(string description, bool required)
    {
        var argument = new Argument<string?>("SUBJECT") { Description = description, Arity = required ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne };
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Slug.TryParse(text, out _))
                result.AddError($"'{text}' is no pseudonym: one has 1 to {Slug.MaxLength} of a-z, 0-9 and '-'.");
        });
        return argument;
    }

    private static Option<bool> AllHubsOption() => new("--all-hubs")
    {
        Description = "In databases and at brokers: what any hub wrote under the pseudonym, not the hub of these settings alone (a clinic: always)",
    };
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Sessions.Programmes;
using SensorHub.Core.Timing;
using SensorHub.Storage.History;

namespace SensorHub.Commands;

/// <summary><c>sensorhub programme</c>: weeks of release and of strengthening, as files that a therapist writes, and how far somebody is in one.</summary>
public static class ProgrammeCommand
{
    public static Command Create() =>
        new("programme", "List, show and check programmes of release and strengthening, and say how far somebody is.") { List(), Show(), Check(), Progress() };

    private static Command List()
    {
        var command = new Command("list", "List the default programmes. Which order suits a person is a therapist's choice.");
        command.SetAction(_ =>
        {
            foreach (var programme in Programme.Defaults)
                Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{programme.Id,-28} {programme.Weeks,3} weeks  {programme.Name}"));
            return 0;
        });
        return command.WithExamples(("programme list", "The programmes of order A and order B"));
    }

    private static Command Show()
    {
        var programme = ProgrammeArgument();
        var json = new Option<bool>("--json") { Description = "As a file: a beginning for a programme of one's own" };
        var command = new Command("show", "Show a programme, phase by phase.") { programme, json };
        command.SetAction(parsed =>
        {
            var chosen = Open(parsed.GetValue(programme)!);
            if (parsed.GetValue(json))
                Terminal.Say(ProgrammeFile.Write(chosen));
            else
                Print(chosen);
            return 0;
        });
        return command.WithExamples(
            ("programme show release-then-strengthen-a", "Order A, week by week"),
            ("programme show release-then-strengthen-a --json > mine.json", "The same as a file to change"));
    }

    private static Command Check()
    {
        var files = new Argument<string[]>("FILE") { Description = "A programme, JSON", Arity = ArgumentArity.OneOrMore };
        var command = new Command("check", "Check the files of programmes: one line each, and exit code 1 if one is not right.") { files };
        command.SetAction(parsed => Terminal.CheckEach(parsed.GetValue(files)!, file => $"'{ProgrammeFile.Load(file).Name}'"));
        return command.WithExamples(("programme check mine.json", "Weeks, sessions, doses and exercises within their limits, no misspelt name"));
    }

    private static Command Progress()
    {
        var programme = ProgrammeArgument();
        var start = DayOption("--start", "The first day of the programme");
        start.Required = true;
        var on = DayOption("--on", "The day to look from (default: today)");
        var sessions = new Option<string?>("--sessions")
        {
            Description = $"CSV with a column {SessionDays.Column}, a row for each session that was done, instead of the store",
            HelpName = "CSV",
        };
        var command = new Command("progress", """
            Say how far somebody is in a programme: what was done of what was due, the phase, and what comes next.

            A session of the store of this hub was done when it has a set of rolling, and counts on the day of the first. Strengthening leaves nothing
            there: sessions of exercises alone count from --sessions. No more than planned count in a week.
            """)
        {
            programme, start, on, sessions,
        };
        var settings = new Settings(command, web: false, outputs: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var chosen = Open(parsed.GetValue(programme)!);
            var (from, zone) = (parsed.GetValue(start)!.Value, TimeProvider.System.LocalTimeZone);
            var today = parsed.GetValue(on) ?? DateOnly.FromDateTime(TimeProvider.System.GetLocalNow().DateTime);
            var options = settings.Read(parsed);
            var csv = parsed.GetValue(sessions);
            var days = csv is null ? await StoredAsync(options, from, today, zone, cancellationToken) : SessionDays.Load(csv);
            Print(ProgrammeProgress.Of(chosen, from, days, today), from, today);
            if (csv is null && days.Count == 0)
                Terminal.Say($"  Nothing is stored of '{options.Subject}' since the start: --subject names another, --data another folder, --sessions a diary.");
            if (csv is null && chosen.Phases.Any(phase => phase.Plan is null))
                Terminal.Say("  Not counted: sessions of exercises alone, of which the sensors see nothing. Count them with --sessions.");
            return 0;
        });
        return command.WithExamples(
            ("programme progress mine.json --start 2026-01-05", "From the sessions that this hub has stored"),
            ("programme progress release-then-strengthen-a --start 2026-01-05 --sessions diary.csv --on 2026-02-20", "From a diary, as it was on a day"));
    }

    private static Argument<string> ProgrammeArgument() => new("PROGRAMME") { Description = "The id of a default programme, or a file" };

    private static Option<DateOnly?> DayOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "YYYY-MM-DD",
        CustomParser = result =>
        {
            if (SessionDays.TryParse(result.Tokens[0].Value, out var day))
                return day;
            result.AddError($"{name} is '{result.Tokens[0].Value}'; it takes a day such as 2026-01-31.");
            return null;
        },
    };

    private static Programme Open(string programme) =>
        Programme.FindDefault(programme) ?? (File.Exists(programme) ? ProgrammeFile.Load(programme) : throw new UserException(
            $"There is no programme or file '{programme}'. The default programmes are {string.Join(", ", Programme.Defaults.Select(p => p.Id))}."));

    /// <summary>The day of the first set of each session. Rolling outside of a session counts once a day.</summary>
    private static async Task<IReadOnlyList<DateOnly>> StoredAsync(HubOptions options, DateOnly from, DateOnly to, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        var store = DataFolder.StoreIn(options.Data);
        if (!File.Exists(store))
            throw new UserException($"There is no store {store}: name the data folder with --data, or the sessions' days with --sessions.");
        var query = new HistoryQuery("rolling_set", ["contact_s", "session"], Begin(from), Begin(to.AddDays(1)))
        {
            Tags = new Dictionary<string, string> { ["subject"] = options.Subject },
        };
        var sets = from series in await new SqliteHistory(store).QueryAsync(query, cancellationToken)
                   from set in series.Rows
                   orderby set.Time
                   select (Session: set.Values[1].ToString(), Day: DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(set.Time.ToDateTimeOffset(), zone).DateTime));
        return [.. sets.DistinctBy(set => set.Session is { Length: > 0 } session ? session : FormattableString.Invariant($"{set.Day:O}")).Select(set => set.Day)];

        Timestamp Begin(DateOnly day) => Timestamp.FromDateTimeOffset(TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(TimeOnly.MinValue), zone));
    }

    private static void Print(Programme programme)
    {
        Terminal.Say($"{programme.Id}: {programme.Name}, {Count(programme.Weeks, "week")}");
        var week = 1;
        foreach (var phase in programme.Phases)
        {
            Terminal.Say(FormattableString.Invariant($"  Weeks {week} to {week + phase.Weeks - 1}: {phase.Name}, {Count(phase.SessionsPerWeek, "session")} a week"));
            PrintSession(phase);
            week += phase.Weeks;
        }
        Terminal.Say($"  {Gain}");
    }

    private static void Print(ProgrammeProgress progress, DateOnly start, DateOnly today)
    {
        var programme = progress.Programme;
        Terminal.Say($"{programme.Id}: {programme.Name}");
        Terminal.Say(progress.IsOver
            ? FormattableString.Invariant($"  {today:yyyy-MM-dd}: its {Count(programme.Weeks, "week")} are over")
            : FormattableString.Invariant($"  {today:yyyy-MM-dd}: week {progress.Week} of {programme.Weeks}, {progress.Phase.Name}"));
        var adherence = progress.AdherencePercent is { } percent ? FormattableString.Invariant($" ({percent:0} %)") : "";
        Terminal.Say(FormattableString.Invariant($"  Done: {progress.Done} of {Count(progress.Due, "session")} due{adherence}; {progress.Planned} in the whole programme"));
        if (!progress.IsOver)
        {
            Terminal.Say(progress.LeftThisWeek > 0
                ? $"  Next: {Count(progress.LeftThisWeek, "more session")} this week:"
                : "  Next: this week is done; from the coming one on:");
            PrintSession(progress.LeftThisWeek > 0 ? progress.Phase : PhaseOf(programme, Math.Min(progress.Week + 1, programme.Weeks)));
            if (progress.Next is { } next)
                Terminal.Say(FormattableString.Invariant(
                    $"  From {start.AddDays(7 * programme.Phases.TakeWhile(p => !ReferenceEquals(p, next)).Sum(p => p.Weeks)):yyyy-MM-dd}: {next.Name}, {Count(next.SessionsPerWeek, "session")} a week"));
        }
        Terminal.Say(progress.MayHaveLastingGain ? "  More than four weeks have passed: long enough for a lasting gain of range, and no proof of one. Measure it: sensorhub analyze outcome." : $"  {Gain}");
    }

    private const string Gain = "A lasting gain of range takes more than four weeks.";

    private static ProgrammePhase PhaseOf(Programme programme, int week) => programme.Phases.SelectMany(phase => Enumerable.Repeat(phase, phase.Weeks)).ElementAt(week - 1);

    private static void PrintSession(ProgrammePhase phase)
    {
        if (phase.Plan is { } plan)
            Terminal.Say(FormattableString.Invariant($"    roll: {plan.Id}, {plan.Duration.TotalMinutes:0} min: {string.Join(", ", plan.Items.Select(item => MuscleFacts.Of(item.Muscle).Name).Distinct())}"));
        if (phase.Exercises.Count > 0)
            Terminal.Say($"    strengthen: {string.Join(", ", phase.Exercises.Select(e => FormattableString.Invariant($"{MuscleFacts.Of(e.Muscle).Name} {e.Sets} × {e.Repetitions}")))}");
    }

    private static string Count(int count, string what) => FormattableString.Invariant($"{count} {what}{(count == 1 ? "" : "s")}");
}

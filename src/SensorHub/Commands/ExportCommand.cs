using System.CommandLine;
using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Export;
using SensorHub.Export.Bids;
using SensorHub.Export.Csv;
using SensorHub.Export.Fhir;
using SensorHub.Export.Parquet;
using SensorHub.Export.Recordings;
using SensorHub.Export.Reports;
using SensorHub.Export.Studies;
using SensorHub.Export.Tables;
using SensorHub.Exporting;
using SensorHub.Rights.Exporting;

namespace SensorHub.Commands;

/// <summary><c>sensorhub export</c>: recordings in the formats of others.</summary>
public static class ExportCommand
{
    public static Command Create() => new("export", "Write recordings in the formats that other programs read.")
    {
        Bids(), Tables(new ParquetFormat(), Parquet), Tables(new CsvFormat(), Csv), Fhir(), Report(),
    };

    private const string Parquet = """
        Parquet (Snappy): samples, estimates, roll-ups of a second and events, a table each, with units and provenance in their metadata.

        Tables lie as posture/participant=p1/study_session=a/task=rolling/posture.parquet, so that DuckDB, Arrow, pandas and Spark read those of a study as one:
          SELECT participant, avg(lordosis_deg) FROM read_parquet('tables/posture/**/*.parquet', hive_partitioning = true) GROUP BY 1
        """;

    private const string Csv = """
        CSV with the columns that Parquet has: samples, estimates, roll-ups of a second and events, a table each. Units and provenance are in a file beside it.

        Tables lie as posture/participant=p1/study_session=a/task=rolling/posture.csv. Those of samples can be given to 'sensorhub analyze'.
        """;

    private static Command Fhir()
    {
        var baseUri = new Option<string>("--base-uri")
        {
            Description = "What your codes and identifiers are named under; yours, so that nobody else names the same (default: " + FhirExport.DefaultBase + ")",
            HelpName = "URL",
            DefaultValueFactory = _ => FhirExport.DefaultBase,
        };
        baseUri.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http"))
                result.AddError($"--base-uri is '{text}'; it takes a URL such as https://clinic.example/fhir.");
        });
        var command = new Command("fhir", "A FHIR R4 bundle for each recording: the measures before and after rolling with their uncertainty, and the sets, as Observations with UCUM units.") { baseUri };
        var site = SiteOption();
        command.Add(site);
        return ExportTarget.AddTo(command, FhirExport.Format, (folder, parsed) => new FhirExport(folder, parsed.GetValue(baseUri), Site(parsed.GetValue(site)))).WithExamples(
            ("export fhir recordings/monday --out fhir --base-uri https://clinic.example/fhir", "The bundle is fhir/sub-…_ses-…_task-….fhir.json"));
    }

    private static Command Report()
    {
        var site = SiteOption();
        var command = new Command("report", "A page with plots for each recording, to read and to print: posture, rolling, before and after, gaps, clocks, and where the numbers come from.") { site };
        return ExportTarget.AddTo(command, ReportExport.Format, (folder, parsed) => new ReportExport(folder, Site(parsed.GetValue(site)))).WithExamples(
            ("export report recordings/hamstrings-7 --out reports", "The page stands by itself; it needs no network and no script"));
    }

    public static Option<string?> SiteOption() => new("--site-errors")
    {
        Description = "This site's own errors of measuring, as 'analyze study' writes them: where they are from 30 people at least, verdicts take them instead of published ones",
        HelpName = "FILE",
    };

    public static DetectableChanges Site(string? file) => file is null ? DetectableChanges.Published : SiteErrors.Read(file);

    private static Command Tables(ITableFormat format, string description) =>
        ExportTarget.AddTo(new Command(format.Name, description), format.Name, (folder, _) => new TablesExport(folder, format, StoredEstimates.Create())).WithExamples(
            ($"export {format.Name} recordings/hamstrings-7 --out tables", "One recording"),
            ($"export {format.Name} --study study.csv --out tables", "A study: recording,participant,session,task in study.csv"));

    private static Command Bids()
    {
        var name = new Option<string?>("--name") { Description = "Name of the dataset", HelpName = "TEXT" };
        var author = new Option<string[]>("--author") { Description = "An author of the dataset; give it once for each", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
        var license = new Option<string?>("--license") { Description = "Licence of the dataset, such as CC0-1.0 or PDDL", HelpName = "NAME" };
        var manufacturer = new Option<string?>("--manufacturer") { Description = "Who made the sensors", HelpName = "NAME" };
        var institution = new Option<string?>("--institution") { Description = "Where it was recorded", HelpName = "NAME" };
        var command = new Command("bids", """
            Motion-BIDS: the samples of each device at their own times, without a header, with channels, events, scans and participants.

            Recordings that are in the folder already stay, and the files of the dataset are made from all of them.
            """)
        {
            name, author, license, manufacturer, institution,
        };
        return ExportTarget.AddTo(command, BidsExport.Format, (folder, parsed) => new BidsExport(folder, new BidsOptions
        {
            Name = parsed.GetValue(name) ?? new BidsOptions().Name,
            Authors = parsed.GetValue(author) ?? [],
            License = parsed.GetValue(license),
            Manufacturer = parsed.GetValue(manufacturer),
            Institution = parsed.GetValue(institution),
        }), check: BidsChecks.Check).WithExamples(
            ("export bids recordings/hamstrings-7 --out dataset --author \"A. Researcher\" --author \"B. Researcher\"", "One recording; participant and session are named by its pseudonym and its session"),
            ("export bids --study study.csv --out dataset", "A study: recording,participant,session,task in study.csv, and what else is known of the participants"));
    }
}

/// <summary>What all exports have: recordings or a study, a folder, progress.</summary>
internal sealed class ExportTarget
{
    private readonly Argument<string[]> _recordings = new("RECORDING") { Description = "Recordings: folders of sessions", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _out = new("--out") { Description = "Folder to write to; what is there already is not written again", HelpName = "FOLDER", Required = true };
    private readonly Option<string?> _study = new("--study") { Description = "Instead of RECORDING: a CSV with the columns recording, participant, task, and if there are any session, run, protocol, from_s, to_s, age, sex …", HelpName = "FILE" };
    private readonly Option<string?> _participant = new("--participant") { Description = "Pseudonym of the participant, letters and digits (default: that of the recording)", HelpName = "LABEL" };
    private readonly Option<string?> _session = new("--session") { Description = "Label of the session, letters and digits (default: the name of the recorded session)", HelpName = "LABEL" };
    private readonly Option<string?> _task = new("--task") { Description = "What was done (default: rolling)", HelpName = "TEXT" };
    private readonly Option<int?> _run = new("--run") { Description = "Which repetition of the task in the session", HelpName = "N" };

    /// <param name="command">With the options of its format.</param>
    /// <param name="format">Names it in the folder.</param>
    /// <param name="create">Makes the export.</param>
    /// <param name="check">Looks at the folder when all is written, and says what is wrong.</param>
    public static Command AddTo(Command command, string format, Func<ExportFolder, ParseResult, IExport> create, Func<string, IReadOnlyList<string>>? check = null)
    {
        var target = new ExportTarget();
        command.Add(target._recordings);
        foreach (var option in new Option[] { target._out, target._study, target._participant, target._session, target._task, target._run })
            command.Add(option);
        command.Validators.Add(result =>
        {
            var hasStudy = result.GetResult(target._study) is not null;
            if (hasStudy == result.GetResult(target._recordings) is { Tokens.Count: > 0 })
                result.AddError(hasStudy ? "Name recordings or give --study, not both." : "Name a recording, or give --study.");
            if (hasStudy && new Option[] { target._participant, target._session, target._task, target._run }.FirstOrDefault(o => result.GetResult(o) is not null) is { } extra)
                result.AddError($"With --study the file says it: leave out {extra.Name}.");
            foreach (var option in new[] { target._participant, target._session })
                if (result.GetResult(option) is { Tokens: [{ Value: var label }] } && !Labels.Is(label))
                    result.AddError($"{option.Name} is '{label}'; it takes letters (a-z) and digits alone.");
            if (result.GetResult(target._run) is { Tokens: [{ Value: var run }] } && !(int.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1000))
                result.AddError($"--run is '{run}'; it takes 1 to 999.");
        });
        command.SetAction((parsed, cancellationToken) => target.RunAsync(parsed, format, create, check, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, string format, Func<ExportFolder, ParseResult, IExport> create, Func<string, IReadOnlyList<string>>? check, CancellationToken cancellationToken)
    {
        var entries = Entries(parsed);
        var to = parsed.GetValue(_out)!;
        if (string.IsNullOrWhiteSpace(to))
            throw new UserException("--out is empty; it takes the path of a folder.");
        var (written, there) = (0, 0);
        IReadOnlyList<string> problems = [];
        using (var folder = ExportFolder.Open(to, format))
        {
            var export = create(folder, parsed);
            var line = $"Writing {to}";
            var lines = new List<string>();
            await Terminal.WithProgressAsync(() => line, () => Task.Run(async () =>
            {
                foreach (var entry in entries)
                {
                    var isNew = await export.AddAsync(
                        entry, damage => Terminal.Warn(damage.ToString()),
                        p => line = string.Create(CultureInfo.InvariantCulture, $"{written + there + 1} of {entries.Count}: {p.Entry.Name}, {p.Done:h\\:mm\\:ss} of {p.Of:h\\:mm\\:ss}"), cancellationToken);
                    (written, there) = isNew ? (written + 1, there) : (written, there + 1);
                    if (isNew && Console.IsOutputRedirected)
                        Terminal.Say($"{entry.Name} from {entry.Recording}");
                    else if (isNew)
                        lines.Add($"{entry.Name} from {entry.Recording}");
                }
                await export.CompleteAsync(cancellationToken);
                problems = check?.Invoke(to) ?? [];
            }, cancellationToken));
            lines.ForEach(Terminal.Say);
        }
        ExportIndex.Note(to, format, entries, TimeProvider.System.GetUtcNow());
        Terminal.Say($"{to}: {written} {(written == 1 ? "recording" : "recordings")} written{(there == 0 ? "" : $", {there} there already")}.");
        foreach (var problem in problems)
            Terminal.Warn(problem);
        return problems.Count == 0 ? 0 : 1;
    }

    private IReadOnlyList<StudyEntry> Entries(ParseResult parsed)
    {
        if (parsed.GetValue(_study) is { } study)
            return StudyList.Read(study);
        StudyEntry[] entries = [.. parsed.GetValue(_recordings)!.Select(recording =>
        {
            var began = SessionReader.BeganAt(recording)?.Marker;
            return new StudyEntry(
                recording,
                parsed.GetValue(_participant) ?? (began is { Subject.IsNone: false } ? Labels.Of(began.Subject.ToString()) : "unassigned"),
                parsed.GetValue(_session) ?? (began is { Session.IsNone: false } ? Labels.Of(began.Session.ToString()) : null),
                parsed.GetValue(_task) ?? "rolling")
            {
                Run = parsed.GetValue(_run),
            };
        })];
        StudyList.Check(entries, "RECORDING");
        return entries;
    }
}

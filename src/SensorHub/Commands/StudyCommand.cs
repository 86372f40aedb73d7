using System.CommandLine;
using System.Globalization;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Export.Recordings;
using SensorHub.Pipelines.Recording;
using SensorHub.Rights;
using SensorHub.Studies;

namespace SensorHub.Commands;

/// <summary><c>sensorhub study</c>: studies that are planned, how far they are, and what comes of them.</summary>
public static class StudyCommand
{
    public static Command Create() => new("study", "Plan studies, see how far they are, list their recordings for export and statistics, and take in markers of other devices.")
    {
        Example(), Check(), Add(), List(), Show(), Table(), Markers(), Retention(),
    };

    private static Command Example()
    {
        var command = new Command("example", "Write a study as an example: a beginning for one of your own.");
        command.SetAction(_ =>
        {
            Terminal.Say(StudyFile.Write(new Study
            {
                Id = Slug.Parse("flat-back"),
                Name = "Rolling the hamstrings and the flat back",
                Protocol = "1.0",
                KeepDays = 3650,
                Arms = [new(Slug.Parse("rolling"), "Rolling, three times a week"), new(Slug.Parse("control"), "Nothing")],
                Visits = [Slug.Parse("before"), Slug.Parse("after")],
                Tasks =
                [
                    new(Slug.Parse("stand"), "Stand still", TimeSpan.FromSeconds(60), 3, "Stand still and relaxed, looking straight ahead."),
                    new(Slug.Parse("rolling"), "Roll the hamstrings, left and right"),
                ],
                Participants =
                [
                    new(Slug.Parse("p01"), Slug.Parse("rolling"), Slug.Parse("p01")) { Attributes = new Dictionary<string, string> { ["age"] = "34", ["sex"] = "F" } },
                    new(Slug.Parse("p02"), Slug.Parse("control"), Slug.Parse("p02")) { Attributes = new Dictionary<string, string> { ["age"] = "41", ["sex"] = "M" } },
                ],
            }));
            return 0;
        });
        return command.WithExamples(("study example > mine.json", "A file to change; 'study check mine.json' says whether it is right"));
    }

    private static Command Check()
    {
        var files = new Argument<string[]>("FILE") { Description = "A study, JSON", Arity = ArgumentArity.OneOrMore };
        var command = new Command("check", "Check the files of studies: one line each, and exit code 1 if one is not right.") { files };
        command.SetAction(parsed => Terminal.CheckEach(parsed.GetValue(files)!, file => Line(StudyFile.Load(file))));
        return command.WithExamples(("study check mine.json", "Names, arms, visits, tasks and participants that fit one another"));
    }

    private static Command Add()
    {
        var file = new Argument<string>("FILE") { Description = "A study, JSON" };
        var command = new Command("add", """
            Take a study into the data folder of this hub, or a new version of it.

            Participants may be added under the same version of the protocol; other arms, visits or tasks take a new version.
            """) { file };
        var settings = new Settings(command, web: false, outputs: false);
        command.SetAction(parsed =>
        {
            var study = StudyFile.Load(parsed.GetValue(file)!);
            var folder = DataFolder.Open(settings.Read(parsed).Data);
            var before = new StudyFolder(folder.Studies).Add(study);
            Terminal.Say($"{folder.Studies}: {Line(study)}{(before is null ? "" : before.Protocol == study.Protocol ? ", participants brought up to date" : $", in place of protocol {before.Protocol}")}.");
            return 0;
        });
        return command.WithExamples(("study add mine.json", "Its tasks are then on the page /study, for whoever takes part"));
    }

    private static Command List()
    {
        var command = new Command("list", "List the studies of this hub.");
        var settings = new Settings(command, web: false, outputs: false);
        command.SetAction(parsed =>
        {
            var folder = DataFolder.StudiesIn(settings.Read(parsed).Data);
            var all = new StudyFolder(folder).All;
            foreach (var study in all)
                Terminal.Say(Line(study));
            if (all.Count == 0)
                Terminal.Say($"There is no study in {folder}. 'sensorhub study example' writes one to begin with.");
            return 0;
        });
        return command.WithExamples(("study list", "Their names, versions and sizes"));
    }

    private static Command Show()
    {
        var id = IdArgument();
        var json = new Option<bool>("--json") { Description = "As a file" };
        var command = new Command("show", "Show a study, and what each participant has done of what is planned.") { id, json };
        var settings = new Settings(command, web: false, outputs: false);
        command.SetAction((parsed, cancellationToken) =>
        {
            var data = settings.Read(parsed).Data;
            var study = Open(data, parsed.GetValue(id)!);
            if (parsed.GetValue(json))
                Terminal.Say(StudyFile.Write(study));
            else
                Print(StudyProgress.Of(study, DataFolder.RecordingsIn(data), cancellationToken));
            return Task.FromResult(0);
        });
        return command.WithExamples(("study show flat-back", "Participants by visits and tasks: done of planned"));
    }

    private static Command Table()
    {
        var id = IdArgument();
        var to = new Option<string>("--out") { Description = "File to write", HelpName = "CSV", Required = true };
        var command = new Command("table", "Write the list of a study's recordings, a row for each time that a task was done: what 'export --study' and 'analyze study' take.") { id, to };
        var settings = new Settings(command, web: false, outputs: false);
        command.SetAction((parsed, cancellationToken) =>
        {
            var (data, path) = (settings.Read(parsed).Data, Path.GetFullPath(parsed.GetValue(to)!));
            var progress = StudyProgress.Of(Open(data, parsed.GetValue(id)!), DataFolder.RecordingsIn(data), cancellationToken);
            var rows = progress.Table(Path.GetDirectoryName(path)!).ToArray();
            if (rows.Length == 1)
                throw new UserException($"No recording of {DataFolder.RecordingsIn(data)} has a task of study '{progress.Study.Id}'. Tasks are begun and ended on the page /study, or with begin_task and end_task by MQTT.");
            WholeFile.Write(path, string.Join('\n', rows) + "\n");
            Terminal.Say($"{path}: {rows.Length - 1} {(rows.Length == 2 ? "task" : "tasks")} of {progress.Recordings.Count} {(progress.Recordings.Count == 1 ? "recording" : "recordings")}.");
            return Task.FromResult(0);
        });
        return command.WithExamples(
            ("study table flat-back --out flat-back.csv", "Then 'sensorhub export bids --study flat-back.csv --out dataset'"));
    }

    private static Command Markers()
    {
        var recording = new Argument<string>("RECORDING") { Description = "The recording: folder of a session" };
        var from = new Argument<string>("CSV") { Description = "Columns time (2026-01-31T12:00:05.25Z or Unix seconds) or onset_s (since the session began), label, and if there are any duration_s and value" };
        var offset = new Option<double>("--offset") { Description = "Seconds to add to each time: the hub's clock minus the other device's (default: 0)", HelpName = "SECONDS" };
        var uncertainty = new Option<double?>("--offset-u") { Description = "Standard uncertainty of the offset", HelpName = "SECONDS" };
        var replace = new Option<bool>("--replace") { Description = "In place of all that were imported into this recording before" };
        foreach (var (option, result) in new (Option, Func<double, bool>)[] { (offset, double.IsFinite), (uncertainty, u => u >= 0 && double.IsFinite(u)) })
            option.Validators.Add(r =>
            {
                if (r.Tokens is [{ Value: var text }] && !(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var s) && Math.Abs(s) < 1e8 && result(s)))
                    r.AddError($"{option.Name} is '{text}'; it takes seconds.");
            });
        var command = new Command("markers", """
            Take markers that another device or a person noted into a recording, as events of its exports.

            What the sensors sent stays as it is: the markers lie in a file beside it, with their source, its checksum and the offset.
            """) { recording, from, offset, uncertainty, replace };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(recording)!;
            if (!Directory.Exists(folder))
                throw new UserException($"{folder}: there is no such folder. A recording is the folder of a session.");
            var began = SessionReader.BeganAt(folder)?.At ?? throw new UserException($"{folder}: there is no session in it.");
            var u = parsed.GetValue(uncertainty);
            var markers = ImportedMarkers.Import(
                folder, parsed.GetValue(from)!, began, TimeSpan.FromSeconds(parsed.GetValue(offset)), u is { } s ? TimeSpan.FromSeconds(s) : null, parsed.GetValue(replace));
            var manifest = RecordingManifest.Of(folder, RecordingManifest.Read(folder)?.Consents);
            manifest.WriteTo(folder);
            var outside = markers.Count(m => m.At < manifest.Quality.Start || m.At > manifest.Quality.End);
            Terminal.Say($"{folder}: {markers.Count} {(markers.Count == 1 ? "marker" : "markers")} from {markers.Min(m => m.At)} to {markers.Max(m => m.At)}.");
            if (outside > 0)
                Terminal.Warn($"{outside} of them {(outside == 1 ? "is" : "are")} outside of the session ({manifest.Quality.Start} to {manifest.Quality.End}): is the offset right? With --replace and another --offset they are taken anew.");
            return 0;
        });
        return command.WithExamples(
            ("study markers recordings/hamstrings-7 triggers.csv --offset -0.012 --offset-u 0.001", "Triggers of another computer whose clock is 12 ms ahead"));
    }

    private static Command Retention()
    {
        var id = IdArgument();
        var apply = new Option<bool>("--apply") { Description = "Erase them from every place, and prove it, as 'subject erase' does" };
        var command = new Command("retention", """
            Say which recordings of a study are older than its keep_days, or erase them.

            Erased is what was recorded at those visits, in recordings, stores, databases and copies; the participants stay. The hub must not run meanwhile.
            """) { id, apply };
        var settings = new Settings(command, web: false, hub: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed);
            var study = Open(options.Data, parsed.GetValue(id)!);
            if (study.KeepDays is not { } days)
            {
                Terminal.Say($"Study '{study.Id}' keeps its recordings until somebody erases them: it has no keep_days.");
                return 0;
            }
            using var alone = parsed.GetValue(apply) ? DataFolder.Open(options.Data).Lock() : null;
            var over = StudyProgress.Of(study, DataFolder.RecordingsIn(options.Data), cancellationToken).OverAt(TimeProvider.System.GetUtcNow()).ToArray();
            foreach (var recording in over)
                Terminal.Say($"{recording.Path}: {recording.Part.Participant}, ended {recording.End.ToDateTimeOffset():yyyy-MM-dd}");
            Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{Count(over.Length, "recording")} of '{study.Id}' {(over.Length == 1 ? "is" : "are")} older than {Count(days, "day")}{(over.Length > 0 && alone is null ? "; --apply erases them" : "")}."));
            if (alone is null || over.Length == 0)
                return 0;
            using var places = new SubjectPlaces(options, allHubs: false, TimeProvider.System);
            var complete = true;
            foreach (var person in over.GroupBy(r => r.Subject))
                complete &= await SubjectCommand.EraseAsync(places, SubjectScope.Of(person.Key, [.. person.Select(r => new SessionSpan(r.Session, r.Start, r.End))]), cancellationToken);
            return complete ? 0 : 1;
        });
        return command.WithExamples(
            ("study retention flat-back", "What is over its time"),
            ("study retention flat-back --apply", "Once a month, from a timer of the system"));
    }

    private static Argument<string> IdArgument() => new("STUDY") { Description = "Id of a study of this hub" };

    private static Study Open(string data, string id) => new StudyFolder(DataFolder.StudiesIn(data)).Find(
        Slug.TryParse(id, out var name) ? name : throw new UserException($"'{id}' is no id of a study: use 1 to {Slug.MaxLength} of a-z, 0-9 and '-'."));

    private static string Line(Study study) => string.Create(CultureInfo.InvariantCulture,
        $"{study.Id}: '{study.Name}', protocol {study.Protocol}, {Count(study.Participants.Count, "participant")}, {(study.Arms.Count == 0 ? "no arms" : Count(study.Arms.Count, "arm"))}, {Count(Math.Max(1, study.Visits.Count), "visit")}, {Count(study.Tasks.Count, "task")}");

    private static string Count(int n, string what) => string.Create(CultureInfo.InvariantCulture, $"{n} {what}{(n == 1 ? "" : "s")}");

    private static void Print(StudyProgress progress)
    {
        var study = progress.Study;
        Terminal.Say(Line(study));
        foreach (var arm in study.Arms)
            Terminal.Say($"  arm {arm.Id}: {arm.Name}");
        foreach (var task in study.Tasks)
            Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"  task {task.Id}: {task.Name}{(task.Duration is { } d ? $", {d.TotalSeconds:0.#} s" : "")}{(task.Runs == 1 ? "" : $", {task.Runs} times")}"));
        Terminal.Say(study.KeepDays is { } days ? string.Create(CultureInfo.InvariantCulture, $"  recordings are kept for {days} days") : "  recordings are kept until they are erased");
        Slug[] visits = study.Visits.Count == 0 ? [default] : [.. study.Visits];
        foreach (var participant in study.Participants)
            foreach (var visit in visits)
            {
                var done = study.Tasks.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Id} {progress.Done(participant.Id, visit, t.Id)}/{t.Runs}"));
                Terminal.Say($"  {participant.Id}{(participant.Arm.IsNone ? "" : $" ({participant.Arm})")}{(visit.IsNone ? "" : $", {visit}")}: {string.Join(", ", done)}");
            }
        foreach (var recording in progress.Recordings.Where(r => r.Part.Protocol != study.Protocol))
            Terminal.Say($"  {recording.Path} followed protocol {recording.Part.Protocol}");
        foreach (var stranger in progress.Recordings.Select(r => r.Part.Participant).Distinct().Where(p => study.Participants.All(q => q.Id != p)))
            Terminal.Say($"  {stranger} is in a recording, but no participant of the study");
    }
}

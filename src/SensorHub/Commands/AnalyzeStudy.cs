using System.CommandLine;
using System.Globalization;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Sessions.Statistics;
using SensorHub.Export;
using SensorHub.Export.Recordings;
using SensorHub.Export.Reports;
using SensorHub.Export.Studies;

namespace SensorHub.Commands;

/// <summary><c>sensorhub analyze study STUDY</c>: reliability, agreement and dose–response of a study.</summary>
internal static class AnalyzeStudy
{
    public static Command Create()
    {
        var input = new Argument<string>("STUDY") { Description = "CSV of the recordings of a study (recording,participant,session,task), a folder of recordings, or a CSV of measures (participant,session,measure,value)" };
        var output = new Option<string>("--out") { Description = "Folder to write to", HelpName = "FOLDER", Required = true };
        var keep = new Option<string?>("--keep")
        {
            Description = "Also keep the errors of measuring for verdicts at this site, in this data folder: those from 30 participants on replace the published ones on its pages",
            HelpName = "DATA",
        };
        var command = new Command("study", """
            Statistics of a study: how well each measure repeats itself from session to session, and what rolling changed against how much was rolled.

            Writes to FOLDER:
              study.html         a page with Bland–Altman plots and dose–response plots
              measures.csv       participant,session,task,run,measure,side,value,value_u,wearing,contact_s,impulse_n_s: can be given as STUDY again
              reliability.csv    ICC(2,1), ICC(3,1) with 95 % intervals, SEM, MDC95
              agreement.csv      bias and limits of agreement of each later session with the first
              dose-response.csv  changes by groups of about the same dose
              site-errors.csv    measure,comparison,sem,subjects: can be given to 'analyze outcome --site-errors'; rows from 30 participants on count
            """)
        {
            input, output, keep,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (from, to) = (parsed.GetValue(input)!, parsed.GetValue(output)!);
            if (string.IsNullOrWhiteSpace(to))
                throw new UserException("--out is empty; it takes the path of a folder.");
            IReadOnlyList<StudyRow> rows = [];
            var progress = $"Reading {from}";
            await Terminal.WithProgressAsync(() => progress, () => Task.Run(() => rows = Read(from, line => progress = line, cancellationToken), cancellationToken));
            var study = StudyStatistics.Of(rows);
            Write("measures.csv", StudyTable.Header, rows.Select(StudyTable.Row));
            Write("reliability.csv", StudyReport.ReliabilityHeader, StudyReport.ReliabilityRows(study));
            Write("agreement.csv", StudyReport.AgreementHeader, StudyReport.AgreementRows(study));
            Write("dose-response.csv", StudyReport.DoseHeader, StudyReport.DoseRows(study));
            Write(SiteErrors.FileName, SiteErrors.Header, StudyReport.SiteRows(study));
            WholeFile.Write(Path.Combine(to, "study.html"), StudyReport.Page(study, Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(from))));
            if (parsed.GetValue(keep) is { } data)
                WholeFile.Write(DataFolder.Open(data).SiteErrors, File.ReadAllBytes(Path.Combine(to, SiteErrors.FileName)));

            Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{rows.Select(r => r.Participant).Distinct().Count()} participants, {rows.Select(r => (r.Participant, r.Session)).Distinct().Count()} sessions"));
            foreach (var r in study.Reliability)
                Terminal.Say(string.Create(CultureInfo.InvariantCulture,
                    $"  {OutcomeText.Name(r.Measure) + (r.Task.Length == 0 ? "" : $", {r.Task}"),-44} n = {r.Participants.Count,3}  ICC(2,1) {r.Reliability.Icc21.Value:0.00} ({r.Reliability.Icc21.Lower:0.00} to {r.Reliability.Icc21.Upper:0.00})  SEM {r.Reliability.Sem:0.00}  MDC95 {r.Reliability.Mdc95:0.00}"));
            foreach (var left in study.Left)
                Terminal.Say($"  left out: {left}");
            Terminal.Say($"Wrote {Path.Combine(to, "study.html")}");
            return 0;

            void Write(string name, string header, IEnumerable<string> lines) => WholeFile.Write(Path.Combine(to, name), string.Concat(lines.Prepend(header).Select(line => line + "\n")));
        });
        return command.WithExamples(
            ("analyze study study.csv --out results", "From the recordings that study.csv names"),
            ("analyze study results/measures.csv --out again --keep ~/.local/share/sensorhub", "From its measures, perhaps corrected; the pages judge by this site's errors from then on"));
    }

    private static IReadOnlyList<StudyRow> Read(string from, Action<string> progress, CancellationToken cancellationToken)
    {
        if (Directory.Exists(from))
            return Measure(Find(from), progress, cancellationToken);
        string[] lines;
        try
        {
            lines = File.ReadAllLines(from);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UserException($"{from} cannot be read: {e.Message}", e);
        }
        return lines is [var header, ..] && CsvLine.Cells(header).Select(c => c.Trim()).Contains("recording")
            ? Measure(StudyList.Read(from), progress, cancellationToken)
            : StudyTable.Parse(lines, Path.GetFileName(from));
    }

    /// <summary>The recordings of a folder: sessions of a person are numbered by their beginning.</summary>
    private static StudyEntry[] Find(string folder)
    {
        var found = Directory.GetDirectories(folder).Where(d => Directory.EnumerateFiles(d, "*.shr").Any())
            .Select(d => (Path: d, Began: SessionReader.BeganAt(d))).Where(d => d.Began is not null)
            .GroupBy(d => d.Began!.Value.Marker.Subject).OrderBy(g => g.Key)
            .SelectMany(person => person.OrderBy(d => d.Began!.Value.At).Select((d, i) => new StudyEntry(
                d.Path, person.Key.IsNone ? "unassigned" : Labels.Of(person.Key.ToString()), (i + 1).ToString(CultureInfo.InvariantCulture), "rolling"))).ToArray();
        return found.Length > 0 ? found : throw new UserException($"{folder}: there is no recording of a session in it.");
    }

    private static List<StudyRow> Measure(IReadOnlyList<StudyEntry> entries, Action<string> progress, CancellationToken cancellationToken)
    {
        var rows = new List<StudyRow>();
        foreach (var entry in entries)
        {
            progress(entry.Name);
            var measures = new SessionMeasures();
            foreach (var item in SessionReader.Open(entry.Recording, null, damage => Terminal.Warn(damage.ToString()), entry.Window, cancellationToken).Read(cancellationToken))
                measures.Add(item);
            var contact = measures.Sets.Count == 0 ? (double?)null : measures.Sets.Sum(s => s.ContactTime.TotalSeconds);
            var impulse = measures.Sets.All(s => s.Impulse is not null) && measures.Sets.Count > 0 && measures.Sets.All(s => s.Source == ForceSource.Measured) ? measures.Sets.Sum(s => s.Impulse!.Value.Value) : (double?)null;
            foreach (var (run, values) in measures.Runs)
                rows.AddRange(values.Where(v => v.Quality == Quality.Good).Select(v => new StudyRow(
                    entry.Participant, entry.Session ?? "1", entry.Task, run, v.Measure, v.Side, v.Value.Value, v.Value.StandardUncertainty, v.Attachment, contact, impulse)));
        }
        return rows.Count > 0 ? rows : throw new UserException("In none of the recordings was anything measured: it takes a calibrated stand, then still stands of 10 s and slow bends.");
    }
}

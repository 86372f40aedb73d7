using SensorHub.Core;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Studies;

/// <summary>A recording of a study.</summary>
/// <param name="Path">Of its folder.</param>
/// <param name="Subject">Pseudonym on the hub.</param>
/// <param name="Start">Of the session.</param>
/// <param name="End">Of the session, or the last record.</param>
/// <param name="Score">Of its quality, 0 to 100.</param>
public sealed record StudyRecording(string Path, Slug Subject, Slug Session, StudyPart Part, Timestamp Start, Timestamp End, int Score)
{
    /// <summary>The time of a task, since the session began; one that was not ended lasts to the session's end.</summary>
    public (TimeSpan From, TimeSpan To) TimeOf(RecordedTask task) => (task.From - Start, (task.To ?? End) - Start);
}

/// <summary>How far a study is: its recordings against what it plans.</summary>
public sealed class StudyProgress
{
    private StudyProgress(Study study, IReadOnlyList<StudyRecording> recordings) => (Study, Recordings) = (study, recordings);

    public Study Study { get; }

    /// <summary>By their beginning.</summary>
    public IReadOnlyList<StudyRecording> Recordings { get; }

    /// <summary>Looks at the manifests of all recordings; those without one are read through.</summary>
    /// <param name="recordings">Folder of recordings.</param>
    /// <exception cref="UserException">A recording cannot be read.</exception>
    public static StudyProgress Of(Study study, string recordings, CancellationToken cancellationToken)
    {
        var found = new List<StudyRecording>();
        foreach (var folder in Directory.Exists(recordings) ? Directory.GetDirectories(recordings) : [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!Directory.EnumerateFiles(folder, "*.shr").Any())
                continue;
            var manifest = RecordingManifest.Read(folder) ?? RecordingManifest.Of(folder, cancellationToken: cancellationToken);
            if (manifest.Study is { } part && part.Study == study.Id)
                found.Add(new StudyRecording(folder, manifest.Quality.Subject, manifest.Quality.Session, part, manifest.Quality.Start, manifest.Quality.End, manifest.Quality.Score));
        }
        return new StudyProgress(study, [.. found.OrderBy(r => r.Start)]);
    }

    /// <summary>How often the participant did the task at the visit.</summary>
    public int Done(Slug participant, Slug visit, Slug task) =>
        Recordings.Where(r => r.Part.Participant == participant && r.Part.Visit == visit).Sum(r => r.Part.Tasks.Count(t => t.Task == task));

    /// <summary>Recordings whose time of keeping is over; none of a study that keeps them for good.</summary>
    public IEnumerable<StudyRecording> OverAt(DateTimeOffset now) =>
        Study.KeepDays is { } days ? Recordings.Where(r => r.End.ToDateTimeOffset().AddDays(days) < now) : [];

    /// <summary>The table that exports and statistics of a study take: a row for each time that a task was done. <see cref="Export.Studies.StudyList"/>.</summary>
    /// <param name="relativeTo">Folder that recordings are named from.</param>
    public IEnumerable<string> Table(string relativeTo)
    {
        var attributes = Study.Participants.SelectMany(p => p.Attributes.Keys).Distinct().Order(StringComparer.Ordinal).ToArray();
        yield return string.Join(',', ((string[])["recording", "participant", "session", "task", "run", "protocol", "from_s", "to_s", "arm", .. attributes]).Select(Cell));
        var runs = new Dictionary<(Slug, Slug, Slug), int>();
        foreach (var recording in Recordings)
        {
            var participant = Study.Participants.FirstOrDefault(p => p.Id == recording.Part.Participant);
            foreach (var task in recording.Part.Tasks)
            {
                // A visit may have been recorded in two sessions, each with a first run: in the table they are numbered on.
                var key = (recording.Part.Participant, recording.Part.Visit, task.Task);
                var run = runs[key] = runs.GetValueOrDefault(key) + 1;
                var (from, to) = recording.TimeOf(task);
                if (from >= to)
                    continue;
                string[] cells =
                [
                    System.IO.Path.GetRelativePath(relativeTo, recording.Path), Label(recording.Part.Participant), recording.Part.Visit.IsNone ? "" : Label(recording.Part.Visit), task.Task.ToString(),
                    Planned(task.Task) == 1 && run == 1 ? "" : FormattableString.Invariant($"{run}"), recording.Part.Protocol,
                    FormattableString.Invariant($"{from.TotalSeconds}"), FormattableString.Invariant($"{to.TotalSeconds}"), recording.Part.Arm.ToString(),
                    .. attributes.Select(a => participant?.Attributes.GetValueOrDefault(a) ?? ""),
                ];
                yield return string.Join(',', cells.Select(Cell));
            }
        }

        static string Label(Slug name) => Export.Studies.Labels.Of(name.ToString());
        static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Runs of the task that are planned at a visit; 1 for one that the present protocol does not know.</summary>
    private int Planned(Slug task) => Study.Tasks.FirstOrDefault(t => t.Id == task)?.Runs ?? 1;
}

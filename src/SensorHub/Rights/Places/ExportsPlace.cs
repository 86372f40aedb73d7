using SensorHub.Core;
using SensorHub.Export;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights.Places;

/// <summary>
/// Copies that were exported, as far as the index knows of them and they are still where they went. A folder with this person alone is removed; from one of several people
/// their files are, and what was made of all of them together has to be made anew.
/// </summary>
internal sealed class ExportsPlace(ExportIndex index) : ISubjectPlace
{
    public string Kind => "exports";

    public string Unit => "exports";

    public string Where => index.Path;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyCollection<Slug>>([.. index.Read().SelectMany(e => e.Recordings).Select(r => Slug.TryParse(r.Subject, out var s) ? s : default).Where(s => !s.IsNone).Distinct()]);

    public Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) => Task.FromResult(new Holding(index.Read().Count(e => e.Recordings.Any(r => IsMeant(scope, r)))));

    public Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        string[] folders = [.. index.Read().Where(e => e.Recordings.Any(r => IsMeant(scope, r)) && e.Folder != to.Root).Select(e => $"{e.Time:yyyy-MM-dd} {e.Format} {e.Folder}\n")];
        if (folders.Length > 0)
            to.Write("exports.txt", string.Concat(folders), "Where copies of your recordings were exported to.");
        return Task.CompletedTask;
    }

    public Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken)
    {
        var (all, kept, erased) = (index.Read(), new List<Exported>(), 0L);
        foreach (var export in all)
        {
            var theirs = export.Recordings.Where(r => IsMeant(scope, r)).ToList();
            var rest = export with { Recordings = [.. export.Recordings.Except(theirs)] };
            if (theirs.Count > 0 && Erase(export, theirs, isAlone: all.Where(e => e.Folder == export.Folder).All(e => e.Recordings.All(r => IsMeant(scope, r))), scope, say))
                erased++;
            else
                rest = export; // as it was
            if (rest.Recordings.Count > 0)
                kept.Add(rest);
        }
        if (erased > 0)
            index.Write(kept);
        return Task.FromResult(erased);
    }

    public Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken)
    {
        var all = index.Read();
        return Task.FromResult(PlaceScan.Of("exports", all.Count, all.Where(e => e.Recordings.Any(r => IsMeant(scope, r))).Select(e =>
            $"{e.Folder}: this export of several people still has something of them: make it anew with 'sensorhub export {e.Format} … --out {e.Folder}', or remove it")));
    }

    private static bool IsMeant(SubjectScope scope, ExportedRecording r) =>
        Slug.TryParse(r.Subject, out var subject) && subject == scope.Subject && (scope.IsWhole || Slug.TryParse(r.Session, out var session) && scope.Has(subject, session));

    /// <summary><c>sub-p1</c> and <c>sub-p1_ses-a</c> of <c>sub-p1_ses-a_task-rolling</c>: folders of BIDS, with _ for /.</summary>
    private static IEnumerable<string> LevelsOf(string unit)
    {
        var parts = unit.Split('_').TakeWhile(p => p.StartsWith("sub-", StringComparison.Ordinal) || p.StartsWith("ses-", StringComparison.Ordinal)).ToArray();
        return parts.Select((_, i) => string.Join('_', parts[..(i + 1)]));
    }

    /// <returns>Nothing of them is there any more.</returns>
    private static bool Erase(Exported export, List<ExportedRecording> theirs, bool isAlone, SubjectScope scope, Action<string> say)
    {
        if (!Directory.Exists(export.Folder))
        {
            say($"{export.Folder}: an export of theirs went there on {export.Time:yyyy-MM-dd} and is not there now: if there is a copy elsewhere, remove it.");
            return true;
        }
        if (isAlone)
        {
            Guarded.Do(export.Folder, "removed", () => Directory.Delete(export.Folder, recursive: true));
            return true;
        }
        var names = theirs.SelectMany(r => LevelsOf(r.Unit).Take(scope.IsWhole ? 1 : 2).TakeLast(1)).Distinct().ToList();
        using (var folder = ExportFolder.Open(export.Folder, export.Format))
        {
            foreach (var recording in theirs)
                folder.Remove(recording.Unit);
            // What is made of all recordings of a session or a participant: there is none any more.
            var left = folder.Read();
            foreach (var level in theirs.SelectMany(r => LevelsOf(r.Unit)).Distinct().Where(level => !left.Any(u => u.Name.StartsWith(level + "_", StringComparison.Ordinal))).OrderByDescending(l => l.Length))
                if (Path.Combine(export.Folder, level.Replace("_", "/", StringComparison.Ordinal)) is var gone && Directory.Exists(gone))
                    Guarded.Do(gone, "removed", () => Directory.Delete(gone, recursive: true));
        }
        var sessions = theirs.Where(r => Slug.TryParse(r.Session, out _)).Select(r => new SessionSpan(Slug.Parse(r.Session), default, default));
        var traces = new Traces(scope with { Sessions = [.. sessions] }, names);
        return !Directory.EnumerateFiles(export.Folder, "*", SearchOption.AllDirectories).Any(file => Guarded.Do(file, "read", () =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return traces.In(Path.GetRelativePath(export.Folder, file)) || traces.In(stream);
        }));
    }
}

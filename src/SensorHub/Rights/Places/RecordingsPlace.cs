using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Export.Recordings;
using SensorHub.Pipelines.Recording;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights.Places;

/// <summary>Recordings, each a folder with its manifest and the results that were computed of it.</summary>
/// <param name="root">Folder of all recordings.</param>
/// <param name="aside">A folder beside it: what is being deleted lies there under a number, so that a deletion that is cut off leaves no half recording that nobody knows whose it is.</param>
internal sealed class RecordingsPlace(string root, string aside) : ISubjectPlace
{
    private List<Known>? _known;

    public string Kind => "recordings";

    public string Unit => "recordings";

    public string Where => root;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyCollection<Slug>>([.. All(cancellationToken).Select(r => r.Subject).Where(s => !s.IsNone).Distinct()]);

    public Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken)
    {
        var all = Of(scope, cancellationToken).Select(r => new Holding(1, Files(r.Folder).Sum(f => f.Length), r.First, LastOf(r.Folder) ?? r.First) { Sessions = [r.Session] });
        return Task.FromResult(all.Aggregate(Holding.None, (sum, one) => sum.And(one)));
    }

    /// <summary>When the sessions were, as far as they are still there.</summary>
    public Task<IReadOnlyList<SessionSpan>> SpansAsync(SubjectScope scope, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SessionSpan>>([.. Of(scope, cancellationToken).Select(r => new SessionSpan(r.Session, r.First, LastOf(r.Folder) ?? r.First))]);

    public async Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        foreach (var recording in Of(scope, cancellationToken))
        {
            var name = Path.GetFileName(recording.Folder);
            await to.CopyAsync($"recordings/{name}", recording.Folder, cancellationToken);
            await to.EstimatesAsync(recording.Folder, recording.Subject, name, cancellationToken);
        }
    }

    public Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken)
    {
        var erased = 0L;
        foreach (var recording in Of(scope, cancellationToken))
        {
            Directory.CreateDirectory(aside);
            var gone = Path.Combine(aside, Guid.NewGuid().ToString("n"));
            Guarded.Do(recording.Folder, "erased", () => Directory.Move(recording.Folder, gone));
            erased++;
        }
        if (Directory.Exists(aside))
            Guarded.Do(aside, "erased", () => Directory.Delete(aside, recursive: true));
        _known = null;
        return Task.FromResult(erased);
    }

    /// <summary>Names and bytes of all files are looked at with those of the whole folder; here the records are.</summary>
    public Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken)
    {
        _known = null;
        return Task.FromResult(PlaceScan.Of("recordings", All(cancellationToken).Count, Of(scope, cancellationToken).Select(r => r.Folder)));
    }

    private IEnumerable<Known> Of(SubjectScope scope, CancellationToken cancellationToken) => All(cancellationToken).Where(r => r.Subject == scope.Subject && scope.Has(r.Subject, r.Session));

    private List<Known> All(CancellationToken cancellationToken)
    {
        if (_known is not null)
            return _known;
        var known = new List<Known>();
        foreach (var folder in Directory.Exists(root) ? Directory.GetDirectories(root).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Directory.EnumerateFiles(folder, "*.shr").Any() && SessionReader.BeganAt(folder) is var (at, began))
                known.Add(new Known(folder, began.Subject, began.Session, at));
        }
        return _known = known;
    }

    private static IEnumerable<FileInfo> Files(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories);

    private static Timestamp? LastOf(string folder) =>
        RecordingManifest.Read(folder) is { } manifest ? manifest.Quality.End : RecordingReader.Read(RecordingReader.FilesOf(folder)[^1]).LastOrDefault()?.At;

    private sealed record Known(string Folder, Slug Subject, Slug Session, Timestamp First);
}

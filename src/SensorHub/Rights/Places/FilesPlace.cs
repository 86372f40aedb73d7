using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights.Places;

/// <summary>
/// Every other file of the data folder. Nothing of a person is kept there but what a write that was cut off has left; the look at all bytes of all files, packed ones
/// too, and at all rows of all files of SQLite is here.
/// </summary>
/// <param name="root">The data folder.</param>
/// <param name="notes">Folder in it that is not looked at: what is being erased is noted there until it is done.</param>
internal sealed class FilesPlace(string root, string notes) : ISubjectPlace
{
    /// <summary>Of files that are written aside and renamed. While nobody else uses the folder, they are left over.</summary>
    private static readonly string[] Unfinished = [".tmp", ".new"];

    public string Kind => "files";

    public string Unit => "files";

    public string Where => root;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyCollection<Slug>>([]);

    public Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) => Task.FromResult(new Holding(LeftOver(new Traces(scope)).Count));

    public Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken)
    {
        var files = LeftOver(new Traces(scope));
        foreach (var file in files)
            Guarded.Do(file, "erased", () => File.Delete(file));
        return Task.FromResult((long)files.Count);
    }

    public Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken)
    {
        var (files, bytes, rows, left) = (0L, 0L, 0L, new List<string>());
        foreach (var file in Files())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!File.Exists(file))
                continue; // SQLite's log, which went as its file was looked at
            Guarded.Do(file, "looked at", () =>
            {
                files++;
                bytes += new FileInfo(file).Length;
                IReadOnlyList<string> found = [];
                if (SqliteRows.IsSqlite(file))
                {
                    (var looked, found) = SqliteRows.Use(file, write: false, r => r.Scan(traces));
                    rows += looked;
                }
                if (found.Count == 0 && Names(file, traces))
                    found = [Told(file)];
                left.AddRange(found);
            });
        }
        return Task.FromResult(new PlaceScan(new Dictionary<string, long> { ["files"] = files, ["bytes"] = bytes, ["rows"] = rows }, left));
    }

    private static string Told(string file) => Path.GetFileName(file) == "sensorhub.json"
        ? $"{file}: the settings name the person (Subject): change them, or the next run begins anew under that pseudonym"
        : $"{file}: look at it, and remove it or what names the person";

    private List<string> LeftOver(Traces traces) => [.. Files().Where(f => Unfinished.Contains(Path.GetExtension(f)) && Guarded.Do(f, "read", () => Names(f, traces)))];

    private IEnumerable<string> Files() => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Where(f => Path.GetFileName(f) != DataFolder.LockFile && !f.StartsWith(notes + Path.DirectorySeparatorChar, StringComparison.Ordinal));

    private bool Names(string file, Traces traces)
    {
        if (traces.In(Path.GetRelativePath(root, file)))
            return true;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return traces.In(stream);
    }
}

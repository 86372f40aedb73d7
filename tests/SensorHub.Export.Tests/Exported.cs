using System.Security.Cryptography;
using SensorHub.Export.Bids;
using SensorHub.Export.Studies;
using SensorHub.Export.Tables;
using SensorHub.Exporting;

namespace SensorHub.Export.Tests;

/// <summary>Exports, as the command line makes them.</summary>
internal static class Exported
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<int> BidsAsync(string folder, IEnumerable<StudyEntry> entries) =>
        WriteAsync(folder, "bids", f => new BidsExport(f, new BidsOptions { Name = "Simulated study", Authors = ["A. Researcher", "B. Researcher"], License = "CC0-1.0" }), entries);

    public static Task<int> TablesAsync(string folder, ITableFormat format, IEnumerable<StudyEntry> entries) =>
        WriteAsync(folder, format.Name, f => new TablesExport(f, format, StoredEstimates.Create()), entries);

    /// <returns>Recordings that were written.</returns>
    public static async Task<int> WriteAsync(string folder, string format, Func<ExportFolder, IExport> create, IEnumerable<StudyEntry> entries, Action<ExportProgress>? progress = null, CancellationToken? cancellation = null)
    {
        using var target = ExportFolder.Open(folder, format);
        var export = create(target);
        var written = 0;
        foreach (var entry in entries)
            written += await export.AddAsync(entry, damage => Assert.Fail(damage.ToString()), progress ?? (_ => { }), cancellation ?? Cancellation) ? 1 : 0;
        await export.CompleteAsync(cancellation ?? Cancellation);
        return written;
    }

    /// <summary>The bytes of each file, as a hash, by its path; the lock has none.</summary>
    public static SortedDictionary<string, string> Hashes(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("/lock", StringComparison.Ordinal))
            .ToDictionary(f => Path.GetRelativePath(folder, f), f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))),
        StringComparer.Ordinal);
}

using SensorHub.Core;
using SensorHub.Core.Recordings;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Quality;
using SensorHub.Pipelines.Recording;
using SensorHub.Web.Recordings;

namespace SensorHub.Recordings;

/// <summary>Recordings for the pages, from their folder: the list by the manifests, one of them by reading it through. A few that were read are kept for as long as nothing is added to them.</summary>
/// <param name="root">The folder of all recordings.</param>
public sealed class RecordedSessions(string root) : IRecordings
{
    private const int MostKept = 4;

    private readonly Lock _one = new(); // reading through takes a core for seconds
    private readonly List<(string Folder, long Bytes, RecordedQuality Quality)> _kept = [];

    public Task<IReadOnlyList<RecordedSession>> ListAsync(Slug subject, CancellationToken cancellationToken) => Task.Run<IReadOnlyList<RecordedSession>>(
        () =>
        {
            if (!Directory.Exists(root))
                return [];
            var sessions = new List<RecordedSession>();
            foreach (var folder in Directory.EnumerateDirectories(root))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (RecordingManifest.Read(folder)?.Quality is { } quality)
                {
                    if (quality.Subject == subject)
                        sessions.Add(new RecordedSession(Path.GetFileName(folder), quality.Start, quality));
                }
                else if (RecordingFolders.BeginOf(folder) is var (at, began) && began.Subject == subject)
                {
                    sessions.Add(new RecordedSession(Path.GetFileName(folder), at, null));
                }
            }
            return [.. sessions.OrderByDescending(s => s.Start)];
        },
        cancellationToken);

    public async Task<RecordedQuality?> FindAsync(Slug subject, string name, CancellationToken cancellationToken)
    {
        // A name out of a list, so that no other folder can be named.
        if (!(await ListAsync(subject, cancellationToken)).Any(s => s.Name == name))
            return null;
        return await Task.Run(
            () =>
            {
                lock (_one)
                    return Read(Path.Combine(root, name), cancellationToken);
            },
            cancellationToken);
    }

    private RecordedQuality Read(string folder, CancellationToken cancellationToken)
    {
        var bytes = RecordingFolders.BytesOf(folder);
        if (_kept.FirstOrDefault(k => k.Folder == folder && k.Bytes == bytes).Quality is { } known)
            return known;
        var (quality, series) = (new QualityMeter(), new SeriesMeter());
        foreach (var step in CompleteReading.Read(RecordingReader.Read(folder)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            quality.Add(step);
            series.Add(step);
        }
        var read = new RecordedQuality(quality.Quality, series.Series);
        _kept.RemoveAll(k => k.Folder == folder);
        if (_kept.Count == MostKept)
            _kept.RemoveAt(0);
        _kept.Add((folder, bytes, read));
        return read;
    }
}

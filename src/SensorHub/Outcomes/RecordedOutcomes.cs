using SensorHub.Core;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Timing;
using SensorHub.Recordings;
using SensorHub.Web.BeforeAfter;

namespace SensorHub.Outcomes;

/// <summary>Outcomes for the pages, from the folder of recordings. Each is computed once for each length that its recording has had.</summary>
/// <param name="root">The folder of all recordings.</param>
/// <param name="detectable">What changes are judged by; null = published.</param>
public sealed class RecordedOutcomes(string root, DetectableChanges? detectable = null) : IOutcomes
{
    private readonly Lock _one = new(); // reading anew takes a core for seconds
    private (string Folder, long Bytes, OutcomeReport Report)? _last;

    public Task<OutcomeReport?> NewestAsync(Slug subject, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            lock (_one)
                return Newest(subject, cancellationToken);
        },
        cancellationToken);

    private OutcomeReport? Newest(Slug subject, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(root))
            return null;
        foreach (var folder in new DirectoryInfo(root).EnumerateDirectories().OrderByDescending(d => d.LastWriteTimeUtc).Select(d => d.FullName))
        {
            if (RecordingFolders.BeginOf(folder) is not var (at, began) || began.Subject != subject)
                continue;
            var bytes = RecordingFolders.BytesOf(folder);
            if (_last is not { } last || last.Folder != folder || last.Bytes != bytes)
                _last = last = (folder, bytes, Report(folder, began.Session, at, cancellationToken));
            return last.Report;
        }
        return null;
    }

    private OutcomeReport Report(string folder, Slug session, Timestamp at, CancellationToken cancellationToken)
    {
        var measured = MeasuredRecording.Read(folder, damaged: null, cancellationToken);
        OutcomeRun[] runs = [.. measured.Compare(detectable ?? DetectableChanges.Published).Select(r => new OutcomeRun(r.Run, r.Changes))];
        return new OutcomeReport(session, at, runs, runs.Length > 0 ? null
            : !measured.Runs.ContainsKey(ProtocolRun.Before) ? "In the newest session nothing was measured before rolling. Begin the test before you roll."
            : !measured.HasRolling ? "Measured before rolling. Roll now, then measure again."
            : "Measured before rolling. What is missing is the measurement after it.");
    }
}

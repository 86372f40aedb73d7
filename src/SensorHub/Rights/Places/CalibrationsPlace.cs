using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights.Places;

/// <summary>
/// The last calibration of each clip, which is of whoever wore it. Its file does not say who that was: it is theirs when it was made in a session of theirs, or is named
/// for one.
/// </summary>
/// <param name="folder">Of the files.</param>
internal sealed class CalibrationsPlace(string folder, RecordingsPlace recordings) : ISubjectPlace
{
    public string Kind => "calibrations";

    public string Unit => "files";

    public string Where => folder;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyCollection<Slug>>([]);

    public async Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) => new((await OfAsync(scope, cancellationToken)).Count);

    public async Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        foreach (var file in await OfAsync(scope, cancellationToken))
            to.Write($"calibrations/{Path.GetFileName(file)}", await File.ReadAllTextAsync(file, cancellationToken), "How the clip lay on the back: what posture is measured from.");
    }

    public async Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken)
    {
        var files = await OfAsync(scope, cancellationToken);
        foreach (var file in files)
            Guarded.Do(file, "erased", () => File.Delete(file));
        return files.Count;
    }

    public async Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken) =>
        PlaceScan.Of("calibrations", Files().Length, await OfAsync(scope, cancellationToken));

    private string[] Files() => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json") : [];

    private async Task<IReadOnlyList<string>> OfAsync(SubjectScope scope, CancellationToken cancellationToken)
    {
        // Times of sessions are known by their recordings, or by what was noted before these were erased.
        var spans = new List<SessionSpan>(scope.Sessions.Where(s => s.Last != default));
        spans.AddRange(await recordings.SpansAsync(scope, cancellationToken));
        var traces = scope.IsWhole || scope.Sessions.Count > 0 ? new Traces(scope) : null;
        return [.. Files().Where(file => Read(file) is { } calibration
            && (spans.Any(s => s.First <= calibration.Time && calibration.Time <= s.Last) || traces?.In(calibration.Attachment.ToString()) == true))];
    }

    private static PostureCalibration? Read(string file)
    {
        try
        {
            return PostureCalibrationJson.Read(File.ReadAllText(file));
        }
        catch (FormatException)
        {
            return null; // damaged: its bytes are looked at with those of all files
        }
    }
}

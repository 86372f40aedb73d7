using System.Threading.Channels;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Delivering;

/// <summary>
/// Writes the <see cref="RecordingManifest"/> of each recording once its session has ended, one after another beside everything else; and of those of the last day that a
/// stop left no time for. Without one a recording is as good: it is made of the segments alone.
/// </summary>
internal sealed class Manifests : IObserver<SensorRecord>, IDisposable
{
    private static readonly TimeSpan LooksBack = TimeSpan.FromDays(1);

    private readonly Channel<string> _ended = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string?> _folder;
    private readonly Func<Slug, Timestamp, CancellationToken, Task<IReadOnlyList<string>>> _consents;
    private readonly Action<string> _report;
    private readonly Task _writing;

    /// <param name="root">Folder of all recordings.</param>
    /// <param name="folder">The recording that is open, or was last.</param>
    /// <param name="consents">What a subject had consented to at a time.</param>
    /// <param name="report">Told, in one line for a person, of what cannot be written.</param>
    public Manifests(string root, Func<string?> folder, Func<Slug, Timestamp, CancellationToken, Task<IReadOnlyList<string>>> consents, Action<string> report, TimeProvider time)
    {
        (_folder, _consents, _report) = (folder, consents, report);
        var since = time.GetUtcNow().UtcDateTime - LooksBack;
        foreach (var earlier in Directory.GetDirectories(root).Where(f => Directory.GetLastWriteTimeUtc(f) > since && IsWhole(f) && !File.Exists(Path.Combine(f, RecordingManifest.FileName))))
            _ended.Writer.TryWrite(earlier);
        _writing = Task.Run(() => WriteAsync(_stop.Token));
    }

    /// <summary>Behind the recorder.</summary>
    public void OnNext(SensorRecord value)
    {
        if (value is SensorRecord.Marked { Marker: Marker.SessionEnded } && _folder() is { } folder)
            _ended.Writer.TryWrite(folder);
    }

    public void OnCompleted() => _ended.Writer.TryComplete();

    public void OnError(Exception error) => _ended.Writer.TryComplete();

    /// <summary>Until all are written, or there is no more time: the rest is the next start's.</summary>
    public async Task CompleteAsync(CancellationToken patience)
    {
        _ended.Writer.TryComplete();
        await using (patience.UnsafeRegister(_ => _stop.Cancel(), null))
            await _writing;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private static bool IsWhole(string folder) => !CutRecordings.IsOpen(folder) && Directory.EnumerateFiles(folder, "*.shr").Any();

    private async Task WriteAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var folder in _ended.Reader.ReadAllAsync(stopping))
                try
                {
                    var manifest = RecordingManifest.Of(folder, cancellationToken: stopping);
                    (manifest with { Consents = await _consents(manifest.Quality.Subject, manifest.Quality.Start, stopping) }).WriteTo(folder);
                }
                catch (UserException e)
                {
                    _report($"{e.Message.TrimEnd('.')}. The recording has no manifest; 'sensorhub recording repair {folder}' makes one.");
                }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }
}

using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Pipelines.Sessions;

namespace SensorHub.Pipelines.Recording;

/// <summary>
/// Records each session into a new folder of its name (name.2, … when that is taken), from <see cref="Marker.SessionBegan"/> to
/// <see cref="Marker.SessionEnded"/>, behind what one must know of the records before. Subscribe it to the same shared
/// records as the estimators. Nothing is written outside of a session. A session that does not end leaves a <see cref="CutRecordings">cut recording</see>.
/// </summary>
/// <param name="root">The folder of all recordings.</param>
/// <param name="report">Told, in one line for a person, of trouble with the disk.</param>
/// <param name="time">The real clock; null = the system's.</param>
public sealed class Recorder(string root, Action<string> report, RecordingOptions? options = null, TimeProvider? time = null)
    : IObserver<SensorRecord>, IDisposable
{
    private readonly Preamble _preamble = new();
    private RecordingWriter? _writer;

    /// <summary>The recording that is open, or was last; null before the first session.</summary>
    public string? Folder { get; private set; }

    public void OnNext(SensorRecord value)
    {
        if (value is SensorRecord.Marked { Marker: Marker.SessionBegan began })
            Begin(began.Session);
        _preamble.Add(value);
        _writer?.Append(value);
        if (value is SensorRecord.Marked { Marker: Marker.SessionEnded } && _writer is { } writer)
        {
            Dispose();
            if (writer.IsWritten)
                CutRecordings.Unmark(Folder!, report);
        }
    }

    public void OnCompleted() => Dispose();

    /// <summary>The records' failure is told where it happens; what came before it is kept.</summary>
    public void OnError(Exception error) => Dispose();

    /// <summary>Closes the recording that is open; all of it is on the disk then.</summary>
    public void Dispose()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private void Begin(Slug session)
    {
        Dispose();
        var folder = Path.Combine(root, session.ToString());
        for (var n = 2; Directory.Exists(folder); n++)
            folder = Path.Combine(root, FormattableString.Invariant($"{session}.{n}"));
        _writer = RecordingWriter.Begin(folder, report, options, time);
        Folder = folder;
        foreach (var known in _preamble.Records)
            _writer.Append(known);
    }
}

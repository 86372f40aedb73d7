using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;

namespace SensorHub.Pipelines.Recording;

/// <summary>
/// Recordings that a crash or a pulled plug has cut off: while a session is recorded, its folder has an empty file <c>open</c>. What the
/// hub had received is in them, and what it had said of it may not have left the machine.
/// </summary>
public static class CutRecordings
{
    /// <summary>The mark of a recording whose session has not ended.</summary>
    internal const string Mark = "open";

    /// <summary>Whether a recording is being written, or was cut off.</summary>
    public static bool IsOpen(string folder) => File.Exists(Path.Combine(folder, Mark));

    /// <summary>Folders of the cut recordings, the oldest first. Only while nobody records below <paramref name="root"/>.</summary>
    public static IReadOnlyList<string> Find(string root) =>
        !Directory.Exists(root) ? [] : [.. Directory.GetDirectories(root).Where(folder => IsOpen(folder) && Segment.Find(folder).Length > 0).OrderBy(File.GetCreationTimeUtc)];

    /// <summary>The records, and behind them the end of the session at the time of the last one, if it is not there.</summary>
    /// <param name="folder">Of the recording.</param>
    /// <param name="damaged">Told of what cannot be read, such as the torn end.</param>
    /// <exception cref="UserException">A file cannot be read, while reading.</exception>
    public static IEnumerable<SensorRecord> ReadToEnd(string folder, Action<RecordingDamage>? damaged = null)
    {
        SensorRecord? last = null;
        Slug session = default;
        foreach (var record in RecordingReader.Read(folder, damaged))
        {
            if (record is SensorRecord.Marked { Marker: var marker })
                session = marker switch
                {
                    Marker.SessionBegan began => began.Session,
                    Marker.SessionEnded => default,
                    _ => session,
                };
            last = record;
            yield return record;
        }
        if (last is not null && !session.IsNone)
            yield return new SensorRecord.Marked(last.At, new Marker.SessionEnded(session));
    }

    /// <summary>Appends the end to the recording, and takes its mark away: it is whole.</summary>
    /// <param name="folder">Of the recording.</param>
    /// <param name="report">Told, in one line for a person, of trouble with the disk.</param>
    /// <exception cref="UserException">The folder cannot be written.</exception>
    public static void Close(string folder, Action<string> report)
    {
        var end = ReadToEnd(folder).LastOrDefault();
        if (end is not null && RecordingReader.Read(folder).LastOrDefault() != end)
            using (var writer = new RecordingWriter(folder, report))
                writer.Append(end);
        Unmark(folder, report);
    }

    /// <summary>Marks a recording that has ended, so that what could not be said of it any more is said by the next start.</summary>
    /// <param name="folder">Of the recording.</param>
    /// <param name="report">Told, in one line for a person, of trouble with the disk.</param>
    public static void Reopen(string folder, Action<string> report)
    {
        try
        {
            File.WriteAllBytes(Path.Combine(folder, Mark), []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report($"{folder}: what late samples changed could not be said any more, nor noted for the next start ({e.Message.TrimEnd('.')}): 'sensorhub replay {folder}' says it.");
        }
    }

    internal static void Unmark(string folder, Action<string> report)
    {
        try
        {
            File.Delete(Path.Combine(folder, Mark));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report($"{folder}: the recording is whole, and cannot be closed: {e.Message} It is looked at again at the next start.");
        }
    }
}

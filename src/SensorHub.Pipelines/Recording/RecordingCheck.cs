using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Recording;

/// <summary>Whether a recording is whole, and what can be done about it when it is not.</summary>
public static class RecordingCheck
{
    /// <summary>What is wrong, a line each; nothing for a recording that is whole and is what its manifest says.</summary>
    /// <param name="folder">Of the recording.</param>
    /// <exception cref="UserException">There is no recording; or a file cannot be read.</exception>
    public static IReadOnlyList<string> Verify(string folder)
    {
        var found = new List<string>();
        Timestamp? last = null;
        var (backwards, ended) = (0, false);
        foreach (var record in RecordingReader.Read(folder, damage => found.Add(damage.ToString())))
        {
            if (record.At < last)
                backwards++;
            last = record.At;
            ended = record is SensorRecord.Marked { Marker: Marker.SessionEnded };
        }
        if (backwards > 0)
            found.Add(FormattableString.Invariant($"{folder}: the time of receipt goes back {backwards} times."));
        if (!ended)
            found.Add($"{folder}: the session has no end: it lasts still, or was cut off. 'sensorhub recording repair' ends it.");
        if (!Directory.Exists(folder))
            return found; // a single file
        if (RecordingManifest.Read(folder) is not { } manifest)
        {
            found.Add($"{folder}: there is no {RecordingManifest.FileName} that can be read: it cannot be said whether the bytes are those that were written. 'sensorhub recording repair' makes one.");
            return found;
        }
        var there = RecordingReader.FilesOf(folder).Select(SegmentFile.Of).ToDictionary(f => f.File, StringComparer.Ordinal);
        foreach (var listed in manifest.Segments)
            if (!there.Remove(listed.File, out var file))
                found.Add($"{Path.Combine(folder, listed.File)}: missing; {RecordingManifest.FileName} lists it.");
            else if (file != listed)
                found.Add($"{Path.Combine(folder, listed.File)}: other bytes than {RecordingManifest.FileName} says (SHA-256).");
        found.AddRange(there.Keys.Order(StringComparer.Ordinal).Select(file => $"{Path.Combine(folder, file)}: {RecordingManifest.FileName} does not know it."));
        if (manifest.Imported is { } imported && (!File.Exists(Path.Combine(folder, imported.File)) || SegmentFile.Of(Path.Combine(folder, imported.File)) != imported))
            found.Add($"{Path.Combine(folder, imported.File)}: other markers than {RecordingManifest.FileName} says (SHA-256).");
        return found;
    }

    /// <summary>
    /// Cuts off torn ends, ends a session that was cut off, and writes the manifest anew. Every whole record stays, and so does what is corrupt between whole ones.
    /// </summary>
    /// <param name="folder">Of the recording; nobody may be writing it.</param>
    /// <param name="report">Told, in one line for a person, of what is done.</param>
    /// <exception cref="UserException">There is no recording, or it cannot be written.</exception>
    public static void Repair(string folder, Action<string> report)
    {
        var consents = RecordingManifest.Read(folder)?.Consents;
        var damages = new List<RecordingDamage>();
        var last = RecordingReader.Read(folder, damages.Add).LastOrDefault();
        try
        {
            foreach (var torn in damages.Where(d => d.Kind == DamageKind.TornEnd))
            {
                using var file = new FileStream(torn.File, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
                file.SetLength(torn.Offset);
                report(FormattableString.Invariant($"{torn.File}: a torn end of {torn.Length} bytes was cut off."));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{folder} cannot be repaired: {e.Message}", e);
        }
        if (last is not null and not SensorRecord.Marked { Marker: Marker.SessionEnded })
        {
            CutRecordings.Close(folder, report);
            report($"{folder}: the session was ended at its last record.");
        }
        foreach (var corrupt in damages.Where(d => d.Kind != DamageKind.TornEnd))
            report($"{corrupt} That stays so: what was there is lost.");
        RecordingManifest.Of(folder, consents).WriteTo(folder);
        report($"{Path.Combine(folder, RecordingManifest.FileName)} was written.");
    }
}

using SensorHub.Core;
using SensorHub.Core.Protocol;

namespace SensorHub.Pipelines.Recording;

/// <summary>Reads recordings: a session's folder, or one segment of it.</summary>
public static class RecordingReader
{
    /// <summary>
    /// The records in their order, read as they are asked for. Damage is told and read over: a torn end, as a power cut
    /// leaves it, and anything corrupt before the next whole record.
    /// </summary>
    /// <param name="path">A folder of segments, or one segment file.</param>
    /// <param name="damaged">Told of each stretch that could not be read, in order.</param>
    /// <exception cref="UserException">There is no recording at the path, at once; or a file cannot be read, while reading.</exception>
    public static IEnumerable<SensorRecord> Read(string path, Action<RecordingDamage>? damaged = null) =>
        FilesOf(path).SelectMany(file => ReadSegment(file, damaged));

    /// <summary>The segments of a recording, in order.</summary>
    /// <param name="path">A folder of segments, or one segment file.</param>
    /// <exception cref="UserException">There is no recording at the path.</exception>
    public static IReadOnlyList<string> FilesOf(string path)
    {
        var files = Directory.Exists(path) ? Segment.Find(path) : File.Exists(path) ? [path] : throw new UserException(
            $"{path}: no such file or folder. Name a session's folder of recordings, or one of its {Segment.Extension} files.");
        if (files.Length == 0)
            throw new UserException($"{path}: this folder has no recording ({Segment.Extension} files).");
        return files;
    }

    private static IEnumerable<SensorRecord> ReadSegment(string file, Action<RecordingDamage>? damaged)
    {
        // The writer may still have it open.
        using var handle = Readable(file, () => File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        var window = Readable(file, () => new FileWindow(handle));
        using var parts = Segment.Scan(window).GetEnumerator();
        while (Readable(file, parts.MoveNext))
        {
            var part = parts.Current;
            if (part.Payload is { } payload)
            {
                if (RecordCodec.Decode(payload) is { } record)
                    yield return record;
                else
                    damaged?.Invoke(new RecordingDamage(file, part.Offset, part.Length, DamageKind.Unknown));
                continue;
            }
            var atEnd = part.Offset + part.Length == window.Length;
            if (atEnd && part is { Offset: 0, Length: >= Segment.HeaderSize })
                throw new UserException($"{file}: this is not a recording.");
            damaged?.Invoke(new RecordingDamage(file, part.Offset, part.Length, atEnd ? DamageKind.TornEnd : DamageKind.Corrupt));
        }
    }

    private static T Readable<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UserException($"{file}: cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>A stretch of a recording that gave no record.</summary>
public sealed record RecordingDamage(string File, long Offset, long Length, DamageKind Kind)
{
    public override string ToString() => Kind switch
    {
        DamageKind.TornEnd => FormattableString.Invariant($"{File}: the end is torn: {Length} bytes from offset {Offset} are no whole record."),
        DamageKind.Corrupt => FormattableString.Invariant($"{File}: corrupt: {Length} bytes from offset {Offset} are skipped; reading goes on at {Offset + Length}."),
        _ => FormattableString.Invariant($"{File}: the record at offset {Offset} is of a kind that this program does not know; it is skipped."),
    };
}

public enum DamageKind : byte
{
    /// <summary>A write that was cut off.</summary>
    TornEnd = 1,

    /// <summary>Bytes changed, with whole records behind them.</summary>
    Corrupt = 2,

    /// <summary>A whole record, of a newer minor version.</summary>
    Unknown = 3,
}

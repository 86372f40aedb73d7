using System.Buffers;
using System.IO.Compression;
using System.Text;
using SensorHub.Core;
using SensorHub.Export.Studies;

namespace SensorHub.Rights;

/// <summary>
/// Finds the names of a person, the pseudonym and the sessions, in any bytes. A name is found where it stands alone: <c>p1</c> is not in <c>p17</c>, nor <c>me</c> in <c>time</c>.
/// </summary>
/// <remarks>
/// Names of less than <see cref="Telling"/> characters occur by chance between other bytes, and some are words. They are looked for in text alone, between marks and not
/// between spaces; the places that consist of other bytes look for them by their structure.
/// </remarks>
internal sealed class Traces
{
    /// <summary>Four bytes that fit occur by chance in every 4 GB, two in every 64 kB.</summary>
    public const int Telling = 5;

    private const int Chunk = 1 << 20;

    private readonly string[] _names;
    private readonly SearchValues<string> _any;
    private readonly int _longest;

    /// <param name="also">Other names of theirs, such as labels in a study.</param>
    public Traces(SubjectScope scope, params IEnumerable<string> also)
    {
        string[] person = scope.IsWhole ? [scope.Subject.ToString(), .. Labelled(scope.Subject)] : [];
        _names = [.. person.Concat(scope.Names.Select(s => s.ToString())).Concat(also).Distinct().OrderByDescending(n => n.Length)];
        _any = SearchValues.Create(_names, StringComparison.Ordinal);
        _longest = _names.Select(n => n.Length).Append(1).Max();
        HasShort = _names.Any(n => n.Length < Telling);
    }

    /// <summary>Some name is too short to be looked for among bytes that are not text.</summary>
    public bool HasShort { get; }

    public bool In(string? text) => text is not null && In(text, isText: true);

    public bool In(ReadOnlySpan<byte> bytes) => In(Encoding.Latin1.GetString(bytes), IsText(bytes));

    /// <summary>Reads to the end, or until a name is found. What is packed with gzip is looked into.</summary>
    public bool In(Stream stream)
    {
        Span<byte> begin = stackalloc byte[2];
        var packed = stream.ReadAtLeast(begin, 2, throwOnEndOfStream: false) == 2 && begin is [0x1f, 0x8b];
        stream.Position = 0;
        if (InPlain(stream))
            return true;
        if (!packed)
            return false;
        stream.Position = 0;
        using var gzip = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            return InPlain(gzip);
        }
        catch (InvalidDataException)
        {
            return false; // not gzip after all, or torn: its bytes were looked at
        }
    }

    /// <summary>The text without the names, for what is kept.</summary>
    public string Without(string text)
    {
        foreach (var name in _names)
            text = text.Replace(name, "…", StringComparison.Ordinal);
        return text;
    }

    private static string[] Labelled(Slug subject) => subject.ToString().Any(char.IsAsciiLetterOrDigit) && Labels.Of(subject.ToString()) is var label ? [$"sub-{label}", $"participant={label}"] : [];

    private bool InPlain(Stream stream)
    {
        var buffer = new byte[Chunk];
        var (kept, isText, first) = (0, true, true);
        while (true)
        {
            var read = stream.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false);
            var length = kept + read;
            if (first)
                isText = IsText(buffer.AsSpan(0, length));
            first = false;
            if (In(Encoding.Latin1.GetString(buffer, 0, length), isText))
                return true;
            if (read == 0 || length < buffer.Length)
                return false;
            kept = _longest + 2; // a name at the seam, with what is beside it
            buffer.AsSpan(length - kept, kept).CopyTo(buffer);
        }
    }

    private static bool IsText(ReadOnlySpan<byte> bytes) => !bytes[..Math.Min(bytes.Length, 8192)].Contains((byte)0);

    private bool In(string text, bool isText)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var next = text.AsSpan(at).IndexOfAny(_any);
            if (next < 0)
                return false;
            at += next;
            foreach (var name in _names)
                if (string.CompareOrdinal(text, at, name, 0, name.Length) == 0 && StandsAlone(text, at, name, isText))
                    return true;
        }
        return false;
    }

    private static bool StandsAlone(string text, int at, string name, bool isText)
    {
        char? before = at == 0 ? null : text[at - 1];
        char? after = at + name.Length == text.Length ? null : text[at + name.Length];
        if (IsOfName(before) || IsOfName(after))
            return false;
        return name.Length >= Telling || isText && before != ' ' && after != ' ';
    }

    private static bool IsOfName(char? c) => c is '-' || c is { } known && char.IsAsciiLetterOrDigit(known);
}

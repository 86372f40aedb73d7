using System.Globalization;
using SensorHub.Core;

namespace SensorHub.Export.Studies;

/// <summary>
/// A study as a CSV: a header, then a row for each recording. Columns <c>recording</c> (its folder, from the file's own), <c>participant</c> and
/// <c>task</c>, and if there are any <c>session</c>, <c>run</c>, <c>protocol</c>, and <c>from_s</c> and <c>to_s</c>, which say in which part of the
/// recording the task was done (seconds since the session began); all others say something of the participant.
/// </summary>
public static class StudyList
{
    private static readonly string[] Known = ["recording", "participant", "session", "task", "run", "protocol", "from_s", "to_s"];

    /// <exception cref="UserException">It is no such file; one line says where and why.</exception>
    public static IReadOnlyList<StudyEntry> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllLines(path), Path.GetFileName(path), Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UserException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <param name="lines">Of the file.</param>
    /// <param name="called">The file, as errors name it.</param>
    /// <param name="folder">That recordings are named from.</param>
    /// <exception cref="UserException">It is no such table.</exception>
    public static IReadOnlyList<StudyEntry> Parse(IReadOnlyList<string> lines, string called, string folder)
    {
        string[] header = lines.Count == 0 ? [] : Cells(lines[0], called, 1);
        foreach (var needed in new[] { "recording", "participant", "task" })
            if (!header.Contains(needed))
                throw new UserException($"{called}: there is no column {needed}. The first line names the columns: recording,participant,session,task.");
        if (header.Distinct(StringComparer.Ordinal).Count() != header.Length || header.Any(h => h.Length == 0))
            throw new UserException($"{called}: a column has no name, or the name of another.");
        var entries = new List<StudyEntry>();
        for (var i = 1; i < lines.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
                continue;
            var cells = Cells(lines[i], called, i + 1);
            if (cells.Length != header.Length)
                throw new UserException(FormattableString.Invariant($"{called}: line {i + 1} has {cells.Length} cells where the header has {header.Length}."));
            var row = header.Zip(cells).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal);
            foreach (var needed in new[] { "recording", "participant", "task" })
                if (row[needed].Length == 0)
                    throw new UserException(FormattableString.Invariant($"{called}: line {i + 1}, column {needed}: it is empty."));
            int? run = null;
            if (row.GetValueOrDefault("run") is { Length: > 0 } text)
                run = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1000 ? number
                    : throw new UserException(FormattableString.Invariant($"{called}: line {i + 1}, column run: '{text}' is no number from 1 to 999."));
            entries.Add(new StudyEntry(Path.Combine(folder, row["recording"]), Label("participant")!, Label("session"), row["task"])
            {
                Run = run,
                Window = Window(),
                Protocol = row.GetValueOrDefault("protocol") is { Length: > 0 } protocol ? protocol : null,
                Attributes = new SortedDictionary<string, string>(row.Where(c => !Known.Contains(c.Key) && c.Value.Length > 0).ToDictionary(), StringComparer.Ordinal),
            });

            SessionWindow? Window()
            {
                if (row.GetValueOrDefault("from_s") is null or "" && row.GetValueOrDefault("to_s") is null or "")
                    return null;
                var (from, to) = (Seconds("from_s"), Seconds("to_s"));
                return from < to ? new SessionWindow(from, to) : throw new UserException(FormattableString.Invariant($"{called}: line {i + 1}: from_s is not before to_s."));
            }

            TimeSpan Seconds(string column) => double.TryParse(row.GetValueOrDefault(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var s) && s is >= 0 and < 1e8
                ? TimeSpan.FromTicks((long)Math.Round(s * TimeSpan.TicksPerSecond))
                : throw new UserException(FormattableString.Invariant($"{called}: line {i + 1}, column {column}: '{row.GetValueOrDefault(column)}' is no time in the session: write seconds, and both from_s and to_s."));

            string? Label(string column) => row.GetValueOrDefault(column) switch
            {
                null or "" => null,
                var label when Labels.Is(label) => label,
                var other => throw new UserException(FormattableString.Invariant($"{called}: line {i + 1}, column {column}: '{other}' is no label; it takes letters (a-z) and digits alone.")),
            };
        }
        if (entries.Count == 0)
            throw new UserException($"{called}: there is no recording in it.");
        Check(entries, called);
        return entries;
    }

    /// <summary>Whether each entry has a place of its own, and nothing is said of a participant in two ways.</summary>
    /// <exception cref="UserException">Not so.</exception>
    public static void Check(IReadOnlyList<StudyEntry> entries, string called)
    {
        foreach (var same in entries.GroupBy(e => e.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            throw new UserException($"{called}: {same.First().Recording} and {same.Last().Recording} are both {same.Key}: tell them apart by session, task or run.");
        foreach (var person in entries.GroupBy(e => e.Participant, StringComparer.Ordinal))
            foreach (var entry in person)
                foreach (var (name, value) in entry.Attributes)
                    if (person.First(e => e.Attributes.ContainsKey(name)).Attributes[name] is var other && other != value)
                        throw new UserException($"{called}: participant {person.Key}: {name} is '{other}' and '{value}'.");
        if (entries.GroupBy(e => e.Session is null).Count() > 1)
            throw new UserException($"{called}: some recordings name a session and some do not; name it for all or for none.");
    }

    private static string[] Cells(string line, string called, int number) => line.Count(c => c == '"') % 2 == 0
        ? [.. CsvLine.Cells(line).Select(c => c.Trim())]
        : throw new UserException(FormattableString.Invariant($"{called}: line {number}: a quotation mark is missing."));
}

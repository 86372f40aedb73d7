using System.Globalization;

namespace SensorHub.Core.Sessions.Programmes;

/// <summary>The days on which sessions were done, as somebody wrote them down: CSV with a column <c>date</c>, a row for each session. Other columns are not read.</summary>
public static class SessionDays
{
    public const string Column = "date";

    /// <returns>As they stand in the file; a day with two sessions twice.</returns>
    /// <exception cref="UserException">It cannot be read, or a cell is no day; the message names file and line.</exception>
    public static IReadOnlyList<DateOnly> Load(string path) => Parse(Plans.SessionFile.Read(path), path);

    /// <param name="csv">The file's text.</param>
    /// <param name="called">The file, as the error names it.</param>
    /// <exception cref="UserException">A cell is no day; the message names file and line.</exception>
    public static IReadOnlyList<DateOnly> Parse(string csv, string called)
    {
        using var reader = new StringReader(csv.TrimStart('\ufeff'));
        var column = Array.IndexOf((reader.ReadLine() ?? "").Split(',', StringSplitOptions.TrimEntries), Column);
        if (column < 0)
            throw new UserException($"{called} has no column {Column} in its header: a row for each session, as 2026-01-31, is needed.");
        var days = new List<DateOnly>();
        for (var line = 2; reader.ReadLine() is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text))
                continue;
            var cells = text.Split(',', StringSplitOptions.TrimEntries);
            if (column >= cells.Length || !TryParse(cells[column], out var day))
                throw new UserException(string.Create(CultureInfo.InvariantCulture,
                    $"{called}, line {line}, column {Column}: '{(column < cells.Length ? cells[column] : "")}' is not a day such as 2026-01-31."));
            days.Add(day);
        }
        return days;
    }

    /// <summary>2026-01-31.</summary>
    public static bool TryParse(string? text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}

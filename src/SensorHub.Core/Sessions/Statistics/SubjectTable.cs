using System.Globalization;

namespace SensorHub.Core.Sessions.Statistics;

/// <summary>A CSV of measurements: a header, then a row for each subject: its name, and a number for each session.</summary>
/// <param name="Sessions">The names of the sessions, from the header.</param>
/// <param name="Subjects">The names of the rows.</param>
/// <param name="Values">A row per subject, a value per session.</param>
public sealed record SubjectTable(IReadOnlyList<string> Sessions, IReadOnlyList<string> Subjects, IReadOnlyList<IReadOnlyList<double>> Values)
{
    /// <exception cref="UserException">It is no such file; one line says where and why.</exception>
    public static SubjectTable Read(string path)
    {
        try
        {
            return Parse(File.ReadAllLines(path), Path.GetFileName(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UserException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <param name="lines">Of the file.</param>
    /// <param name="called">The file, as the error names it.</param>
    /// <exception cref="UserException">It is no such table.</exception>
    public static SubjectTable Parse(IReadOnlyList<string> lines, string called)
    {
        if (lines.Count == 0 || Cells(lines[0]) is not [_, _, _, ..] header)
            throw new UserException($"{called}: the first line names the columns: subject, and at least two sessions, as in subject,day1,day2.");
        var subjects = new List<string>();
        var values = new List<IReadOnlyList<double>>();
        for (var i = 1; i < lines.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
                continue;
            var cells = Cells(lines[i]);
            if (cells.Length != header.Length)
                throw new UserException(FormattableString.Invariant($"{called}: line {i + 1} has {cells.Length} cells where the header has {header.Length}."));
            if (subjects.Contains(cells[0]))
                throw new UserException(FormattableString.Invariant($"{called}: line {i + 1}: the subject '{cells[0]}' was there before; a subject is one row."));
            subjects.Add(cells[0]);
            values.Add([.. cells.Skip(1).Select((cell, j) => Number(cell, i, header[j + 1]))]);
        }
        return new SubjectTable(header[1..], subjects, values);

        double Number(string cell, int line, string column) =>
            double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                ? value
                : throw new UserException(FormattableString.Invariant($"{called}: line {line + 1}, column {column}: '{cell}' is no number. Leave out subjects with a missing one."));
    }

    private static string[] Cells(string line) => [.. line.Split(',').Select(cell => cell.Trim().Trim('"'))];
}

using System.Globalization;

namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>The standard errors that a site has measured itself, as a CSV: <c>measure,comparison,sem,subjects</c>.</summary>
public static class SiteErrors
{
    /// <summary>Of the file in the data folder: where it is there, verdicts on the pages take it.</summary>
    public const string FileName = "site-errors.csv";

    public const string Header = "measure,comparison,sem,subjects";

    public static string Row(Measure measure, Comparison comparison, double sem, int subjects) =>
        string.Create(CultureInfo.InvariantCulture, $"{EnumNames.Of(measure)},{EnumNames.Of(comparison)},{sem:0.####},{subjects}");

    /// <summary>The published table, with the site's own error wherever it is from <see cref="DetectableChanges.FewestSubjects"/> people at least.</summary>
    /// <exception cref="UserException">It is no such file; one line says where and why.</exception>
    public static DetectableChanges Read(string path)
    {
        try
        {
            return Parse(File.ReadAllLines(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UserException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <param name="lines">Of the file.</param>
    /// <param name="called">The file, as the error names it.</param>
    /// <exception cref="UserException">It is no such file.</exception>
    public static DetectableChanges Parse(IReadOnlyList<string> lines, string called)
    {
        if (lines.Count == 0 || lines[0].Trim() != Header)
            throw new UserException($"{called}: the first line is not {Header}. 'sensorhub analyze study' writes such a file.");
        var table = DetectableChanges.Published;
        for (var i = 1; i < lines.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
                continue;
            if (lines[i].Split(',') is not [var name, var across, var error, var people] || !EnumNames.TryParse<Measure>(name, out var measure) || !EnumNames.TryParse<Comparison>(across, out var comparison)
                || !double.TryParse(error, NumberStyles.Float, CultureInfo.InvariantCulture, out var sem) || !(sem > 0 && double.IsFinite(sem)) || !int.TryParse(people, NumberStyles.None, CultureInfo.InvariantCulture, out var subjects))
                throw new UserException(FormattableString.Invariant($"{called}: line {i + 1} is not such as pelvic_rotation,new_attachment,2.1,34."));
            if (subjects >= DetectableChanges.FewestSubjects)
                table = table.WithSite(measure, comparison, sem, subjects);
        }
        return table;
    }
}

using System.Globalization;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;

namespace SensorHub.Core.Sessions.Statistics;

/// <summary>A measure of a participant in a session of a study.</summary>
/// <param name="Wearing">Of the clip; none when nobody said.</param>
/// <param name="ContactSeconds">Time in contact in the session; null when nothing was rolled.</param>
/// <param name="Impulse">N·s; null when no force is known.</param>
public sealed record StudyRow(
    string Participant, string Session, string Task, ProtocolRun Run, Measure Measure, Side Side, double Value, double? Uncertainty, Slug Wearing, double? ContactSeconds, double? Impulse);

/// <summary>The measures of a study as a CSV, a row each.</summary>
public static class StudyTable
{
    public const string Header = "participant,session,task,run,measure,side,value,value_u,wearing,contact_s,impulse_n_s";

    public static string Row(StudyRow row) => string.Join(',',
        row.Participant, row.Session, row.Task.Contains(',', StringComparison.Ordinal) ? $"\"{row.Task}\"" : row.Task, EnumNames.Of(row.Run), EnumNames.Of(row.Measure), EnumNames.Of(row.Side),
        Text(row.Value), Text(row.Uncertainty), row.Wearing.ToString(), Text(row.ContactSeconds), Text(row.Impulse));

    /// <param name="lines">Of the file. Columns may stand in any order, and others between; <c>participant,session,measure,value</c> have to be there.</param>
    /// <param name="called">The file, as the error names it.</param>
    /// <exception cref="UserException">It is no such table; one line says where and why.</exception>
    public static IReadOnlyList<StudyRow> Parse(IReadOnlyList<string> lines, string called)
    {
        var header = lines.Count == 0 ? [] : Cells(lines[0]);
        foreach (var needed in new[] { "participant", "session", "measure", "value" })
            if (!header.Contains(needed))
                throw new UserException($"{called}: there is no column {needed}. The first line names the columns: {Header}.");
        var rows = new List<StudyRow>();
        for (var i = 1; i < lines.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
                continue;
            var cells = Cells(lines[i]);
            if (cells.Length != header.Length)
                throw new UserException(FormattableString.Invariant($"{called}: line {i + 1} has {cells.Length} cells where the header has {header.Length}."));
            var row = header.Zip(cells).DistinctBy(c => c.First).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal);
            var line = i + 1;
            rows.Add(new StudyRow(
                Needed("participant"), Needed("session"), row.GetValueOrDefault("task") ?? "", Name<ProtocolRun>("run", ProtocolRun.Before), Name<Measure>("measure", null), Name<Side>("side", Side.None),
                Number("value") ?? throw Bad("value", "it is empty"), Number("value_u"), Wearing(), Number("contact_s"), Number("impulse_n_s")));

            string Needed(string column) => row[column] is { Length: > 0 } text ? text : throw Bad(column, "it is empty");

            T Name<T>(string column, T? absent) where T : struct, Enum => row.GetValueOrDefault(column) is not { Length: > 0 } text
                ? absent ?? throw Bad(column, "it is empty")
                : EnumNames.TryParse<T>(text, out var value) ? value : throw Bad(column, $"'{text}' is none of {string.Join(", ", EnumNames.All<T>())}");

            double? Number(string column) => row.GetValueOrDefault(column) is not { Length: > 0 } text
                ? null
                : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : throw Bad(column, $"'{text}' is no number");

            Slug Wearing() => row.GetValueOrDefault("wearing") is not { Length: > 0 } text ? default : Slug.TryParse(text, out var slug) ? slug : throw Bad("wearing", $"'{text}' is no name of a-z, 0-9 and '-'");

            UserException Bad(string column, string why) => new(FormattableString.Invariant($"{called}: line {line}, column {column}: {why}."));
        }
        return rows.Count > 0 ? rows : throw new UserException($"{called}: there is no measure in it.");
    }

    private static string Text(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static string[] Cells(string line) => [.. CsvLine.Cells(line).Select(c => c.Trim())];
}

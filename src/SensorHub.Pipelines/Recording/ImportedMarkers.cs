using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using SensorHub.Core;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Recording;

/// <summary>
/// What other devices and people noted during a session, beside its segments: <c>markers.jsonl</c>. README.md, "Imported markers". A table of them is a CSV
/// with the columns <c>time</c> (RFC 3339 with its zone, or Unix seconds) or <c>onset_s</c> (seconds since the session began), <c>label</c>, and if there are any <c>duration_s</c> and
/// <c>value</c>; others are left out.
/// </summary>
public static partial class ImportedMarkers
{
    public const string FileName = "markers.jsonl";

    /// <summary>Those of the recording by time; empty where there are none, or for a single segment.</summary>
    /// <exception cref="UserException">The file cannot be read; one line says where and why.</exception>
    public static IReadOnlyList<ImportedMarker> Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return [];
        var markers = new List<ImportedMarker>();
        try
        {
            foreach (var line in File.ReadLines(path).Where(l => l.Length > 0))
                markers.Add(JsonSerializer.Deserialize(line, ImportedMarkerJson.Default.Line) is { } read && Timestamp.TryParse(read.At, out var at) && Slug.TryParse(read.Label, out var label)
                    ? new ImportedMarker(at, label, read.Value, read.DurationS is { } s ? TimeSpan.FromSeconds(s) : null, read.Source, read.SourceSha256)
                    : throw new UserException($"{path}: line {markers.Count + 1} is no marker. Import them again with 'sensorhub study markers --replace'."));
        }
        catch (Exception e) when (e is JsonException or OverflowException or IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path}: line {markers.Count + 1} cannot be read: {e.Message.Split('\n')[0]}", e);
        }
        return [.. markers.OrderBy(m => m.At)];
    }

    /// <summary>Takes a table of markers into the recording, behind those that are there.</summary>
    /// <param name="folder">Of the recording.</param>
    /// <param name="csv">The table.</param>
    /// <param name="began">When the session began: the zero of <c>onset_s</c>.</param>
    /// <param name="offset">Hub's time minus the table's.</param>
    /// <param name="uncertainty">Of <paramref name="offset"/>, standard; null = nobody knows.</param>
    /// <param name="replace">Instead of all that are there.</param>
    /// <returns>Those of the table, in its order.</returns>
    /// <exception cref="UserException">It is no such table, or it is in the recording already, or something cannot be read or written.</exception>
    public static IReadOnlyList<ImportedMarker> Import(string folder, string csv, Timestamp began, TimeSpan offset = default, TimeSpan? uncertainty = null, bool replace = false)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(csv);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UserException($"{csv} cannot be read: {e.Message}", e);
        }
        var (called, hash) = (Path.GetFileName(csv), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        if (!replace && Read(folder).Any(m => m.SourceSha256 == hash))
            throw new UserException($"{called} is in {folder} already. With --replace it takes the place of all that was imported.");
        IReadOnlyList<ImportedMarker> markers = [.. Parse(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n'), called, began)
            .Select(m => m with { At = m.At + offset, Source = called, SourceSha256 = hash })];
        var path = Path.Combine(folder, FileName);
        var text = new StringBuilder(replace || !File.Exists(path) ? "" : File.ReadAllText(path));
        foreach (var m in markers)
            text.Append(JsonSerializer.Serialize(
                new Line(m.At.ToString(), m.Label.ToString(), m.Value, m.Duration?.TotalSeconds, m.Source, m.SourceSha256, offset.TotalSeconds, uncertainty?.TotalSeconds), ImportedMarkerJson.Default.Line)).Append('\n');
        WholeFile.Write(path, text.ToString());
        return markers;
    }

    /// <param name="lines">Of the table.</param>
    /// <param name="called">The table, as errors name it.</param>
    /// <param name="began">The zero of <c>onset_s</c>.</param>
    /// <exception cref="UserException">It is no such table; one line says where and why.</exception>
    public static IReadOnlyList<ImportedMarker> Parse(IReadOnlyList<string> lines, string called, Timestamp began)
    {
        var header = lines.Count == 0 ? [] : CsvLine.Cells(lines[0]).Select(c => c.Trim()).ToList();
        var (time, onset, label, duration, value) = (header.IndexOf("time"), header.IndexOf("onset_s"), header.IndexOf("label"), header.IndexOf("duration_s"), header.IndexOf("value"));
        if (label < 0 || time < 0 == onset < 0)
            throw new UserException($"{called}: the first line names the columns: time,label or onset_s,label, and if there are any duration_s and value.");
        var markers = new List<ImportedMarker>();
        for (var i = 1; i < lines.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
                continue;
            var cells = CsvLine.Cells(lines[i]);
            if (cells.Count != header.Count)
                throw Wrong(i, $"it has {cells.Count} cells where the header has {header.Count}");
            markers.Add(new ImportedMarker(
                onset >= 0 ? began + (Seconds(i, cells, onset) ?? throw Wrong(i, "onset_s is empty")) : Time(i, cells[time].Trim()),
                Label(i, cells[label].Trim()), Number(i, cells, value), Seconds(i, cells, duration) is { } lasts ? lasts >= TimeSpan.Zero ? lasts : throw Wrong(i, "duration_s is below 0") : null, "", ""));
        }
        return markers.Count > 0 ? markers : throw new UserException($"{called}: there is no marker in it.");

        Timestamp Time(int i, string text)
        {
            if (decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var unix) && unix is > 0 and < 9_000_000_000)
                return new Timestamp((long)decimal.Round(unix * 1_000_000_000));
            // A time without a zone could be anywhere.
            return Zone().IsMatch(text) && Timestamp.TryParse(text, out var at) ? at
                : Zone().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var other) ? Timestamp.FromDateTimeOffset(other)
                : throw Wrong(i, $"'{text}' is no time: write 2026-01-31T12:00:05.25Z, with its zone, or Unix seconds");
        }

        // Spaces, capitals and signs have no place in a name that goes out with the data.
        Slug Label(int i, string text) =>
            Slug.TryParse(string.Concat(text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-'), out var name) ? name
                : throw Wrong(i, $"the label '{text}' is none: use up to {Slug.MaxLength} letters (a-z), digits and '-'");

        double? Number(int i, IReadOnlyList<string> cells, int column) => column < 0 || string.IsNullOrWhiteSpace(cells[column]) ? null
            : double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
            : throw Wrong(i, $"{header[column]} is '{cells[column].Trim()}', which is no number");

        TimeSpan? Seconds(int i, IReadOnlyList<string> cells, int column) => Number(i, cells, column) switch
        {
            null => null,
            { } s when Math.Abs(s) < 1e8 => TimeSpan.FromTicks((long)Math.Round(s * TimeSpan.TicksPerSecond)),
            _ => throw Wrong(i, $"{header[column]} is out of range"),
        };

        UserException Wrong(int i, string what) => new(FormattableString.Invariant($"{called}: line {i + 1}: {what}."));
    }

    [GeneratedRegex(@"\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex Zone();

    internal sealed record Line(string At, string Label, double? Value, double? DurationS, string Source, string SourceSha256, double OffsetS, [property: JsonPropertyName("offset_u_s")] double? OffsetU);
}

/// <summary>Something that another device or a person noted.</summary>
/// <param name="At">On the hub's axis.</param>
/// <param name="Value">A code or number that belongs to it; null = none.</param>
/// <param name="Duration">Null = an instant, or nobody knows.</param>
/// <param name="Source">Name of the file that it came from.</param>
/// <param name="SourceSha256">Of the file's bytes, in hexadecimal.</param>
public sealed record ImportedMarker(Timestamp At, Slug Label, double? Value, TimeSpan? Duration, string Source, string SourceSha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImportedMarkers.Line))]
internal sealed partial class ImportedMarkerJson : JsonSerializerContext;

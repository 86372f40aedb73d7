using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SensorHub.Core;
using SensorHub.Export;
using SensorHub.Export.Csv;
using SensorHub.Export.Reports;
using SensorHub.Export.Studies;
using SensorHub.Export.Tables;
using SensorHub.Exporting;
using SensorHub.Rights.Places;

namespace SensorHub.Rights.Exporting;

/// <summary>
/// A folder with everything of one person, to be read by them: files as they are, tables as CSV, the rest as JSON, and a page that says what each is. The same
/// holdings give the same bytes; cut off, it goes on where it was.
/// </summary>
internal sealed class SubjectExport : IDisposable
{
    /// <summary>Names this kind of export in the folder's notes, and in the index.</summary>
    public const string Format = "subject";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ExportFolder _folder;
    private readonly Action<string> _say;
    private readonly SortedDictionary<string, string> _about = new(StringComparer.Ordinal);

    /// <param name="say">Takes a line about what could not be written.</param>
    /// <exception cref="UserException">The folder cannot be written, or something else is in it.</exception>
    public SubjectExport(string root, Action<string> say)
    {
        _folder = ExportFolder.Open(root, Format);
        _say = say;
    }

    public string Root => _folder.Root;

    public static string Text(JsonNode node) => node.ToJsonString(Indented) + "\n";

    /// <summary>A value of SQLite as JSON.</summary>
    public static JsonNode? Cell(object? value) => value switch
    {
        null => null,
        long number => number,
        double number => number,
        byte[] bytes => Convert.ToBase64String(bytes),
        _ => value.ToString(),
    };

    /// <param name="about">What the file is, to the person.</param>
    public void Write(string path, string text, string about)
    {
        _about[path] = about;
        if (_folder.Begin(NameOf(path), text) is not { } unit)
            return;
        unit.Write(path, text);
        unit.Complete(new Dictionary<string, string>());
    }

    /// <param name="key">What the lines depend on: they are not written again when it is the same.</param>
    public async Task LinesAsync(string path, string key, string about, IEnumerable<JsonObject> lines)
    {
        _about[path] = about;
        if (_folder.Begin(NameOf(path), key) is not { } unit)
            return;
        await using (var stream = unit.Create(path))
        await using (var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" })
            foreach (var line in lines)
                await writer.WriteLineAsync(line.ToJsonString(Line));
        unit.Complete(new Dictionary<string, string>());
    }

    /// <summary>A folder as it is, byte for byte.</summary>
    public async Task CopyAsync(string path, string from, CancellationToken cancellationToken)
    {
        _about["recordings/"] = "What the sensors sent, as the hub wrote it down, a folder for each session: 'sensorhub replay FOLDER' plays it, 'sensorhub export csv FOLDER' makes tables of it.";
        string[] files = [.. Directory.GetFiles(from, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        var hashes = files.Select(f => Guarded.Do(f, "read", () =>
        {
            using var stream = File.OpenRead(f);
            return $"{Path.GetRelativePath(from, f)} {Convert.ToHexStringLower(SHA256.HashData(stream))}";
        }));
        if (_folder.Begin(NameOf(path), string.Join('\n', hashes)) is not { } unit)
            return;
        foreach (var file in files)
        {
            await using var source = File.OpenRead(file);
            await using var copy = unit.Create($"{path}/{Path.GetRelativePath(from, file).Replace('\\', '/')}");
            await source.CopyToAsync(copy, cancellationToken);
        }
        unit.Complete(new Dictionary<string, string>());
    }

    /// <summary>What a recording says: estimates as tables, and a page with plots.</summary>
    public async Task EstimatesAsync(string recording, Slug subject, string name, CancellationToken cancellationToken)
    {
        var entry = new StudyEntry(recording, Labels.Of(subject.ToString()), Labels.Of(name), "rolling");
        try
        {
            using (var tables = ExportFolder.Open(Path.Combine(Root, "estimates"), "csv"))
                await new TablesExport(tables, new CsvFormat(), StoredEstimates.Create()).AddAsync(entry, damage => _say(damage.ToString()), _ => { }, cancellationToken);
            using (var pages = ExportFolder.Open(Path.Combine(Root, "reports"), ReportExport.Format))
                await new ReportExport(pages, Core.Sessions.Outcomes.DetectableChanges.Published).AddAsync(entry, _ => { }, _ => { }, cancellationToken);
            _about["estimates/"] = "The samples, and what was computed of them, as tables that a spreadsheet opens; units are in the file beside each.";
            _about["reports/"] = "A page with plots for each session.";
        }
        catch (UserException e) when (e.Message.Contains("no samples", StringComparison.Ordinal))
        {
            // It is there as it is; nothing can be computed of it.
        }
    }

    /// <summary>Says what is there.</summary>
    public void Complete(Slug subject, string program)
    {
        var title = $"Everything about {subject}";
        const string Intro = "This is everything that this hub and its databases have about you. Files that end in .json and .jsonl are text; those that end in .csv open in a spreadsheet.";
        var page = new HtmlPage(title).Paragraph(Intro).Table(["File", "What it is"], _about.Select(a => (string[])[a.Key, a.Value])).Soft($"Written by {program}.");
        var text = $"{title}\n\n{Intro}\n\n{string.Concat(_about.Select(a => $"{a.Key}\n    {a.Value}\n"))}\nWritten by {program}.\n";
        Write("README.txt", text, "What is what.");
        Write("index.html", page.ToString(), "The same as a page.");
    }

    public void Dispose() => _folder.Dispose();

    private static string NameOf(string path) => string.Concat(path.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '=' ? c : '_'));
}

using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core;
using SensorHub.Export.Recordings;
using SensorHub.Export.Studies;
using SensorHub.Rights.Places;

namespace SensorHub.Rights.Exporting;

/// <summary>
/// Where copies of a data folder's recordings went: <c>exports.jsonl</c> in it, one line an export, so that an erasure finds them. README.md, "Copies".
/// </summary>
/// <param name="folder">The data folder.</param>
internal sealed class ExportIndex(string folder)
{
    public const string FileName = "exports.jsonl";

    public string Path { get; } = System.IO.Path.Combine(folder, FileName);

    /// <summary>In their order; a line that is none is passed over.</summary>
    /// <exception cref="UserException">The file cannot be read.</exception>
    public IReadOnlyList<Exported> Read() => !File.Exists(Path) ? [] : Guarded.Do(Path, "read", () => File.ReadLines(Path).Select(Parse).OfType<Exported>().ToList());

    /// <summary>Notes an export; one to the same folder in the same format is told once.</summary>
    /// <exception cref="UserException">The file cannot be written.</exception>
    public void Note(Exported export)
    {
        var (same, others) = (Read().Where(export.IsSamePlace).ToList(), Read().Where(e => !export.IsSamePlace(e)));
        Write([.. others, export with { Recordings = [.. same.SelectMany(e => e.Recordings).Concat(export.Recordings).Distinct()] }]);
    }

    /// <exception cref="UserException">The file cannot be written.</exception>
    public void Write(IReadOnlyList<Exported> exports) => Guarded.Do(Path, "written", () =>
    {
        if (exports.Count == 0)
            File.Delete(Path);
        else
            OwnersOnly.Write(Path, string.Concat(exports.Select(e => JsonSerializer.Serialize(e, ExportIndexJson.Default.Exported) + "\n")));
    });

    /// <summary>Notes what <c>sensorhub export</c> wrote in the data folders that the recordings lie in; of others nobody keeps an index.</summary>
    public static void Note(string to, string format, IReadOnlyList<StudyEntry> entries, DateTimeOffset at)
    {
        foreach (var group in entries.GroupBy(e => DataFolderOf(e.Recording)))
            if (group.Key is { } data)
                new ExportIndex(data).Note(new Exported(System.IO.Path.GetFullPath(to), format, at,
                    [.. group.Select(e => SessionReader.BeganAt(e.Recording) is var (_, began) ? new ExportedRecording(began.Subject.ToString(), began.Session.ToString(), e.Name) : null).OfType<ExportedRecording>()]));
    }

    /// <summary>Null: the recording lies in none.</summary>
    private static string? DataFolderOf(string recording)
    {
        var parent = System.IO.Path.GetDirectoryName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(recording)));
        var data = parent is not null && System.IO.Path.GetFileName(parent) == "recordings" ? System.IO.Path.GetDirectoryName(parent) : null;
        return data is not null && File.Exists(Configuration.DataFolder.StoreIn(data)) ? data : null;
    }

    private static Exported? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ExportIndexJson.Default.Exported);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="Folder">Where it went: a whole path.</param>
/// <param name="Format"><c>csv</c>, <c>bids</c> …, or <c>subject</c> for everything of one person.</param>
/// <param name="Time">When it was last written to.</param>
internal sealed record Exported(string Folder, string Format, DateTimeOffset Time, IReadOnlyList<ExportedRecording> Recordings)
{
    public bool IsSamePlace(Exported other) => (Folder, Format) == (other.Folder, other.Format);
}

/// <param name="Subject">Whose.</param>
/// <param name="Session">Its name.</param>
/// <param name="Unit">What it is called in the folder; empty for an export of everything.</param>
internal sealed record ExportedRecording(string Subject, string Session, string Unit);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Exported))]
internal sealed partial class ExportIndexJson : JsonSerializerContext;

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core;

namespace SensorHub.Export;

/// <summary>
/// The folder that an export writes to. It is written unit by unit (a unit is what comes of one recording), each file under its name with
/// <c>.tmp</c> behind it until all files of the unit are whole. Then they get their names, and the unit a note of what it was made from. An
/// export that was cut off goes on behind the last unit with a note; nothing else is remembered, and no file holds a time of writing.
/// </summary>
public sealed class ExportFolder : IDisposable
{
    public const string Unfinished = WholeFile.Unfinished;

    /// <summary>Notes are kept in here, one a unit. Its name begins with a dot, so that validators and globs pass it by.</summary>
    public const string Notes = ".sensorhub";

    private readonly FileStream _lock;
    private readonly string _notes;

    private ExportFolder(string root, string format, FileStream @lock)
    {
        (Root, _lock) = (root, @lock);
        _notes = Path.Combine(root, Notes, format);
    }

    public string Root { get; }

    /// <summary>Makes the folder if it is not there, and clears away what an export that was cut off left.</summary>
    /// <param name="format">Units of several formats may share a folder.</param>
    /// <exception cref="UserException">It cannot be written, or another export writes to it.</exception>
    public static ExportFolder Open(string root, string format)
    {
        var full = Path.GetFullPath(root);
        try
        {
            var isOurs = Directory.Exists(Path.Combine(full, Notes));
            if (!isOurs && Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any())
                throw new UserException($"{root}: there is something in it that no export has written. Name a new or an empty folder with --out.");
            Directory.CreateDirectory(Path.Combine(full, Notes, format));
            FileStream @lock;
            try
            {
                @lock = new FileStream(Path.Combine(full, Notes, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                throw new UserException($"{root}: another export is writing to it. Wait until it has ended, or name another folder.");
            }
            foreach (var file in Directory.EnumerateFiles(full, "*" + Unfinished, SearchOption.AllDirectories))
                File.Delete(file);
            return new ExportFolder(full, format, @lock);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Cannot(root, e);
        }
    }

    /// <summary>The units that are whole, by name.</summary>
    public IReadOnlyList<UnitNote> Read() =>
        [.. Directory.EnumerateFiles(_notes, "*.json").Order(StringComparer.Ordinal).Select(file => ReadNote(file)).OfType<UnitNote>()];

    /// <summary>Begins a unit.</summary>
    /// <param name="name">Names it in this format: letters, digits, '-', '_', '='.</param>
    /// <param name="key">Everything that its bytes depend on.</param>
    /// <returns>Null when it is there already, made from the same.</returns>
    public ExportUnit? Begin(string name, string key)
    {
        var note = Path.Combine(_notes, name + ".json");
        var before = ReadNote(note);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        if (before?.Key == hash && before.Files.All(f => new FileInfo(Path.Combine(Root, f.Path)) is { Exists: true } info && info.Length == f.Bytes))
            return null;
        return new ExportUnit(this, name, note, hash, before);
    }

    /// <summary>Removes a unit: its files, folders that are empty then, and its note. One that is not there is removed already.</summary>
    /// <exception cref="UserException">A file cannot be removed.</exception>
    public void Remove(string name)
    {
        var note = Path.Combine(_notes, name + ".json");
        if (ReadNote(note) is not { } unit)
            return;
        try
        {
            foreach (var file in unit.Files.Select(f => Path.Combine(Root, f.Path)).Where(File.Exists))
            {
                File.Delete(file);
                for (var folder = Path.GetDirectoryName(file)!; folder != Root && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!)
                    Directory.Delete(folder);
            }
            File.Delete(note);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Cannot(Root, e);
        }
    }

    public void Dispose() => _lock.Dispose();

    internal static UserException Cannot(string path, Exception e) => WholeFile.Cannot(path, e);

    private static UnitNote? ReadNote(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), UnitNoteJson.Default.UnitNote) : null;
        }
        catch (JsonException)
        {
            return null; // not ours: the unit is made again
        }
    }
}

/// <summary>What comes of one recording, being written.</summary>
public sealed class ExportUnit
{
    private readonly ExportFolder _folder;
    private readonly string _name, _note, _key;
    private readonly UnitNote? _before;
    private readonly List<string> _files = [];

    internal ExportUnit(ExportFolder folder, string name, string note, string key, UnitNote? before) =>
        (_folder, _name, _note, _key, _before) = (folder, name, note, key, before);

    /// <summary>A new file of the unit, unfinished until <see cref="Complete"/>.</summary>
    /// <param name="path">In the folder, with '/' between.</param>
    /// <exception cref="UserException">It cannot be written.</exception>
    public FileStream Create(string path)
    {
        var full = Path.Combine(_folder.Root, path) + ExportFolder.Unfinished;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            _files.Add(path);
            return new FileStream(full, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ExportFolder.Cannot(full, e);
        }
    }

    /// <summary>A whole file: a byte order mark has it not, and line feeds alone.</summary>
    public void Write(string path, string text)
    {
        using var stream = Create(path);
        stream.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>There is nothing in a file after all.</summary>
    public void Leave(string path)
    {
        _files.Remove(path);
        File.Delete(Path.Combine(_folder.Root, path) + ExportFolder.Unfinished);
    }

    /// <summary>All files are whole and closed: they get their names.</summary>
    /// <param name="facts">What files of the whole folder are made from.</param>
    public void Complete(IReadOnlyDictionary<string, string> facts)
    {
        try
        {
            var files = new List<UnitFile>();
            foreach (var path in _files.Order(StringComparer.Ordinal))
            {
                var full = Path.Combine(_folder.Root, path);
                File.Move(full + ExportFolder.Unfinished, full, overwrite: true);
                files.Add(new UnitFile(path, new FileInfo(full).Length));
            }
            foreach (var old in _before?.Files ?? [])
                if (!_files.Contains(old.Path))
                    File.Delete(Path.Combine(_folder.Root, old.Path));
            WholeFile.Write(_note, JsonSerializer.SerializeToUtf8Bytes(
                new UnitNote(_name, _key, files, new SortedDictionary<string, string>(facts.ToDictionary(), StringComparer.Ordinal)), UnitNoteJson.Default.UnitNote));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ExportFolder.Cannot(_folder.Root, e);
        }
    }
}

/// <summary>What is known of a unit that is whole.</summary>
/// <param name="Key">Hash of everything that its bytes depend on.</param>
/// <param name="Facts">What files of the whole folder are made from.</param>
public sealed record UnitNote(string Name, string Key, IReadOnlyList<UnitFile> Files, SortedDictionary<string, string> Facts);

public sealed record UnitFile(string Path, long Bytes);

[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UnitNote))]
internal sealed partial class UnitNoteJson : JsonSerializerContext;

using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Rights.Places;

namespace SensorHub.Rights.Erasing;

/// <summary>
/// An erasure that has begun: whom it is about, and what they are found by, for once recordings are gone nothing else says which sessions were theirs. The one file
/// that names the person until the erasure is complete, readable by its owner alone; then it is removed.
/// </summary>
internal sealed record ErasureNote
{
    /// <summary>Folder of the notes in the data folder.</summary>
    public const string FolderName = "erasing";

    /// <summary>Of the erasure: random, so that it says nothing of whom it was about.</summary>
    public required string Id { get; init; }

    public required string Subject { get; init; }

    /// <summary>The person, not some sessions alone.</summary>
    public required bool IsWhole { get; init; }

    public required DateTimeOffset Begun { get; init; }

    public required IReadOnlyList<NotedSession> Sessions { get; init; }

    /// <summary>What was erased so far, by kind of place.</summary>
    public IReadOnlyDictionary<string, long> Erased { get; init; } = new Dictionary<string, long>();

    public bool IsLogged { get; init; }

    [JsonIgnore]
    public SubjectScope Scope => new(Slug.Parse(Subject), [.. Sessions.Select(s => new SessionSpan(Slug.Parse(s.Session), new Timestamp(s.FirstNs), new Timestamp(s.LastNs)))], IsWhole);

    public static ErasureNote Begin(SubjectScope scope, DateTimeOffset at) => new()
    {
        Id = RandomNumberGenerator.GetHexString(16, lowercase: true), Subject = scope.Subject.ToString(), IsWhole = scope.IsWhole, Begun = at, Sessions = Noted(scope.Sessions),
    };

    /// <summary>With sessions that were found besides.</summary>
    public ErasureNote With(IEnumerable<SessionSpan> sessions) => this with
    {
        Sessions = [.. Sessions.Concat(Noted(sessions)).GroupBy(s => s.Session).Select(g => g.MaxBy(s => s.LastNs)!).OrderBy(s => s.Session, StringComparer.Ordinal)],
    };

    /// <summary>Erasures that have begun and are not complete, the oldest first.</summary>
    /// <param name="data">The data folder.</param>
    /// <exception cref="UserException">One cannot be read.</exception>
    public static IReadOnlyList<ErasureNote> Find(string data)
    {
        var folder = Path.Combine(data, FolderName);
        return !Directory.Exists(folder) ? [] : Guarded.Do(folder, "read", () => Directory.GetFiles(folder, "*.json").Select(Read).OrderBy(n => n.Begun).ToList());
    }

    public void Keep(string data) => Guarded.Do(PathIn(data), "written", () =>
    {
        Directory.CreateDirectory(Path.Combine(data, FolderName));
        OwnersOnly.Write(PathIn(data), JsonSerializer.Serialize(this, ErasureJson.Default.ErasureNote));
    });

    /// <summary>The erasure is complete: the name goes.</summary>
    public void Remove(string data) => Guarded.Do(PathIn(data), "removed", () =>
    {
        File.Delete(PathIn(data));
        var folder = Path.Combine(data, FolderName);
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            Directory.Delete(folder);
    });

    private string PathIn(string data) => Path.Combine(data, FolderName, $"{Id}.json");

    private static ErasureNote Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), ErasureJson.Default.ErasureNote) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new UserException($"{file} is no note of an erasure ({e.Message}): remove it, and erase again.", e);
        }
    }

    private static IReadOnlyList<NotedSession> Noted(IEnumerable<SessionSpan> sessions) => [.. sessions.Select(s => new NotedSession(s.Session.ToString(), s.First.UnixNanoseconds, s.Last.UnixNanoseconds))];
}

/// <param name="FirstNs">Time of the first sample, Unix nanoseconds; 0 = not known.</param>
internal sealed record NotedSession(string Session, long FirstNs, long LastNs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ErasureNote))]
[JsonSerializable(typeof(ErasureRecord))]
internal sealed partial class ErasureJson : JsonSerializerContext;

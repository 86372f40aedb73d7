using System.Text.Json;
using SensorHub.Rights.Places;

namespace SensorHub.Rights.Erasing;

/// <summary>
/// What is kept of an erasure: <c>erasures/&lt;id&gt;.json</c> in the data folder. Nothing in it says whom it was about: no pseudonym, no session, and no hash of one,
/// for who guesses a name can hash it.
/// </summary>
internal sealed record ErasureRecord
{
    public const string FolderName = "erasures";
    public const string CurrentSchema = "erasure/1";

    public string Schema { get; init; } = CurrentSchema;

    public required string Id { get; init; }

    /// <summary>Of the last run.</summary>
    public required DateTimeOffset Time { get; init; }

    public required string Program { get; init; }

    /// <summary><c>person</c> or <c>sessions</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>Nothing was left, and every place was reached.</summary>
    public required bool Complete { get; init; }

    /// <summary>By kind of place, of all runs that came to an end.</summary>
    public required IReadOnlyDictionary<string, long> Erased { get; init; }

    /// <summary>How many names were looked for: the pseudonym and the sessions.</summary>
    public required int Names { get; init; }

    /// <summary>Some name had less than five characters: among bytes that are not text it was looked for by the structure of the file alone.</summary>
    public required bool ShortNames { get; init; }

    /// <summary>What was looked at, by what it is.</summary>
    public required IReadOnlyDictionary<string, long> Scanned { get; init; }

    /// <summary>Things that still name the person, by kind of place.</summary>
    public required IReadOnlyDictionary<string, long> Left { get; init; }

    /// <summary>What could not be erased or looked at, and why.</summary>
    public required IReadOnlyList<NotReached> NotReached { get; init; }

    /// <summary>What the scan cannot see.</summary>
    public required IReadOnlyList<string> Limits { get; init; }

    /// <returns>Its path.</returns>
    public string Keep(string data)
    {
        var path = Path.Combine(data, FolderName, $"{Id}.json");
        Guarded.Do(path, "written", () =>
        {
            Directory.CreateDirectory(Path.Combine(data, FolderName));
            OwnersOnly.Write(path, JsonSerializer.Serialize(this, ErasureJson.Default.ErasureRecord) + "\n");
        });
        return path;
    }
}

/// <param name="Place">Its kind.</param>
/// <param name="Reason">Without the names that were looked for.</param>
internal sealed record NotReached(string Place, string Reason);

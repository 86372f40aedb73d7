using System.Text.Json;
using System.Text.Json.Serialization;

namespace SensorHub.Storage.Schema;

/// <summary>
/// What is stored: measurements with their tags and fields, as schema.json says. The one description that feeds the
/// bridge, the line protocol, the tables of the embedded store, the history's queries and docs/schema.md.
/// </summary>
/// <param name="Version">Grows when a store of an older program can no longer be read as it is; new fields and measurements do not need that.</param>
/// <param name="Measurements">In the order of the file.</param>
public sealed record StorageSchema(int Version, IReadOnlyList<MeasurementSchema> Measurements)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The schema of this program.</summary>
    public static StorageSchema Current { get; } = Load();

    /// <exception cref="KeyNotFoundException">There is no such measurement.</exception>
    public MeasurementSchema this[string measurement] => Find(measurement)
        ?? throw new KeyNotFoundException($"The schema has no measurement '{measurement}'.");

    public MeasurementSchema? Find(string measurement) => Measurements.FirstOrDefault(m => m.Name == measurement);

    internal static StorageSchema Parse(Stream json) => JsonSerializer.Deserialize<StorageSchema>(json, Json)
        ?? throw new JsonException("The schema is null.");

    private static StorageSchema Load()
    {
        using var file = typeof(StorageSchema).Assembly.GetManifestResourceStream("schema.json")!;
        return Parse(file);
    }
}

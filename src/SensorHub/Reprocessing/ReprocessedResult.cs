using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Export;
using SensorHub.Export.Recordings;
using SensorHub.Export.Studies;
using SensorHub.Mqtt.Contract;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Reprocessing;

/// <summary>
/// What one version of the algorithms with one set of options makes of a recording: a folder <c>results/&lt;id&gt;</c> in it, with <c>result.json</c> (where the
/// numbers come from) and <c>features.jsonl.gz</c> (the final payloads as on MQTT, one a line, in the order in which they became certain). The id follows
/// from the recording's bytes, the program's build and the options: the same again gives the same folder, anything else another, and none is ever written over.
/// </summary>
internal static class ReprocessedResult
{
    public const string Features = "features.jsonl.gz";
    public const string About = "result.json";

    /// <summary>Folder of the results of a recording.</summary>
    /// <param name="into">Null = in the recording itself.</param>
    public static string RootOf(string recording, string? into) =>
        into is null ? Path.Combine(recording, "results") : Path.Combine(into, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(recording))));

    /// <summary>Computes it, unless it is there.</summary>
    /// <param name="done">Told how much of the recording is behind.</param>
    /// <returns>Its folder, how many features are in it, how long the session was; and whether it was there already.</returns>
    /// <exception cref="UserException">The recording cannot be read, or the folder cannot be written.</exception>
    public static async Task<(string Folder, long Features, TimeSpan Length, bool WasThere)> MakeAsync(
        string recording, string? into, FeatureOptions options, Action<RecordingDamage> damaged, Action<TimeSpan> done, CancellationToken cancellationToken)
    {
        var reader = SessionReader.Open(recording, options, damaged, cancellationToken: cancellationToken);
        var outline = reader.Outline;
        var provenance = Provenance.Of(reader, new StudyEntry(recording, outline.Subject.ToString(), null, "reprocess"), options) with
        {
            Outline = outline with { Imported = [] }, // no feature depends on them: with them or without it is the same result
        };
        var id = $"{provenance.Algorithm}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(provenance.Key)))[..12]}";
        var root = RootOf(recording, into);
        var folder = Path.Combine(root, id);
        if (Directory.Exists(folder))
            return (folder, CountOf(folder), outline.End - outline.Start, true);

        var unfinished = Path.Combine(root, $".{id}.tmp");
        try
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
            Directory.CreateDirectory(unfinished);
            var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
            using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                await using (var file = File.Create(Path.Combine(unfinished, Features)))
                await using (var packed = new GZipStream(file, CompressionLevel.Fastest))
                    foreach (var step in CompleteReading.Read(RecordingReader.Read(recording), options))
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        foreach (var feature in step.Features.Where(Recomputation.IsComputed))
                            await WriteAsync(packed, hash, feature, counts, cancellationToken);
                        if (step.Record is { } record)
                            done(record.At - outline.Start);
                    }
                var about = new JsonObject
                {
                    ["schema"] = "result/1",
                    ["id"] = id,
                    ["provenance"] = new JsonObject(provenance.Facts.Where(f => f.Name is not ("participant" or "session" or "task" or "protocol")).Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))),
                    ["features"] = new JsonObject(counts.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))),
                    ["features_sha256"] = Convert.ToHexStringLower(hash.GetHashAndReset()),
                    ["options"] = JsonSerializer.SerializeToNode(options),
                };
                await File.WriteAllTextAsync(Path.Combine(unfinished, About), about.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n", cancellationToken);
            }
            Directory.Move(unfinished, folder);
            return (folder, counts.Values.Sum(), outline.End - outline.Start, false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{folder} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>The payloads of a result, in their order.</summary>
    /// <param name="folder">Of the result.</param>
    /// <exception cref="UserException">There is none, or it cannot be read.</exception>
    public static IEnumerable<JsonElement> Read(string folder)
    {
        var path = Path.Combine(folder, Features);
        if (!File.Exists(path))
            throw new UserException($"{folder}: there is no result ({Features}); 'sensorhub reprocess RECORDING' makes one in the recording's folder results.");
        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var lines = new StreamReader(packed);
        for (var number = 1; NextLine(lines, path) is { } line; number++)
        {
            JsonElement payload;
            try
            {
                payload = JsonElement.Parse(line);
            }
            catch (JsonException e)
            {
                throw new UserException(FormattableString.Invariant($"{path}: line {number} is no payload."), e);
            }
            yield return payload;
        }
    }

    private static string? NextLine(StreamReader lines, string path)
    {
        try
        {
            return lines.ReadLine();
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new UserException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static async Task WriteAsync(Stream to, IncrementalHash hash, Feature feature, SortedDictionary<string, long> counts, CancellationToken cancellationToken)
    {
        Payload payload;
        byte[] line;
        try
        {
            payload = FeaturePayloads.From(feature);
            line = [.. FeaturePayloads.Serialize(payload), (byte)'\n'];
        }
        catch (ArgumentException)
        {
            return; // a required number of it is not finite: it is not published either
        }
        await to.WriteAsync(line, cancellationToken);
        hash.AppendData(line);
        counts[payload.Schema] = counts.GetValueOrDefault(payload.Schema) + 1;
    }

    private static long CountOf(string folder)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(Path.Combine(folder, About)))?["features"]?.AsObject().Sum(f => f.Value!.GetValue<long>()) ?? 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new UserException($"{folder}: {About} cannot be read: move the folder away, and it is made anew.", e);
        }
    }
}

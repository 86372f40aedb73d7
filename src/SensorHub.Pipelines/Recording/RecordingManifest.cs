using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Quality;

namespace SensorHub.Pipelines.Recording;

/// <summary>
/// What is in a recording, and by what it is known again: <c>manifest.json</c> in its folder, made of its segments when it is closed. README.md, "Manifest".
/// The segments alone are the truth; a manifest can be made anew at any time.
/// </summary>
public sealed record RecordingManifest
{
    public const string FileName = "manifest.json";
    public const string CurrentSchema = "recording/1";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new AsText<Slug>(Slug.Parse), new AsText<Timestamp>(Timestamp.Parse), new Seconds() },
    };

    public string Schema { get; init; } = CurrentSchema;

    /// <summary>Of the program that wrote it.</summary>
    public required string Program { get; init; }

    public required IReadOnlyList<SegmentFile> Segments { get; init; }

    /// <summary>Records of each kind.</summary>
    public required IReadOnlyDictionary<string, long> Records { get; init; }

    /// <summary>What the person had consented to when the session began, by the number of each consent and its purpose; empty = told of none.</summary>
    public IReadOnlyList<string> Consents { get; init; } = [];

    /// <summary>What was said, in its order: session, calibrations, muscles, pain, steps.</summary>
    public required IReadOnlyList<MarkerSaid> Markers { get; init; }

    /// <summary>Of which study the session is and which tasks were done; null = of none.</summary>
    public StudyPart? Study { get; init; }

    /// <summary>Of <see cref="ImportedMarkers"/>; null = there are none.</summary>
    public SegmentFile? Imported { get; init; }

    /// <summary>Sensors with their firmware, clocks, calibrations, gaps.</summary>
    public required SessionQuality Quality { get; init; }

    /// <summary>Reads through the recording.</summary>
    /// <param name="folder">Of the recording.</param>
    /// <param name="consents">What is known of them.</param>
    /// <exception cref="UserException">There is no recording; or a file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static RecordingManifest Of(string folder, IReadOnlyList<string>? consents = null, CancellationToken cancellationToken = default)
    {
        var records = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var markers = new List<MarkerSaid>();
        var quality = new QualityMeter();
        var study = new RecordedStudy();
        foreach (var step in CompleteReading.Read(RecordingReader.Read(folder)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            quality.Add(step);
            if (step.Record is not { } record)
                continue;
            var kind = Name(record is SensorRecord.Marked { Marker: var said } ? said.GetType() : record.GetType());
            records[kind] = records.GetValueOrDefault(kind) + 1;
            if (record is SensorRecord.Marked marked)
            {
                markers.Add(new MarkerSaid(marked.At, kind));
                study.Take(marked.At, marked.Marker);
            }
        }
        return new RecordingManifest
        {
            Program = $"SensorHub {typeof(RecordingManifest).Assembly.GetName().Version!.ToString(3)}",
            Segments = [.. RecordingReader.FilesOf(folder).Select(SegmentFile.Of)],
            Records = records,
            Consents = consents ?? [],
            Markers = markers,
            Study = study.Joined is { } joined ? new StudyPart(joined.Study, joined.Protocol, joined.Participant, joined.Visit, joined.Arm, [.. study.Tasks]) : null,
            Imported = File.Exists(Path.Combine(folder, ImportedMarkers.FileName)) ? SegmentFile.Of(Path.Combine(folder, ImportedMarkers.FileName)) : null,
            Quality = quality.Quality,
        };
    }

    /// <summary>That of the folder; null when it has none that can be read.</summary>
    public static RecordingManifest? Read(string folder)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<RecordingManifest>(File.ReadAllBytes(Path.Combine(folder, FileName)), Json);
            return manifest?.Schema == CurrentSchema ? manifest : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or NotSupportedException)
        {
            return null;
        }
    }

    public string Write() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>Writes it whole or not at all.</summary>
    /// <exception cref="UserException">The folder cannot be written.</exception>
    public void WriteTo(string folder) => WholeFile.Write(Path.Combine(folder, FileName), Write());

    private static string Name(Type type) => JsonNamingPolicy.SnakeCaseLower.ConvertName(type.Name);

    private sealed class AsText<T>(Func<string, T> parse) : JsonConverter<T> where T : struct
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString() is { Length: > 0 } text ? parse(text) : default;

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    private sealed class Seconds : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => TimeSpan.FromSeconds(reader.GetDouble());

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue(value.TotalSeconds);
    }
}

/// <param name="File">Its name in the folder.</param>
/// <param name="Sha256">Of its bytes, in hexadecimal.</param>
public sealed record SegmentFile(string File, long Bytes, string Sha256)
{
    /// <exception cref="UserException">It cannot be read.</exception>
    internal static SegmentFile Of(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new SegmentFile(Path.GetFileName(path), stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path}: cannot be read: {e.Message}", e);
        }
    }
}

/// <param name="Kind">Such as <c>stand_calibration</c>.</param>
public sealed record MarkerSaid(Timestamp At, string Kind);

/// <summary>As the session's markers say it: <see cref="Core.Sessions.Marker.StudyJoined"/>.</summary>
/// <param name="Tasks">Those that were done, in their order.</param>
public sealed record StudyPart(Slug Study, string Protocol, Slug Participant, Slug Visit, Slug Arm, IReadOnlyList<RecordedTask> Tasks);

using System.Globalization;
using System.Text.Json;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Storage.Bridging;

/// <summary>Why a message is none of the contract, in a word that is the same for all of its kind. Only read where something is wrong already.</summary>
public static class Poison
{
    /// <summary>The longest topic of the contract has 110 characters.</summary>
    private const int LongestTopic = 200;

    public const string NotJson = "not-json";
    public const string NotFinite = "not-finite";
    public const string TooLarge = "too-large";
    public const string WrongSchema = "wrong-schema";
    public const string UnknownVersion = "unknown-version";
    public const string FieldTypeConflict = "field-type-conflict";
    public const string Malformed = "malformed";
    public const string BadTag = "bad-tag";
    public const string ForeignTopic = "foreign-topic";
    public const string HostileTopic = "hostile-topic";

    public static PointResult Explain(string topic, ReadOnlySpan<byte> payload, PayloadResult read) => read.Status switch
    {
        PayloadStatus.ForeignTopic when HostileIn(topic) is { } what => PointResult.Rejected(HostileTopic, what),
        PayloadStatus.ForeignTopic => PointResult.Rejected(ForeignTopic, $"the topic is none of {Topics.Root}: a name in it is 1 to 40 of a-z, 0-9 and '-', the last level posture, rolling, events, cues or session"),
        PayloadStatus.UnknownSchema => PointResult.Rejected(IsOtherVersion(payload, read.Topic.Kind) ? UnknownVersion : WrongSchema, read.Reason),
        PayloadStatus.WrongType => NotFiniteIn(payload) is { } where ? PointResult.Rejected(NotFinite, where) : PointResult.Rejected(FieldTypeConflict, read.Reason),
        _ when payload.Length > PayloadReader.MaxBytes => PointResult.Rejected(TooLarge, read.Reason),
        _ => OfJson(payload, read.Reason),
    };

    private static string? HostileIn(string topic)
    {
        if (topic.Length > LongestTopic)
            return $"a topic of {topic.Length} characters";
        if (topic.AsSpan().IndexOfAny('+', '#', '$') >= 0)
            return "a wildcard in the topic";
        if (topic.Any(char.IsControl))
            return "a control character in the topic";
        return topic.Split('/').Any(level => level is "." or ".." || level.Contains('\\', StringComparison.Ordinal)) ? "a path in the topic" : null;
    }

    /// <summary>JSON of another shape, or none.</summary>
    private static PointResult OfJson(ReadOnlySpan<byte> payload, string reason)
    {
        if (NotFiniteIn(payload) is { } where)
            return PointResult.Rejected(NotFinite, where);
        try
        {
            using var json = JsonDocument.Parse(payload.ToArray());
            return json.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("schema", out _)
                ? PointResult.Rejected(Malformed, reason)
                : PointResult.Rejected(WrongSchema, "no 'schema' says what it is");
        }
        catch (JsonException e)
        {
            return PointResult.Rejected(NotJson, e.Message);
        }
    }

    /// <summary>A number beyond what a double holds, or one of the words that JSON does not have and some writers write all the same.</summary>
    private static string? NotFiniteIn(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        try
        {
            while (reader.Read())
                if (reader.TokenType == JsonTokenType.Number && !(reader.TryGetDouble(out var number) && double.IsFinite(number)))
                    return "a number that is larger than any";
            return null;
        }
        catch (JsonException)
        {
            var rest = payload[(int)reader.BytesConsumed..].TrimStart(" \t\r\n:,[-+"u8);
            return rest.StartsWith("NaN"u8) || rest.StartsWith("nan"u8) || rest.StartsWith("Inf"u8) || rest.StartsWith("inf"u8) ? "a number that is none: NaN or Infinity" : null;
        }
    }

    /// <summary>Of the kind that the topic carries, in a version that this program does not know.</summary>
    private static bool IsOtherVersion(ReadOnlySpan<byte> payload, TopicKind kind)
    {
        var expected = kind switch
        {
            TopicKind.SensorStatus => Schemas.Sensor,
            TopicKind.Posture => Schemas.Posture,
            TopicKind.Rolling => Schemas.Rolling,
            TopicKind.Events => Schemas.Event,
            TopicKind.Cues => Schemas.Cue,
            _ => Schemas.Session,
        };
        try
        {
            var reader = new Utf8JsonReader(payload);
            using var json = JsonDocument.ParseValue(ref reader);
            return json.RootElement.GetProperty("schema").GetString()!.StartsWith(expected[..(expected.IndexOf('/', StringComparison.Ordinal) + 1)], StringComparison.Ordinal);
        }
        catch (JsonException)
        {
            return false; // the schema came before what is broken
        }
    }

    /// <summary>One line of printable characters, for logs and tables: a sender may put anything into a topic.</summary>
    public static string Printable(string text, int longest = 200)
    {
        var line = string.Concat(text.Take(longest).Select(c => IsUnprintable(c) ? '\uFFFD' : c));
        return text.Length > longest ? line + "…" : line;
    }

    private static bool IsUnprintable(char c) => char.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}

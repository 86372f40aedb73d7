using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SensorHub.Core;
using SensorHub.Pipelines;

namespace SensorHub.Reprocessing;

/// <summary>Options of the estimates as JSON, by the names of docs/constants.md; durations in seconds. A file needs to name only what it changes.</summary>
internal static class OptionsFile
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n", Converters = { new JsonStringEnumConverter(), new Seconds() } };

    /// <summary>All of them, as they are by default.</summary>
    public static string Defaults => JsonSerializer.Serialize(new FeatureOptions(), Json);

    /// <exception cref="UserException">It cannot be read, or names what is no option, or gives it what it does not take.</exception>
    public static FeatureOptions Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path} cannot be read: {e.Message}", e);
        }
        try
        {
            var options = JsonSerializer.SerializeToNode(new FeatureOptions(), Json)!.AsObject();
            if (JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }) is not JsonObject changes)
                throw new UserException($"{path}: this is no object of options such as {{\"Reminders\": {{\"SittingHold\": 60}}}}.");
            Merge(options, changes, "", path);
            var read = options.Deserialize<FeatureOptions>(Json)!;
            Constants.CheckAll(read);
            return read;
        }
        catch (JsonException e)
        {
            throw new UserException($"{path}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (UserException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new UserException($"{path}: {e.Message}", e);
        }
    }

    private static void Merge(JsonObject into, JsonObject changes, string at, string path)
    {
        foreach (var (name, change) in changes)
        {
            var key = into.Select(p => p.Key).FirstOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new UserException($"{path}: {at}{name} is no option; docs/constants.md and 'sensorhub reprocess --print-options' list them.");
            if (into[key] is JsonObject inner && change is JsonObject more)
                Merge(inner, more, $"{at}{key}.", path);
            else
                into[key] = change?.DeepClone();
        }
    }

    private sealed class Seconds : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => TimeSpan.FromSeconds(reader.GetDouble());

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue(value.TotalSeconds);
    }
}

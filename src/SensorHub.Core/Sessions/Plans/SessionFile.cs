using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SensorHub.Core.Sessions.Plans;

/// <summary>
/// Files that people write by hand: JSON with a <c>schema</c> such as <c>plan/1</c>, names in snake case with their units.
/// Comments and trailing commas are read over; an unknown name is an error, so that a misspelt one is not silently ignored.
/// </summary>
internal static class SessionFile
{
    /// <param name="json">The file's text.</param>
    /// <param name="called">The file, as the error names it.</param>
    /// <param name="kind"><c>plan</c>.</param>
    /// <param name="version">The newest version that is read.</param>
    /// <param name="type">What to read.</param>
    /// <exception cref="UserException">It is no such file; one line says where and why.</exception>
    public static T Parse<T>(string json, string called, string kind, int version, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            using (var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }))
                CheckSchema(document.RootElement, called, kind, version);
            return JsonSerializer.Deserialize(json, type) ?? throw new UserException($"{called}: this is no {kind}.");
        }
        catch (JsonException e)
        {
            var place = e.LineNumber is { } line ? string.Create(CultureInfo.InvariantCulture, $" line {line + 1}:") : "";
            throw new UserException($"{called}:{place} {FirstSentence(e.Message)}", e);
        }
    }

    /// <exception cref="UserException">The file cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UserException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <exception cref="UserException">The text is no id.</exception>
    public static Slug Id(string? text, string called) => Slug.TryParse(text, out var id)
        ? id
        : throw new UserException($"{called}: the id '{text}' is not a name: use 1 to {Slug.MaxLength} of a-z, 0-9 and '-'.");

    /// <param name="what"><c>muscle</c>.</param>
    /// <exception cref="UserException">Nothing has this name.</exception>
    public static T Named<T>(string? name, string what, string called) where T : struct, Enum => EnumNames.TryParse<T>(name, out var value)
        ? value
        : throw new UserException($"{called}: no {what} is called '{name}'; there are {string.Join(", ", EnumNames.All<T>())}.");

    private static void CheckSchema(JsonElement root, string called, string kind, int version)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("schema", out var schema) || schema.ValueKind != JsonValueKind.String)
            throw new UserException($"{called}: this is no {kind}: it does not begin with \"schema\": \"{kind}/{version}\".");
        var parts = schema.GetString()!.Split('/');
        if (parts is not [var name, var number] || name != kind || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var given) || given < 1)
            throw new UserException($"{called}: its schema is '{schema.GetString()}' where '{kind}/{version}' is read.");
        if (given > version)
            throw new UserException($"{called}: it is of version {given}, written by a newer program; this one reads up to version {version}. Update SensorHub.");
    }

    /// <summary>Without the path and byte position that the serializer appends.</summary>
    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal) is var path and >= 0 ? path : message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).ReplaceLineEndings(" ");
    }
}

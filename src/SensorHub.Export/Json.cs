using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SensorHub.Export;

internal static class Json
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Indented, with line feeds; properties in the order in which they were added.</summary>
    public static string Text(JsonNode node) => node.ToJsonString(Options) + "\n";
}

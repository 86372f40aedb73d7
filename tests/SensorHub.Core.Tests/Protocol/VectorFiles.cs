using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SensorHub.Core.Protocol;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Protocol;

/// <summary>The files of firmware-protocol/vectors: written from <see cref="Cases"/>, read back as data.</summary>
public static class VectorFiles
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string FirmwareProtocol { get; } = Repository.PathOf("firmware-protocol");

    public static string PathOf(string file) => Path.Combine(FirmwareProtocol, "vectors", file);

    /// <summary>One member of a vector per line, so that a diff shows which.</summary>
    public static string Write(IEnumerable<Vector> vectors)
    {
        var text = new StringBuilder();
        text.Append("{\n  \"protocol\": \"").Append(FrameCodec.Major).Append('.').Append(FrameCodec.Minor).Append("\",\n  \"vectors\": [");
        var separator = "\n";
        foreach (var vector in vectors)
        {
            text.Append(separator).Append("    {\n      \"name\": ").Append(Text(vector.Name));
            if (vector.About.Length > 0)
                text.Append(",\n      \"about\": ").Append(Text(vector.About));
            text.Append(",\n      \"bytes\": ").Append(Text(Convert.ToHexStringLower(vector.Bytes)));
            foreach (var (name, value) in vector.Expected)
                text.Append(",\n      ").Append(Text(name)).Append(": ").Append(Text(value));
            text.Append("\n    }");
            separator = ",\n";
        }
        return text.Append("\n  ]\n}\n").ToString();
    }

    public static Vector[] Read(string file)
    {
        var json = JsonNode.Parse(File.ReadAllText(PathOf(file)))!;
        return [.. json["vectors"]!.AsArray().Select(v => Vector(v!.AsObject()))];

        static Vector Vector(JsonObject json) => new(
            (string)json["name"]!, (string?)json["about"] ?? "", Convert.FromHexString((string)json["bytes"]!),
            new JsonObject(json.Where(m => m.Key is not ("name" or "about" or "bytes")).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))));
    }

    public static string Text(JsonNode? value) => value?.ToJsonString(Compact) ?? "null";
}

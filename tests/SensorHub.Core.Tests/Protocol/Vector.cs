using System.Text.Json;
using System.Text.Json.Nodes;
using SensorHub.Core.Protocol;

namespace SensorHub.Core.Tests.Protocol;

/// <summary>A named case of firmware-protocol/vectors: bytes in, status and values out.</summary>
public sealed record Vector(string Name, string About, byte[] Bytes, JsonObject Expected)
{
    /// <summary>The value a decoder gives, or null when it refuses.</summary>
    public JsonNode? Value(string name) => Expected[name];

    public int Status => (int)Expected["status"]!;

    public override string ToString() => Name;
}

/// <summary>Values as the vector files have them: numbers as numbers, except u64, which JSON readers round.</summary>
public static class Json
{
    public static JsonObject Of(SensorDescriptor d)
    {
        var json = new JsonObject
        {
            ["minor"] = d.ProtocolMinor,
            ["kind"] = (byte)d.Kind,
            ["serial"] = d.Serial,
            ["firmware"] = d.Firmware,
            ["tick_rate"] = d.TickRate,
            ["elements"] = Array(d.Elements, e => new JsonObject { ["id"] = e.Id, ["role"] = (byte)e.Role }),
            ["streams"] = Array(d.Streams, s => new JsonObject
            {
                ["id"] = s.Id,
                ["kind"] = (byte)s.Kind,
                ["element"] = s.Element,
                ["buffer_depth"] = s.BufferDepth,
                ["sample_size"] = s.SampleSize,
                ["periods"] = Array(s.Periods, p => p),
                ["channels"] = Array(s.Channels, c => new JsonObject
                {
                    ["quantity"] = (byte)c.Quantity,
                    ["axis"] = c.Axis,
                    ["type"] = (byte)c.Type,
                    ["scale"] = c.Scale,
                    ["offset"] = c.Offset,
                }),
            }),
            ["load_calibrations"] = Array(d.LoadCalibrations, Of),
        };
        if (d.Roller is { } r)
            json["roller"] = new JsonObject { ["radius_m"] = r.Radius, ["length_m"] = r.Length, ["firm"] = r.Firm, ["arrangement"] = (byte)r.Arrangement };
        return json;
    }

    public static JsonObject Of(FrameHeader h) => new()
    {
        ["minor"] = h.Minor,
        ["stream"] = h.Stream,
        ["flags"] = (byte)h.Flags,
        ["count"] = h.Count,
        ["boot_id"] = h.BootId,
        ["sequence"] = h.Sequence,
        ["ticks"] = Of(h.Ticks),
        ["period"] = h.Period,
    };

    public static JsonObject Of(ControlRequest request)
    {
        var json = new JsonObject { ["op"] = (byte)request.Op };
        switch (request)
        {
            case ControlRequest.Start r: Add(json, ("stream", r.Stream), ("period", r.Period), ("latency_ms", r.LatencyMilliseconds)); break;
            case ControlRequest.Stop r: Add(json, ("stream", r.Stream)); break;
            case ControlRequest.ExchangeTime r: Add(json, ("cookie", r.Cookie)); break;
            case ControlRequest.FetchBacklog r: Add(json, ("stream", r.Stream), ("boot_id", r.BootId), ("sequence", r.Sequence), ("count", r.Count)); break;
            case ControlRequest.GetRange r: Add(json, ("stream", r.Stream)); break;
            case ControlRequest.Identify r: Add(json, ("seconds", r.Seconds)); break;
            case ControlRequest.ZeroLoad r: Add(json, ("cells", r.Cells)); break;
            case ControlRequest.SetLoadCalibration r: json["calibration"] = Of(r.Calibration); break;
            default: break;
        }
        return json;
    }

    public static JsonObject Of(ControlResponse response)
    {
        var json = new JsonObject { ["op"] = (byte)response.Op, ["control_status"] = (byte)response.Status };
        switch (response)
        {
            case ControlResponse.State r: Add(json, ("boot_id", r.BootId), ("ticks", Of(r.Ticks)), ("streaming", r.Streaming)); break;
            case ControlResponse.Started r: Add(json, ("stream", r.Stream), ("period", r.Period), ("samples_per_frame", r.SamplesPerFrame), ("sequence", r.NextSequence)); break;
            case ControlResponse.Time r: Add(json, ("cookie", r.Cookie), ("boot_id", r.BootId), ("received", Of(r.Received)), ("sent", Of(r.Sent))); break;
            case ControlResponse.Backlog r: Add(json, ("stream", r.Stream), ("sequence", r.Sequence), ("count", r.Count)); break;
            case ControlResponse.Range r: Add(json, ("stream", r.Stream), ("boot_id", r.BootId), ("sequence", r.Sequence), ("count", r.Count)); break;
            default: break;
        }
        return json;
    }

    public static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> item) => new([.. items.Select(item)]);

    private static JsonObject Of(LoadCalibration c) => new()
    {
        ["cell"] = c.Axis,
        ["gain"] = c.Gain,
        ["zero"] = c.Zero,
        ["temperature_coefficient"] = c.TemperatureCoefficient,
        ["reference_temperature"] = c.ReferenceTemperature,
    };

    private static JsonNode Of(ulong value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void Add(JsonObject json, params ReadOnlySpan<(string Name, JsonNode Value)> members)
    {
        foreach (var (name, value) in members)
            json[name] = value;
    }
}

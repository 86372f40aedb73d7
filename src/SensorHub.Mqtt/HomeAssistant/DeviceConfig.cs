using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SensorHub.Mqtt.HomeAssistant;

/// <summary>
/// A device as Home Assistant takes it: one retained message with all entities of the device. Full key names; an unknown
/// key outside of the components would have the whole device refused, so there are none that older versions do not know.
/// </summary>
internal sealed record DeviceConfig
{
    public required DeviceInfo Device { get; init; }

    public required OriginInfo Origin { get; init; }

    /// <summary>By a key that is unique in the device and never changes.</summary>
    public required IReadOnlyDictionary<string, ComponentConfig> Components { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, HomeAssistantJson.Readable.DeviceConfig);
}

internal sealed record DeviceInfo
{
    public required IReadOnlyList<string> Identifiers { get; init; }
    public required string Name { get; init; }
    public required string Manufacturer { get; init; }
    public required string Model { get; init; }
    public string? SerialNumber { get; init; }
    public string? SwVersion { get; init; }

    /// <summary>Identifier of the device that it is reached through.</summary>
    public string? ViaDevice { get; init; }
}

/// <summary>Who announces it: shown in Home Assistant's log.</summary>
internal sealed record OriginInfo(string Name, string SwVersion);

/// <summary>An entity.</summary>
internal sealed record ComponentConfig
{
    public required string Platform { get; init; }
    public required string Name { get; init; }
    public required string UniqueId { get; init; }
    public string? DeviceClass { get; init; }
    public string? StateClass { get; init; }
    public string? UnitOfMeasurement { get; init; }
    public int? SuggestedDisplayPrecision { get; init; }
    public IReadOnlyList<string>? Options { get; init; }
    public IReadOnlyList<string>? EventTypes { get; init; }
    public string? EntityCategory { get; init; }
    public string? Icon { get; init; }
    public required string StateTopic { get; init; }
    public required string ValueTemplate { get; init; }
    public string? JsonAttributesTopic { get; init; }
    public string? JsonAttributesTemplate { get; init; }

    /// <summary>Seconds.</summary>
    public int? ExpireAfter { get; init; }

    public IReadOnlyList<AvailabilityConfig>? Availability { get; init; }
    public string? AvailabilityMode { get; init; }
}

/// <param name="ValueTemplate">Renders <c>online</c> or <c>offline</c>.</param>
internal sealed record AvailabilityConfig(string Topic, string ValueTemplate);

[JsonSerializable(typeof(DeviceConfig))]
internal sealed partial class HomeAssistantJson : JsonSerializerContext
{
    /// <summary>Names as Home Assistant writes them. Templates are full of quotation marks, which the default encoder would write as \u0027.</summary>
    public static HomeAssistantJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

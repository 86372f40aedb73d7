using System.Text.Json;
using System.Text.Json.Serialization;

namespace SensorHub.Mqtt.Contract;

/// <summary>JSON has no infinity, yet a reader makes one of 1e999: here that is a bad payload, not a value.</summary>
internal sealed class FiniteNumberConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && reader.GetDouble() is var value && double.IsFinite(value)
            ? value
            : throw new JsonException("A number is expected.");

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

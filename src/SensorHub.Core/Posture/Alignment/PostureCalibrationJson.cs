using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Alignment;

/// <summary>
/// A calibration as a JSON document, schema 1. Numbers are written so that they read back to the last bit; times have all
/// their nanoseconds.
/// </summary>
public static class PostureCalibrationJson
{
    private const int Schema = 1;

    public static string Write(PostureCalibration calibration) =>
        JsonSerializer.Serialize(Document.From(calibration), CalibrationDocuments.Default.Document);

    /// <exception cref="FormatException">The text is no such document; the message says why in one line.</exception>
    public static PostureCalibration Read(string json)
    {
        try
        {
            var document = JsonSerializer.Deserialize(json, CalibrationDocuments.Default.Document) ?? throw new FormatException("it says null");
            return document.Schema == Schema
                ? document.ToCalibration()
                : throw new FormatException(FormattableString.Invariant($"it has schema {document.Schema}; this version reads {Schema}"));
        }
        catch (JsonException e)
        {
            throw new FormatException(FormattableString.Invariant($"line {e.LineNumber + 1}, {e.Path ?? "$"}: not what a calibration has there"), e);
        }
    }

    internal sealed record Document
    {
        public required int Schema { get; init; }

        public required long TimeUnixNs { get; init; }

        public required string Sensor { get; init; }

        public string? Attachment { get; init; }

        public required CalibrationMethod Method { get; init; }

        public Element? Lower { get; init; }

        public Element? Upper { get; init; }

        public bool LooksSwapped { get; init; }

        public static Document From(PostureCalibration c) => new()
        {
            Schema = PostureCalibrationJson.Schema,
            TimeUnixNs = c.Time.UnixNanoseconds,
            Sensor = c.Sensor.ToString(),
            Attachment = c.Attachment.IsNone ? null : c.Attachment.ToString(),
            Method = c.Method,
            Lower = Element.From(c.Lower),
            Upper = Element.From(c.Upper),
            LooksSwapped = c.LooksSwapped,
        };

        public PostureCalibration ToCalibration() => new()
        {
            Time = new Timestamp(TimeUnixNs),
            Sensor = Slug.Parse(Sensor),
            Attachment = Attachment is null ? default : Slug.Parse(Attachment),
            Method = Enum.IsDefined(Method) ? Method : throw new FormatException("its method is not known"),
            Lower = Lower?.ToElement(),
            Upper = Upper?.ToElement(),
            LooksSwapped = LooksSwapped,
        };
    }

    /// <param name="Alignment">w, x, y, z: sensor → segment frame.</param>
    /// <param name="Up">x, y, z, sensor frame.</param>
    internal sealed record Element(
        IReadOnlyList<double> Alignment, Mounting Mounting, IReadOnlyList<double> Up, Angle StandingDeg, double SwayDeg, double? AxisExplained = null, double? BendDepthDeg = null, Angle? SittingDeg = null)
    {
        public static Element? From(ElementCalibration? e) => e is null ? null : new(
            [e.Alignment.W, e.Alignment.X, e.Alignment.Y, e.Alignment.Z], e.Mounting, [e.Up.X, e.Up.Y, e.Up.Z], new Angle(e.Standing.Value, e.Standing.StandardUncertainty), e.Sway,
            e.AxisExplained, e.BendDepth, e.Sitting is { } sitting ? new Angle(sitting.Value, sitting.StandardUncertainty) : null);

        public ElementCalibration ToElement() => new()
        {
            Alignment = Alignment is [var w, var x, var y, var z] && Math.Abs(w * w + x * x + y * y + z * z - 1) < 1e-6
                ? new Rotation(w, x, y, z)
                : throw new FormatException("alignment is not a unit quaternion w, x, y, z"),
            Mounting = Enum.IsDefined(Mounting) ? Mounting : throw new FormatException("its mounting is not known"),
            Up = Up is [var ux, var uy, var uz] && Math.Abs(ux * ux + uy * uy + uz * uz - 1) < 1e-6
                ? new Vector3D(ux, uy, uz)
                : throw new FormatException("up is not a unit vector x, y, z"),
            Standing = StandingDeg.ToMeasured(),
            Sway = SwayDeg,
            AxisExplained = AxisExplained,
            BendDepth = BendDepthDeg,
            Sitting = SittingDeg?.ToMeasured(),
        };
    }

    /// <summary>Both in the unit that the name of the field says.</summary>
    internal sealed record Angle(double Value, double StandardUncertainty)
    {
        public Measured ToMeasured() => new(Value, StandardUncertainty);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, WriteIndented = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PostureCalibrationJson.Document))]
internal sealed partial class CalibrationDocuments : JsonSerializerContext;

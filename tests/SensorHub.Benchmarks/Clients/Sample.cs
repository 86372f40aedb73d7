using SensorHub.Core.Timing;
using SensorHub.Storage;
using SensorHub.Storage.Schema;

namespace SensorHub.Benchmarks.Clients;

/// <summary>Points as they are stored, in two sizes. Their times differ, their numbers wander as measured ones do.</summary>
internal static class Sample
{
    private static readonly Timestamp Start = Timestamp.Parse("2026-01-31T12:00:00Z");

    /// <summary>A full posture: 4 tags, 5 texts and 12 numbers.</summary>
    public static Point Posture(int number)
    {
        var point = Part(number);
        point["session"] = "s1";
        point["calibration"] = "19c1a2b3c4d";
        foreach (var field in point.Measurement.Fields.Where(f => f.Type == FieldType.Float))
            point[field.Name] = Math.Round(40 * Math.Sin(0.001 * number * field.Name.Length), 3);
        return point;
    }

    /// <summary>A posture that knows little: 4 tags, 3 texts and 2 numbers; a line of about 200 bytes.</summary>
    public static Point Part(int number)
    {
        var point = new Point(StorageSchema.Current["posture"], Start + TimeSpan.FromMilliseconds(40 * number))
            .WithTag("hub", "home").WithTag("subject", "p1").WithTag("sensor", "clip-1").WithTag("method", "two-element-gravity");
        point["finality"] = "live";
        point["phase"] = "standing";
        point["quality"] = "good";
        point["lordosis_deg"] = Math.Round(40 * Math.Sin(0.001 * number), 3);
        point["lordosis_u_deg"] = 2.1;
        return point;
    }
}

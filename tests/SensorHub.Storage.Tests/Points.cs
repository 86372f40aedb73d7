using SensorHub.Core.Timing;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Tests;

/// <summary>Points as tests need them.</summary>
internal static class Points
{
    public static readonly Timestamp Start = Timestamp.Parse("2026-01-31T12:00:00Z");

    public static Point Posture(Timestamp time, double? lordosis = null, string subject = "p1", string sensor = "clip", string phase = "standing")
    {
        var point = new Point(StorageSchema.Current["posture"], time).WithTag("hub", "home").WithTag("subject", subject).WithTag("sensor", sensor).WithTag("method", "two-element-gravity");
        point["phase"] = phase;
        point["quality"] = "good";
        if (lordosis is { } value)
            point["lordosis_deg"] = value;
        return point;
    }

    public static Point Rolling(Timestamp time, long strokes, bool contact, double? force = null)
    {
        var point = new Point(StorageSchema.Current["rolling"], time).WithTag("hub", "home").WithTag("subject", "p1").WithTag("sensor", "roller").WithTag("muscle", "hamstrings").WithTag("side", "left");
        point["strokes"] = strokes;
        point["contact"] = contact;
        if (force is { } value)
            point["force_n"] = value;
        return point;
    }

    /// <summary>A point every 40 ms, with a number of its own in each.</summary>
    public static List<Point> Series(int count, string subject = "p1") =>
        [.. Enumerable.Range(0, count).Select(i => Posture(Start + TimeSpan.FromMilliseconds(40 * i), 20 + i * 0.001, subject))];

    /// <summary>A point whose field has a type that the schema does not give it: what an older program may have left behind.</summary>
    public static Point WrongType(Timestamp time)
    {
        var other = new MeasurementSchema("posture", "", "", StorageSchema.Current["posture"].Tags, [new FieldSchema("lordosis_deg", FieldType.String, null, "")]);
        var point = new Point(other, time).WithTag("hub", "home").WithTag("subject", "p1").WithTag("sensor", "clip").WithTag("method", "two-element-gravity");
        point["lordosis_deg"] = "steep";
        return point;
    }
}

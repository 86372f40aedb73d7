using System.Text;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Tests.Schema;

/// <summary>docs/schema.md from the schema.</summary>
internal static class SchemaDocument
{
    public static string Write(StorageSchema schema)
    {
        var text = new StringBuilder();
        Line("# What is stored");
        Line();
        Line("Generated from `src/SensorHub.Storage/schema.json`, the one description that feeds the bridge, the line protocol, the tables of the");
        Line("embedded store and the history's queries. InfluxDB has a measurement, the embedded store a table of each name. A point is known by");
        Line("its measurement, tags and time (nanoseconds; the column `time_ns`): written again, its fields merge and the last value wins. A field");
        Line($"without a value is absent. Schema version {schema.Version}.");
        foreach (var measurement in schema.Measurements)
        {
            Line();
            Line($"## {measurement.Name}");
            Line();
            Line($"{measurement.Description}{(measurement.Rollups ? " Rolled up to 1 s and 1 min." : "")} From the messages on `sensorhub/1/{{hub}}/{measurement.Topic}`.");
            Line();
            Line("| tag | |");
            Line("| --- | --- |");
            foreach (var tag in measurement.Tags)
                Line($"| `{tag.Name}` | {tag.Description} |");
            Line();
            Line("| field | type | unit | |");
            Line("| --- | --- | --- | --- |");
            foreach (var field in measurement.Fields)
                Line($"| `{field.Name}` | {field.Type.ToString().ToLowerInvariant()} | {field.Unit} | {field.Description} |");
        }
        return text.ToString();

        void Line(string line = "") => text.Append(line).Append('\n');
    }
}

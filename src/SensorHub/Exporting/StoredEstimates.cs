using System.Buffers;
using MQTTnet;
using SensorHub.Core;
using SensorHub.Export.Tables;
using SensorHub.Mqtt.Contract;
using SensorHub.Storage;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Schema;

namespace SensorHub.Exporting;

/// <summary>Estimates as the points that a database gets of them: an export has their names, units and digits.</summary>
public static class StoredEstimates
{
    /// <summary>Says where a point comes from; an export says that otherwise.</summary>
    private const string Hub = "hub";

    public static EstimateSource Create()
    {
        var tables = StorageSchema.Current.Measurements.ToDictionary(m => m, m => new EstimateTable(
            new TableSchema(m.Name, m.Description,
            [
                TableSchema.Time,
                .. m.Tags.Where(t => t.Name != Hub).Select(t => new Column(t.Name, ColumnType.Text, null, t.Description, IsTag: true)),
                .. m.Fields.Select(f => new Column(f.Name, TypeOf(f.Type), f.Unit, f.Description)),
            ]),
            m.Rollups));
        var messages = new HubMessages(Slug.Parse("export"), trace: "0000000000000000");
        return new EstimateSource([.. tables.Values], feature => Read(feature, messages) is { } point ? Row(point, tables[point.Measurement]) : null);
    }

    private static Point? Read(Feature feature, HubMessages messages)
    {
        try
        {
            var message = messages.Write(feature);
            return PointReader.Read(message.Topic, message.Payload.ToArray()).Point;
        }
        catch (ArgumentException)
        {
            return null; // a required number of it is not finite: no database gets it either
        }
    }

    private static EstimateRow Row(Point point, EstimateTable table)
    {
        var cells = new Cell[table.Schema.Columns.Count];
        var at = 0;
        cells[at++] = point.Time.UnixNanoseconds;
        for (var i = 0; i < point.Measurement.Tags.Count; i++)
            if (point.Measurement.Tags[i].Name != Hub)
                cells[at++] = point.Tags[i];
        foreach (var field in point.Fields)
            cells[at++] = !field.HasValue ? default(Cell) : field.Type switch
            {
                FieldType.Float => field.AsDouble(),
                FieldType.Integer => field.AsInteger(),
                FieldType.Boolean => field.AsBoolean(),
                _ => field.AsString(),
            };
        return new EstimateRow(table, point.Time, cells);
    }

    private static ColumnType TypeOf(FieldType type) => type switch
    {
        FieldType.Float => ColumnType.Float,
        FieldType.Integer => ColumnType.Integer,
        FieldType.Boolean => ColumnType.Boolean,
        _ => ColumnType.Text,
    };
}

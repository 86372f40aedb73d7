using System.Text;
using System.Text.Json.Nodes;
using SensorHub.Export.Tables;

namespace SensorHub.Export.Csv;

/// <summary>
/// CSV as RFC 4180 has it, with line feeds, in UTF-8, with a header. Beside it its columns with units, and the provenance, as CSV on the Web has them
/// (W3C, Metadata Vocabulary for Tabular Data).
/// </summary>
public sealed class CsvFormat : ITableFormat
{
    public string Name => "csv";

    public ITableWriter Create(Stream output, TableSchema schema, IReadOnlyList<(string Name, string Value)> provenance) => new Writer(output, schema);

    public (string Extension, string Text)? Beside(TableSchema schema, IReadOnlyList<(string Name, string Value)> provenance) => ("csv-metadata.json", Json.Text(new JsonObject
    {
        ["@context"] = "http://www.w3.org/ns/csvw",
        ["url"] = $"{schema.Name}.csv",
        ["dc:description"] = schema.Description,
        ["tableSchema"] = new JsonObject
        {
            ["columns"] = new JsonArray([.. schema.Columns.Select(c =>
            {
                var column = new JsonObject
                {
                    ["name"] = c.Name,
                    ["dc:description"] = c.Description,
                    ["datatype"] = c.Type switch { ColumnType.Float => "double", ColumnType.Integer => "long", ColumnType.Boolean => "boolean", _ => "string" },
                };
                if (c.Unit is not null)
                    column["schema:unitText"] = c.Unit;
                return column;
            })]),
        },
        ["sensorhub:provenance"] = new JsonObject(provenance.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Name, p.Value))),
    }));

    private sealed class Writer : ITableWriter
    {
        private readonly StreamWriter _writer;

        public Writer(Stream output, TableSchema schema)
        {
            _writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 15, leaveOpen: true) { NewLine = "\n" };
            _writer.WriteLine(string.Join(',', schema.Columns.Select(c => c.Name)));
        }

        public ValueTask AddAsync(ReadOnlyMemory<Cell> row)
        {
            for (var i = 0; i < row.Length; i++)
            {
                if (i > 0)
                    _writer.Write(',');
                var text = row.Span[i].ToString();
                _writer.Write(text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text);
            }
            _writer.Write('\n');
            return ValueTask.CompletedTask;
        }

        public async ValueTask CompleteAsync() => await _writer.FlushAsync();

        public ValueTask DisposeAsync() => _writer.DisposeAsync();
    }
}

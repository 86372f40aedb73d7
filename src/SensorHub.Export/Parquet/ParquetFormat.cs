using System.Text.Json.Nodes;
using global::Parquet;
using global::Parquet.Schema;
using SensorHub.Export.Tables;

namespace SensorHub.Export.Parquet;

/// <summary>
/// Parquet with Snappy. The file's key-value metadata has the provenance, each name with <c>sensorhub.</c> before it, and in <c>sensorhub.columns</c> the
/// columns with unit and description as JSON; each column has its own two as well.
/// </summary>
public sealed class ParquetFormat : ITableFormat
{
    /// <summary>Rows of a row group at most.</summary>
    public const int GroupRows = 32_768;

    /// <summary>Cells of a row group at most, which are held in memory until it is written: some ten megabytes a table.</summary>
    public const int GroupCells = 400_000;

    public string Name => "parquet";

    public ITableWriter Create(Stream output, TableSchema schema, IReadOnlyList<(string Name, string Value)> provenance) => new Writer(output, schema, provenance);

    public (string Extension, string Text)? Beside(TableSchema schema, IReadOnlyList<(string Name, string Value)> provenance) => null;

    private sealed class Writer(Stream output, TableSchema schema, IReadOnlyList<(string Name, string Value)> provenance) : ITableWriter
    {
        private readonly ColumnBuffer[] _columns = [.. schema.Columns.Select((c, i) => ColumnBuffer.Of(c, isRequired: i == 0))];
        private readonly int _groupRows = Math.Clamp(GroupCells / schema.Columns.Count, 1, GroupRows);
        private ParquetWriter? _writer;
        private int _rows;

        public async ValueTask AddAsync(ReadOnlyMemory<Cell> row)
        {
            for (var i = 0; i < _columns.Length; i++)
                _columns[i].Add(row.Span[i]);
            if (++_rows == _groupRows)
                await WriteGroupAsync();
        }

        public async ValueTask CompleteAsync()
        {
            if (_rows > 0 || _writer is null)
                await WriteGroupAsync();
            await _writer!.DisposeAsync();
            _writer = null;
        }

        public async ValueTask DisposeAsync()
        {
            if (_writer is not null)
                await _writer.DisposeAsync();
            _writer = null;
        }

        private async ValueTask WriteGroupAsync()
        {
            if (_writer is null)
            {
                _writer = await ParquetWriter.CreateAsync(new ParquetSchema(_columns.Select(c => (Field)c.Field)), output, new ParquetOptions { CompressionMethod = CompressionMethod.Snappy });
                var metadata = new Dictionary<string, string> { ["sensorhub.table"] = schema.Name, ["sensorhub.description"] = schema.Description };
                foreach (var (name, value) in provenance)
                    metadata[$"sensorhub.{name}"] = value;
                metadata["sensorhub.columns"] = new JsonArray([.. schema.Columns.Select(c => new JsonObject { ["name"] = c.Name, ["unit"] = c.Unit, ["description"] = c.Description })]).ToJsonString();
                _writer.CustomMetadata = metadata;
            }
            using (var group = _writer.CreateRowGroup())
            {
                foreach (var column in _columns)
                    await column.WriteAsync(group);
                group.CompleteValidate();
            }
            _rows = 0;
        }
    }

    /// <summary>The values of one column of a row group.</summary>
    private abstract class ColumnBuffer(Column column, DataField of)
    {
        public DataField Field => of;

        protected Dictionary<string, string> Metadata { get; } = column.Unit is null
            ? new() { ["description"] = column.Description }
            : new() { ["unit"] = column.Unit, ["description"] = column.Description };

        public static ColumnBuffer Of(Column column, bool isRequired) => column.Type switch
        {
            ColumnType.Float => new Numbers<double>(column, cell => cell.Number, isRequired),
            ColumnType.Integer => new Numbers<long>(column, cell => cell.Whole, isRequired),
            ColumnType.Boolean => new Numbers<bool>(column, cell => cell.Boolean, isRequired),
            _ => new Texts(column),
        };

        public abstract void Add(Cell cell);

        /// <summary>Writes them, and forgets them.</summary>
        public abstract Task WriteAsync(ParquetRowGroupWriter group);

        private sealed class Numbers<T>(Column column, Func<Cell, T> read, bool isRequired) : ColumnBuffer(column, new DataField<T>(column.Name, nullable: !isRequired)) where T : struct
        {
            private readonly List<T?> _values = [];

            public override void Add(Cell cell) => _values.Add(cell.HasValue ? read(cell) : null);

            public override async Task WriteAsync(ParquetRowGroupWriter group)
            {
                if (isRequired)
                    await group.WriteAsync<T>(Field, _values.Select(v => v!.Value).ToArray(), customMetadata: Metadata);
                else
                    await group.WriteAsync<T>(Field, _values.ToArray(), customMetadata: Metadata);
                _values.Clear();
            }
        }

        private sealed class Texts(Column column) : ColumnBuffer(column, new DataField<string>(column.Name, nullable: true))
        {
            private readonly List<ReadOnlyMemory<char>?> _values = [];

            public override void Add(Cell cell) => _values.Add(cell.HasValue ? cell.Text.AsMemory() : (ReadOnlyMemory<char>?)null); // a bare null would be an empty text

            public override async Task WriteAsync(ParquetRowGroupWriter group)
            {
                await group.WriteAsync<ReadOnlyMemory<char>>(Field, _values.ToArray(), customMetadata: Metadata);
                _values.Clear();
            }
        }
    }
}

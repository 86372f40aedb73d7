namespace SensorHub.Export.Tables;

/// <summary>
/// Rows of a second each: the tags, how many points, and of each column the last value; of a number also how many there were, their mean, least
/// and largest. The columns are those of the embedded store's roll-ups. Takes rows whose times grow by and large, and holds two seconds of them.
/// </summary>
/// <param name="of">What is rolled up.</param>
public sealed class RollUp(TableSchema of)
{
    private const long SecondNs = 1_000_000_000;

    private readonly SortedDictionary<(long Second, string Tags), Window> _windows = new(Comparer<(long Second, string Tags)>.Create((a, b) =>
        a.Second != b.Second ? a.Second.CompareTo(b.Second) : string.CompareOrdinal(a.Tags, b.Tags)));
    private readonly int[] _tags = [.. Enumerable.Range(0, of.Columns.Count).Where(i => of.Columns[i].IsTag)];
    private readonly int[] _fields = [.. Enumerable.Range(1, of.Columns.Count - 1).Where(i => !of.Columns[i].IsTag)];

    public TableSchema Schema { get; } = new(
        $"{of.Name}_1s",
        $"A row for each second: {of.Description}",
        [
            new Column("time_unix_ns", ColumnType.Integer, "ns", "Beginning of the second: nanoseconds since 1970-01-01T00:00:00Z."),
            .. of.Columns.Where(c => c.IsTag),
            new Column("points", ColumnType.Integer, "1", "Points in the second."),
            .. of.Columns.Skip(1).Where(c => !c.IsTag).SelectMany(ColumnsOf),
        ]);

    /// <summary>Takes a row; gives those of the seconds that are over.</summary>
    public IEnumerable<Cell[]> Add(Cell[] row)
    {
        var second = Math.DivRem(row[0].Whole, SecondNs, out var rest) - (rest < 0 ? 1 : 0);
        var key = (second, string.Join('\n', _tags.Select(t => row[t].Text)));
        if (!_windows.TryGetValue(key, out var window))
            _windows.Add(key, window = new Window([.. _tags.Select(t => row[t])], _fields.Length));
        window.Add(row, _fields);
        return TakeBefore(second - 1);
    }

    /// <summary>The rest.</summary>
    public IEnumerable<Cell[]> Complete() => TakeBefore(long.MaxValue);

    private List<Cell[]> TakeBefore(long second)
    {
        var rows = new List<Cell[]>();
        while (_windows.Count > 0 && _windows.First() is var (key, window) && key.Second < second)
        {
            _windows.Remove(key);
            rows.Add([key.Second * SecondNs, .. window.Tags, window.Points, .. window.Cells(_fields, of)]);
        }
        return rows;
    }

    private static IEnumerable<Column> ColumnsOf(Column column)
    {
        if (column.Type is ColumnType.Float or ColumnType.Integer)
        {
            yield return new($"{column.Name}_count", ColumnType.Integer, "1", $"How many: {column.Description}");
            yield return new($"{column.Name}_mean", ColumnType.Float, column.Unit, $"Mean: {column.Description}");
            yield return new($"{column.Name}_min", column.Type, column.Unit, $"Least: {column.Description}");
            yield return new($"{column.Name}_max", column.Type, column.Unit, $"Largest: {column.Description}");
        }
        yield return new($"{column.Name}_last", column.Type, column.Unit, $"Last: {column.Description}");
    }

    private sealed class Window(Cell[] tags, int fields)
    {
        private readonly (long Count, double Sum, Cell Min, Cell Max, Cell Last)[] _values = new (long, double, Cell, Cell, Cell)[fields];

        public Cell[] Tags => tags;

        public long Points { get; private set; }

        public void Add(Cell[] row, int[] columns)
        {
            Points++;
            for (var i = 0; i < columns.Length; i++)
            {
                var cell = row[columns[i]];
                if (!cell.HasValue)
                    continue;
                ref var value = ref _values[i];
                value.Last = cell;
                if (cell.Type is not (ColumnType.Float or ColumnType.Integer))
                    continue;
                value.Min = value.Count == 0 || cell.Number < value.Min.Number ? cell : value.Min;
                value.Max = value.Count == 0 || cell.Number > value.Max.Number ? cell : value.Max;
                value.Count++;
                value.Sum += cell.Number;
            }
        }

        public IEnumerable<Cell> Cells(int[] columns, TableSchema schema)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                var value = _values[i];
                if (schema.Columns[columns[i]].Type is ColumnType.Float or ColumnType.Integer)
                {
                    yield return value.Count;
                    yield return value.Count > 0 ? value.Sum / value.Count : default(Cell);
                    yield return value.Min;
                    yield return value.Max;
                }
                yield return value.Last;
            }
        }
    }
}

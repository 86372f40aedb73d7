namespace SensorHub.Export.Tables;

/// <summary>Writes one table to one file. Memory does not grow with the rows.</summary>
public interface ITableWriter : IAsyncDisposable
{
    /// <param name="row">A cell for each column.</param>
    ValueTask AddAsync(ReadOnlyMemory<Cell> row);

    /// <summary>Writes what is left, and ends the file.</summary>
    ValueTask CompleteAsync();
}

namespace SensorHub.Export.Tables;

/// <summary>A format of tables.</summary>
public interface ITableFormat
{
    /// <summary>Names it in a folder and in the ends of its files, without the dot.</summary>
    string Name { get; }

    /// <param name="output">Of the file; stays open.</param>
    /// <param name="schema">Of the table.</param>
    /// <param name="provenance">For people and programs, by name.</param>
    ITableWriter Create(Stream output, TableSchema schema, IReadOnlyList<(string Name, string Value)> provenance);

    /// <summary>A file beside the table, for what the format itself cannot say: what is behind the table's name, and the content. Null = none.</summary>
    (string Extension, string Text)? Beside(TableSchema schema, IReadOnlyList<(string Name, string Value)> provenance);
}

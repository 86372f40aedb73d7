using System.Globalization;
using System.IO.Compression;

namespace SensorHub.EndToEnd.Tests;

/// <summary>A CSV that the program reads or has written, gzipped when its name ends in <c>.gz</c>.</summary>
internal sealed class Csv
{
    private readonly string[] _columns;

    private Csv(string text)
    {
        var lines = text.TrimEnd('\n').Split('\n');
        Header = lines[0];
        _columns = Header.Split(',');
        Rows = [.. lines.Skip(1).Select(line => line.Split(','))];
        Assert.All(Rows, row => Assert.Equal(_columns.Length, row.Length));
    }

    public string Header { get; }

    public IReadOnlyList<string[]> Rows { get; }

    public static async Task<Csv> ReadAsync(string path)
    {
        await using Stream bytes = File.OpenRead(path);
        await using var plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(bytes, CompressionMode.Decompress) : bytes;
        using var reader = new StreamReader(plain);
        return new Csv(await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A row of which every cell is a number.</summary>
    public double[] Numbers(int row) => [.. Rows[row].Select(Number)];

    /// <summary>Null = the cell is empty.</summary>
    public IReadOnlyList<double?> Column(string name) => [.. Text(name).Select(cell => cell.Length == 0 ? null : (double?)Number(cell))];

    public IReadOnlyList<string> Text(string name)
    {
        var column = Array.IndexOf(_columns, name);
        Assert.True(column >= 0, $"there is no column {name} in {Header}");
        return [.. Rows.Select(row => row[column])];
    }

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.IO.Compression;
using SensorHub.Core.Orientation;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests;

/// <summary>A recording of real sensors from ../shared/data: CSV, gzip, one header row.</summary>
internal sealed class Recording
{
    private readonly Dictionary<string, int> _columns;
    private readonly List<double[]> _rows = [];

    private Recording(TextReader reader)
    {
        _columns = reader.ReadLine()!.Split(',').Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i);
        while (reader.ReadLine() is { } line)
            _rows.Add([.. line.Split(',').Select(cell => cell.Length == 0 ? double.NaN : double.Parse(cell, CultureInfo.InvariantCulture))]);
    }

    public int Count => _rows.Count;

    public static Recording Read(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return new Recording(reader);
    }

    public double this[int row, string column] => _rows[row][_columns[column]];

    public Timestamp Time(int row) => new((long)Math.Round(this[row, "t_s"] * 1e9));

    /// <param name="row">The row.</param>
    /// <param name="column">The columns' pattern, '*' standing for ax, ay, az, gx, gy, gz without unit: <c>hip_*</c>, <c>*1</c>.</param>
    public ImuSample Imu(int row, string column = "*") => new(
        Time(row), Vector(row, column, "a", "mps2"), Vector(row, column, "g", "radps"));

    /// <summary>The reference orientation, or null where it is missing.</summary>
    public Rotation? Reference(int row, string name = "ref") =>
        double.IsNaN(this[row, $"{name}_qw"]) ? null : new Rotation(this[row, $"{name}_qw"], this[row, $"{name}_qx"], this[row, $"{name}_qy"], this[row, $"{name}_qz"]);

    private Vector3D Vector(int row, string column, string quantity, string unit)
    {
        return new Vector3D(Axis('x'), Axis('y'), Axis('z'));

        double Axis(char axis) => this[row, column.Replace("*", $"{quantity}{axis}", StringComparison.Ordinal) + $"_{unit}"];
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using SensorHub.Core.Units;

namespace SensorHub.Core.Recordings;

/// <summary>
/// A recording of one or more IMUs as comma-separated text, gzipped when the name ends in <c>.gz</c>: a header row, time in
/// <c>t_s</c>, and for the IMU called NAME the columns <c>NAME_ax_mps2</c> … <c>NAME_gz_radps</c> or <c>axNAME_mps2</c> … <c>gzNAME_radps</c>; for one
/// without a name <c>ax_mps2</c> … <c>gz_radps</c>. Other columns are not read.
/// </summary>
public sealed class ImuCsv
{
    private const string TimeColumn = "t_s";

    /// <summary>Far beyond any IMU (±400 g = 3900 m/s², ±4000 °/s = 70 rad/s): a damaged number, or another unit.</summary>
    private const double Largest = 10_000;

    private readonly string[] _columns;
    private readonly int[] _lines;

    private ImuCsv(
        string path, string[] columns, IReadOnlyList<string> names, int[] lines, double[] seconds, IReadOnlyList<ImuRecording> imus, IReadOnlyList<CsvColumn> others)
    {
        (_columns, _lines) = (columns, lines);
        (Path, Names, Seconds, Imus, Others) = (path, names, seconds, imus, others);
    }

    public string Path { get; }

    /// <summary>The IMUs that the file has; the one without a name is "".</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Time of each row, s; each later than the one before.</summary>
    public IReadOnlyList<double> Seconds { get; }

    /// <summary>The IMUs asked for, in that order.</summary>
    public IReadOnlyList<ImuRecording> Imus { get; }

    /// <summary>Those of the other columns asked for that the file has, in that order.</summary>
    public IReadOnlyList<CsvColumn> Others { get; }

    /// <summary>Where a cell is, for a message about it: <c>walk.csv, line 3, column gy_radps</c>.</summary>
    internal string Place(int row, string column) => Invariant($"{System.IO.Path.GetFileName(Path)}, line {_lines[row]}, column {column}");

    /// <summary>The column of an IMU's angular rate.</summary>
    /// <param name="imu">One of <see cref="Imus"/>.</param>
    /// <param name="axis">0 = x, 1 = y, 2 = z.</param>
    internal string RateColumn(ImuRecording imu, int axis)
    {
        var (before, after) = ColumnNames(imu.Name, 3 + axis);
        return _columns.Contains(before) ? before : after;
    }

    /// <param name="path">The file.</param>
    /// <param name="names">IMUs to read; none = the only one there is.</param>
    /// <exception cref="UserException">It cannot be read or is not such a file; the message names file, line and column.</exception>
    public static ImuCsv Read(string path, params IReadOnlyList<string> names) => Read(path, names, others: []);

    /// <param name="path">The file.</param>
    /// <param name="names">IMUs to read; none = the only one there is.</param>
    /// <param name="others">Columns to read if they are there. Their cells may be empty.</param>
    /// <exception cref="UserException">It cannot be read or is not such a file; the message names file, line and column.</exception>
    public static ImuCsv Read(string path, IReadOnlyList<string> names, IReadOnlyList<string> others)
    {
        var file = System.IO.Path.GetFileName(path);
        try
        {
            using var bytes = File.OpenRead(path);
            using Stream plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Unpack(bytes) : bytes;
            using var reader = new StreamReader(plain);
            return Read(path, file, reader, names, others);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserException($"There is no file {path}.", e);
        }
        catch (InvalidDataException e)
        {
            throw new UserException($"{file}: its gzip compression is damaged or cut off. Copy it again, or unpack it with gunzip to see how far it goes.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>GZipStream takes a file that is cut off for its end. Its last four bytes tell (RFC 1952 §2.3.1).</summary>
    private static MemoryStream Unpack(FileStream packed)
    {
        var plain = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true))
            gzip.CopyTo(plain);
        Span<byte> length = stackalloc byte[sizeof(uint)];
        packed.Seek(-Math.Min(length.Length, packed.Length), SeekOrigin.End);
        packed.ReadExactly(length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(length) != (uint)plain.Length)
            throw new InvalidDataException();
        plain.Position = 0;
        return plain;
    }

    private static ImuCsv Read(string path, string file, TextReader reader, IReadOnlyList<string> names, IReadOnlyList<string> others)
    {
        var header = reader.ReadLine();
        if (string.IsNullOrWhiteSpace(header))
            throw new UserException($"{file} is empty: a header row with {TimeColumn}, ax_mps2 and so on is needed.");
        var columns = header.TrimStart('\ufeff').Split(',', StringSplitOptions.TrimEntries);
        var available = FindNames(columns);
        if (names.Count == 0)
            names = available.Count == 1
                ? available
                : throw new UserException(available.Count == 0
                    ? $"{file} has no IMU: columns such as ax_mps2 or back_ax_mps2 are needed in its header."
                    : $"{file} has several IMUs: say which of {string.Join(", ", available)}.");

        // Where each value of a row goes: 0 = time, then six for each IMU, then the others.
        var targets = new int[columns.Length];
        Array.Fill(targets, -1);
        targets[Find(TimeColumn)] = 0;
        for (var imu = 0; imu < names.Count; imu++)
            for (var quantity = 0; quantity < 6; quantity++)
                targets[FindQuantity(names[imu], quantity)] = 1 + 6 * imu + quantity;

        others = [.. others.Where(columns.Contains)];
        var firstOther = 1 + 6 * names.Count;
        for (var other = 0; other < others.Count; other++)
            targets[Find(others[other])] = firstOther + other;

        var lines = new List<int>();
        var seconds = new List<double>();
        var otherValues = others.Select(_ => new List<double>()).ToArray();
        var forces = names.Select(_ => new List<Vector3D>()).ToArray();
        var rates = names.Select(_ => new List<Vector3D>()).ToArray();
        var values = new double[firstOther + others.Count];
        for (var line = 2; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0)
                continue;
            ReadRow(file, line, text, columns, targets, values, firstOther);
            if (seconds.Count > 0 && values[0] <= seconds[^1])
                throw new UserException(Invariant($"{file}, line {line}, column {TimeColumn}: time goes from {seconds[^1]} to {values[0]} s; it has to grow from row to row."));
            lines.Add(line);
            seconds.Add(values[0]);
            for (var imu = 0; imu < names.Count; imu++)
            {
                var v = values.AsSpan(1 + 6 * imu, 6);
                forces[imu].Add(new Vector3D(v[0], v[1], v[2]));
                rates[imu].Add(new Vector3D(v[3], v[4], v[5]));
            }
            for (var other = 0; other < otherValues.Length; other++)
                otherValues[other].Add(values[firstOther + other]);
        }
        if (seconds.Count < 2)
            throw new UserException($"{file} has {seconds.Count} rows of samples; at least two are needed.");
        return new ImuCsv(path, columns, available, [.. lines], [.. seconds], [.. names.Select((name, i) => new ImuRecording(name, [.. forces[i]], [.. rates[i]]))],
            [.. others.Select((name, i) => new CsvColumn(name, [.. otherValues[i]]))]);

        int Find(string column) => Array.IndexOf(columns, column) is >= 0 and var at
            ? at
            : throw new UserException($"{file} has no column {column} in its header.");

        int FindQuantity(string name, int quantity)
        {
            var (before, after) = ColumnNames(name, quantity);
            return Array.IndexOf(columns, before) is >= 0 and var at ? at
                : Array.IndexOf(columns, after) is >= 0 and var other ? other
                : throw new UserException(available.Contains(name)
                    ? $"{file} has no column {before} in its header."
                    : $"{file} has no IMU '{name}': there is {(available.Count == 0 ? "none" : string.Join(", ", available.Select(n => $"'{n}'")))}.");
        }
    }

    private static void ReadRow(string file, int line, ReadOnlySpan<char> text, string[] columns, int[] targets, double[] values, int firstOther)
    {
        var column = 0;
        foreach (var range in text.Split(','))
        {
            if (column < columns.Length && targets[column] is >= 0 and var target)
            {
                var cell = text[range].Trim();
                if (cell.IsEmpty && target >= firstOther)
                {
                    values[target] = double.NaN;
                    column++;
                    continue;
                }
                if (!double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out values[target]) || !double.IsFinite(values[target]))
                    throw new UserException($"{file}, line {line}, column {columns[column]}: {(cell.IsEmpty ? "it is empty" : $"'{Shortened(cell)}' is not a number")}.");
                if (target > 0 && target < firstOther && Math.Abs(values[target]) > Largest)
                    throw new UserException(Invariant($"{file}, line {line}, column {columns[column]}: '{Shortened(cell)}' is more than any IMU measures ({Largest} m/s² or rad/s)."));
            }
            column++;
        }
        if (column != columns.Length)
            throw new UserException($"{file}, line {line}: it has {column} columns, and the header {columns.Length}.");

        static string Shortened(ReadOnlySpan<char> cell) => cell.Length <= 20 ? cell.ToString() : $"{cell[..20]}…";
    }

    /// <summary>IMUs by their x acceleration.</summary>
    private static List<string> FindNames(string[] columns)
    {
        var names = new List<string>();
        foreach (var column in columns)
            if (column.EndsWith("_ax_mps2", StringComparison.Ordinal))
                names.Add(column[..^"_ax_mps2".Length]);
            else if (column.StartsWith("ax", StringComparison.Ordinal) && column.EndsWith("_mps2", StringComparison.Ordinal))
                names.Add(column["ax".Length..^"_mps2".Length]);
        return names;
    }

    private static (string Before, string After) ColumnNames(string name, int quantity)
    {
        var axis = "xyz"[quantity % 3];
        var (letter, unit) = quantity < 3 ? ('a', "mps2") : ('g', "radps");
        return (name.Length == 0 ? $"{letter}{axis}_{unit}" : $"{name}_{letter}{axis}_{unit}", $"{letter}{axis}{name}_{unit}");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>The samples of one IMU, one a row.</summary>
/// <param name="SpecificForce">m/s², sensor frame, including gravity.</param>
/// <param name="AngularRate">rad/s, sensor frame.</param>
public sealed record ImuRecording(string Name, IReadOnlyList<Vector3D> SpecificForce, IReadOnlyList<Vector3D> AngularRate);

/// <summary>A column of numbers beside those of the IMUs.</summary>
/// <param name="Values">One a row; NaN = its cell is empty.</param>
public sealed record CsvColumn(string Name, IReadOnlyList<double> Values);

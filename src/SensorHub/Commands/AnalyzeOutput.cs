using System.IO.Compression;
using SensorHub.Core;

namespace SensorHub.Commands;

/// <summary>The CSV that <c>analyze</c> writes, gzipped when its name ends in <c>.gz</c>.</summary>
internal static class AnalyzeOutput
{
    /// <exception cref="UserException">It is the file to read.</exception>
    public static void CheckIsNot(string input, string output)
    {
        if (Path.GetFullPath(input) == Path.GetFullPath(output))
            throw new UserException($"--out is {output}, the file to read. Name another.");
    }

    /// <summary>Writes it whole or not at all: a file of that name stays as it is until the last row is written.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="header">The names of the columns.</param>
    /// <param name="rows">Each without line end.</param>
    /// <exception cref="UserException">It cannot be written.</exception>
    public static void Write(string path, string header, IEnumerable<string> rows)
    {
        try
        {
            if (IsDevice(path))
            {
                WriteTo(path, path, header, rows);
                return;
            }
            var unfinished = $"{path}.part";
            try
            {
                WriteTo(unfinished, path, header, rows);
                File.Move(unfinished, path, overwrite: true);
            }
            finally
            {
                File.Delete(unfinished);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Such as /dev/stdout, which is written to, not replaced; so is the target of a link.</summary>
    private static bool IsDevice(string path) =>
        File.Exists(path) && (File.GetAttributes(path) & (FileAttributes.Device | FileAttributes.ReparsePoint)) != 0
        || path.StartsWith("/dev/", StringComparison.Ordinal);

    private static void WriteTo(string path, string name, string header, IEnumerable<string> rows)
    {
        using Stream bytes = File.Create(path);
        using var packed = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(bytes, CompressionLevel.Optimal) : null;
        using var writer = new StreamWriter(packed ?? bytes) { NewLine = "\n" };
        writer.WriteLine(header);
        foreach (var row in rows)
            writer.WriteLine(row);
    }
}

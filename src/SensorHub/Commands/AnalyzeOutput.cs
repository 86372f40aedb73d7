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

    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="header">The names of the columns.</param>
    /// <param name="rows">Each without line end.</param>
    /// <exception cref="UserException">It cannot be written.</exception>
    public static void Write(string path, string header, IEnumerable<string> rows)
    {
        try
        {
            using Stream bytes = File.Create(path);
            using var packed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(bytes, CompressionLevel.Optimal) : null;
            using var writer = new StreamWriter(packed ?? bytes) { NewLine = "\n" };
            writer.WriteLine(header);
            foreach (var row in rows)
                writer.WriteLine(row);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path} cannot be written: {e.Message}", e);
        }
    }
}

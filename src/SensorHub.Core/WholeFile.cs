using System.Text;

namespace SensorHub.Core;

/// <summary>Files that are there whole or not at all.</summary>
public static class WholeFile
{
    /// <summary>Behind the name of a file that is being written.</summary>
    public const string Unfinished = ".tmp";

    /// <exception cref="UserException">It cannot be written.</exception>
    public static void Write(string path, byte[] content)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllBytes(path + Unfinished, content);
            File.Move(path + Unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Cannot(path, e);
        }
    }

    /// <summary>In UTF-8.</summary>
    /// <exception cref="UserException">It cannot be written.</exception>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public static UserException Cannot(string path, Exception e) => new($"{path} cannot be written: {e.Message}", e);
}

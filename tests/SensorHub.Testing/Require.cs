namespace SensorHub.Testing;

/// <summary>What a test needs that the .NET SDK does not bring. Absent: skipped on a person's machine, failed when CI=true.</summary>
public static class Require
{
    /// <summary>The program's full path.</summary>
    /// <param name="program">Its file name.</param>
    /// <param name="package">The Debian package that brings it.</param>
    public static string Program(string program, string package)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (var folder in folders.Append("/usr/sbin").Append("/usr/local/sbin"))
            if (Path.Combine(folder, program) is var path && File.Exists(path))
                return path;
        Missing($"'{program}' is not installed: apt-get install {package}");
        return "";
    }

    /// <summary>A file or folder of the recordings in ../shared/data, relative to the repository's root.</summary>
    public static string Recording(string path)
    {
        var full = Path.GetFullPath(Repository.PathOf("..", "shared", "data", path));
        if (!File.Exists(full) && !Directory.Exists(full))
            Missing($"the recording ../shared/data/{path} is not there");
        return full;
    }

    private static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"CI=true, and {reason}");
        Assert.Skip(reason);
    }
}

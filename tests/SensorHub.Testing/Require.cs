namespace SensorHub.Testing;

/// <summary>What a test needs that the .NET SDK does not bring. Absent: skipped on a person's machine, failed when CI=true.</summary>
public static class Require
{
    /// <summary>The program's full path.</summary>
    /// <param name="program">Its file name.</param>
    /// <param name="package">The Debian package that brings it.</param>
    /// <param name="instead">Another that does as well, where the first is not there.</param>
    public static string Program(string program, string package, string? instead = null)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in instead is null ? [program] : new[] { program, instead })
            foreach (var folder in folders.Append("/usr/sbin").Append("/usr/local/sbin"))
                if (Path.Combine(folder, name) is var path && File.Exists(path))
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

    /// <summary>Version of the BIDS validator that datasets are checked by.</summary>
    public const string BidsValidatorVersion = "1.15.0";

    /// <summary>Node.js and the unpacked npm package bids-validator, which brings all that it needs: the program and its arguments.</summary>
    public static (string Node, string Script) BidsValidator()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var folder = Path.Combine(cache, "sensorhub", $"bids-validator-{BidsValidatorVersion}");
        var script = Path.Combine(folder, "package", "bin", "bids-validator");
        if (!File.Exists(script))
            Missing($"the BIDS validator is not there: mkdir -p {folder} && cd {folder} && tar xzf \"$(npm pack --silent bids-validator@{BidsValidatorVersion})\"");
        return (Program("node", "nodejs"), script);
    }

    private static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"CI=true, and {reason}");
        Assert.Skip(reason);
    }
}

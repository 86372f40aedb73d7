namespace SensorHub.Testing;

/// <summary>The repository that the tests run in.</summary>
public static class Repository
{
    /// <summary>The folder with SensorHub.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// Whether golden files, vectors and generated pages are to be written anew instead of compared: UPDATE_GOLDEN=1.
    /// Their difference is then reviewed like code.
    /// </summary>
    public static bool UpdatesGoldenFiles { get; } = Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    /// <summary>The full path of a file or folder given from the root.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SensorHub.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"The tests run inside the repository; there is no SensorHub.sln above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}

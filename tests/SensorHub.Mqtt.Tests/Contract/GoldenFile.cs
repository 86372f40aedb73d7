using System.Text;

namespace SensorHub.Mqtt.Tests.Contract;

/// <summary>
/// Committed expectations. With UPDATE_GOLDEN=1 in the environment they are written instead: review the difference like
/// code, since it is what other people's programs read.
/// </summary>
internal static class GoldenFile
{
    public static void Check(string pathFromRoot, string actual)
    {
        var file = Path.Combine(Root, pathFromRoot);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, actual + "\n");
        Assert.Equal(File.ReadAllText(file, Encoding.UTF8), actual + "\n");
    }

    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SensorHub.sln")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }
    }
}

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
        var file = Repository.PathOf(pathFromRoot);
        if (Repository.UpdatesGoldenFiles)
            File.WriteAllText(file, actual + "\n");
        Assert.Equal(File.ReadAllText(file, Encoding.UTF8), actual + "\n");
    }
}

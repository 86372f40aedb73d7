using System.Runtime.CompilerServices;
using SensorHub.Storage.Embedded;

namespace SensorHub.Storage.Tests.Embedded;

/// <summary>What this executable does instead of running tests when a test starts it to kill it: writes batches, and says the number of each that was acknowledged.</summary>
internal static class KilledWriter
{
    public const string Variable = "SENSORHUB_TEST_KILLED_WRITER";
    public const int BatchSize = 500;

    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } file)
            return;
        var store = SqliteStore.Open(file);
        for (var batch = 1; ; batch++)
        {
            var points = Enumerable.Range(0, BatchSize).Select(i => Points.Posture(Points.Start + TimeSpan.FromMilliseconds(batch * BatchSize + i), i)).ToList();
            store.WriteAsync(points, CancellationToken.None).GetAwaiter().GetResult();
            Console.Out.WriteLine(batch);
            Console.Out.Flush();
        }
    }
}

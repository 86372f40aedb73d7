using System.Globalization;
using System.Runtime.InteropServices;

namespace SensorHub.Benchmarks;

/// <summary>What a result was measured on.</summary>
internal static class Machine
{
    /// <summary>One line: date, system, processor, cores, runtime, and how busy the machine was before.</summary>
    public static string Describe()
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1] ?? "?";
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return string.Create(CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {RuntimeInformation.OSDescription}, {processor}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, load before {load}");
    }
}

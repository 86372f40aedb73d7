using System.Diagnostics;

namespace SensorHub.Testing;

/// <summary>Processor time as the kernel credits it (<c>/proc/PID/stat</c>, Linux), for measurements.</summary>
public static class Processors
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.01); // USER_HZ

    /// <summary>Of the browser that this process has started, all its processes.</summary>
    public static TimeSpan OfBrowser() => Sum((process, name, isOurs) => name.Contains("chrom", StringComparison.Ordinal) && isOurs(process));

    /// <summary>Of one process, all its threads.</summary>
    public static TimeSpan Of(int process) => Sum((id, _, _) => id == process);

    /// <summary>The share of a processor, %, that a thread is credited with which has computed for so long and nothing else: 100 where the credits are right and a processor is free.</summary>
    public static double CreditOfABusyLoop(TimeSpan lasts)
    {
        var (own, start) = (Process.GetCurrentProcess().TotalProcessorTime, TimeProvider.System.GetTimestamp());
        while (TimeProvider.System.GetElapsedTime(start) < lasts)
        {
            // computes
        }
        return 100 * (Process.GetCurrentProcess().TotalProcessorTime - own) / TimeProvider.System.GetElapsedTime(start);
    }

    private static TimeSpan Sum(Func<int, string, Func<int, bool>, bool> counts)
    {
        var all = new Dictionary<int, (int Parent, string Name, long Ticks)>();
        foreach (var folder in Directory.GetDirectories("/proc").Where(f => char.IsDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                var text = File.ReadAllText(Path.Combine(folder, "stat"));
                var end = text.LastIndexOf(')');
                var fields = text[(end + 2)..].Split(' ');
                all[int.Parse(Path.GetFileName(folder), null)] = (int.Parse(fields[1], null), text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..end], long.Parse(fields[11], null) + long.Parse(fields[12], null));
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
        return all.Where(p => counts(p.Key, p.Value.Name, IsOurs)).Sum(p => p.Value.Ticks) * Tick;

        bool IsOurs(int process)
        {
            for (; all.TryGetValue(process, out var known); process = known.Parent)
                if (process == Environment.ProcessId)
                    return true;
            return false;
        }
    }
}

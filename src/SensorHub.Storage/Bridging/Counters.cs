using System.Collections.Concurrent;

namespace SensorHub.Storage.Bridging;

/// <summary>How often something happened, by reason. The number of reasons is bounded by the code that counts them.</summary>
internal sealed class Counters
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <returns>How often it has happened now.</returns>
    public long Count(string reason) => _counts.AddOrUpdate(reason, 1, (_, count) => count + 1);

    public IReadOnlyDictionary<string, long> Snapshot() => new SortedDictionary<string, long>(_counts, StringComparer.Ordinal);
}

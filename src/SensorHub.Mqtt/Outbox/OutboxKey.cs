using System.Runtime.InteropServices;
using SensorHub.Core.Timing;

namespace SensorHub.Mqtt.Outbox;

/// <summary>Stands for what a message is about: its topic and its event time, in 64 bits that are the same in every run (FNV-1a).</summary>
/// <remarks>Two that meet by chance cost a wait, and nothing else.</remarks>
public static class OutboxKey
{
    public static ulong Of(string topic, Timestamp time)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in MemoryMarshal.AsBytes(topic.AsSpan()))
            hash = (hash ^ b) * 1099511628211UL;
        for (var (rest, i) = ((ulong)time.UnixNanoseconds, 0); i < 8; i++, rest >>= 8)
            hash = (hash ^ (rest & 0xff)) * 1099511628211UL;
        return hash;
    }
}

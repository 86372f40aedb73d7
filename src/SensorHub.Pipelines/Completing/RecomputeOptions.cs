using SensorHub.Core;

namespace SensorHub.Pipelines.Completing;

/// <summary>When estimates are computed anew.</summary>
public sealed record RecomputeOptions
{
    /// <summary>Time since a gap was last recovered, in which others may be; and what lies at least behind what is computed anew.</summary>
    [Constant(0.5, 60, "s", Evidence.Engineering, "several streams of a sensor recover one after the other; a dashboard shows minutes")]
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Part of the session that passes from one time to the next. Each goes through the whole session, so all of them together go through
    /// 1/share + 1 of it.
    /// </summary>
    [Constant(0, 1, "1", Evidence.Engineering, "a link that loses something every minute costs eleven sessions' worth of computing, a few per cent of a core")]
    public double Share { get; init; } = 0.1;
}

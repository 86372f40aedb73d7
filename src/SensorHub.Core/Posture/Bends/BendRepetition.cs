using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Bends;

/// <summary>
/// One forward bend from standing, down and up again, seen by two elements: its lumbopelvic rhythm. T is the trunk's forward rotation
/// (upper element), P the pelvis's (lower element), L = T − P the lumbar flexion; all in degrees from the calibrated stand.
/// <see cref="Feature.Time"/> is when the trunk left upright. Where <see cref="Quality"/> is <see cref="Quality.NotObservable"/>
/// too much of it was not seen, and all that was measured is absent.
/// </summary>
public sealed record BendRepetition : Feature
{
    public required Slug Sensor { get; init; }

    /// <summary>1 for the first since the clip was calibrated or put on. Those not seen whole count too.</summary>
    public required int Number { get; init; }

    /// <summary>When the trunk was upright again.</summary>
    public required Timestamp End { get; init; }

    /// <summary>From upright to near the deepest point. Down, hold and up add up to the whole.</summary>
    public required TimeSpan Down { get; init; }

    /// <summary>Near the deepest point, from first to last.</summary>
    public required TimeSpan Hold { get; init; }

    public required TimeSpan Up { get; init; }

    /// <summary>How often it went down: more than 1 when the trunk came up in between, but not to upright.</summary>
    public required int Dips { get; init; }

    /// <summary>Maximum of T, °.</summary>
    public Measured? Trunk { get; init; }

    /// <summary>Maximum of P, °.</summary>
    public Measured? Pelvis { get; init; }

    /// <summary>Maximum of L, °.</summary>
    public Measured? Lumbar { get; init; }

    /// <summary>Lumbar share LR = L/T when T first was 30° on the way down, 1.</summary>
    public Measured? ShareAt30 { get; init; }

    /// <summary>The same at 60°; null when the bend did not go that deep.</summary>
    public Measured? ShareAt60 { get; init; }

    /// <summary>The same at 90°; null when the bend did not go that deep.</summary>
    public Measured? ShareAt90 { get; init; }

    /// <summary>LR at the maximum of T, 1.</summary>
    public Measured? ShareAtMaximum { get; init; }

    /// <summary>Lumbar share of each third of the way down; the pelvis has the rest.</summary>
    public PhaseShares? DownShares { get; init; }

    /// <summary>Lumbar share of each third of the way up.</summary>
    public PhaseShares? UpShares { get; init; }

    /// <summary>LF% = 100 · L / L_max, in % of the person's own calibration bends; null before those.</summary>
    public Measured? LumbarFlexionPercent { get; init; }

    /// <summary>Null when it cannot be told: without a calibration bend only <see cref="BendPattern.HipHinge"/> can.</summary>
    public BendPattern? Pattern { get; init; }

    public required Quality Quality { get; init; }

    /// <summary>As <see cref="PostureEstimate.Calibration"/>.</summary>
    public string? Calibration { get; init; }
}

/// <summary>
/// Lumbar share ΔL/ΔT of the three thirds of the trunk's way between upright and the deepest point, 1. Early is the upright third, late
/// the deep one, on either way.
/// </summary>
public sealed record PhaseShares(Measured Early, Measured Middle, Measured Late);

/// <summary>Where a forward bend comes from.</summary>
public enum BendPattern : byte
{
    /// <summary>From the hips, the lower back hardly flexed.</summary>
    HipHinge = 1,

    /// <summary>From both.</summary>
    Mixed = 2,

    /// <summary>From the lower back, or to near its end of range.</summary>
    LumbarBend = 3,
}

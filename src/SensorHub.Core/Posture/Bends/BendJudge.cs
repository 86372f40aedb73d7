namespace SensorHub.Core.Posture.Bends;

/// <summary>
/// The pattern by lumbar share and LF%. Hip hinge: LR ≤ 0.30 and LF% ≤ 35. Lumbar bend: LF% ≥ 70, or LR ≥ 0.55 and LF% ≥ 50. Mixed: all
/// between. The limits of the last verdict are wider by the hysteresis, so that who bends near a limit is not told now this, now that.
/// Without LF%, before a calibration bend, only a hip hinge can be told, by LR alone: the other two rest on how near the spine is to its
/// end of range, which differs between people.
/// </summary>
internal sealed class BendJudge(BendOptions options)
{
    /// <summary>The last that was said of a repetition.</summary>
    public BendPattern? Last { get; set; }

    public BendPattern? Judge(double share, double? percent)
    {
        var (s, p) = Last == BendPattern.HipHinge ? (options.ShareHysteresis, options.PercentHysteresis) : (0, 0);
        if (share <= options.HipHingeShare + s && !(percent > options.HipHingePercent + p))
            return BendPattern.HipHinge;
        if (percent is null)
            return null;
        return IsLumbar(share, percent) ? BendPattern.LumbarBend : BendPattern.Mixed;
    }

    public bool IsLumbar(double share, double? percent)
    {
        var (s, p) = Last == BendPattern.LumbarBend ? (options.ShareHysteresis, options.PercentHysteresis) : (0, 0);
        return percent >= options.LumbarPercent - p || (share >= options.LumbarShare - s && percent >= options.LumbarSharePercent - p);
    }
}

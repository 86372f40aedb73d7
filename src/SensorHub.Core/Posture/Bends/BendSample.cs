using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Bends;

/// <summary>Trunk, pelvis and lumbar spine at one time of a bend, ° from the calibrated stand: L = T − P.</summary>
internal readonly record struct BendSample(Timestamp Time, Measured T, Measured P, Measured L)
{
    /// <summary>Null when not all of it is observable: with one element never.</summary>
    public static BendSample? Of(PostureEstimate estimate) =>
        estimate is { TrunkRotation: { } t, PelvicRotation: { } p, LordosisChange: { } change }
            ? new BendSample(estimate.Time, t, p, change with { Value = -change.Value })
            : null;

    /// <summary>LR = L/T with u(LR) = √(u_L² + LR²·u_T²)/T; the error that L and T share is not taken off, so it is rather too large.</summary>
    public Measured Share
    {
        get
        {
            var share = L.Value / T.Value;
            return new Measured(share, double.Hypot(L.StandardUncertainty, share * T.StandardUncertainty) / T.Value);
        }
    }

    /// <summary>Between two samples, where T is <paramref name="trunk"/>.</summary>
    public static BendSample Between(in BendSample a, in BendSample b, double trunk)
    {
        var way = b.T.Value - a.T.Value;
        var w = way == 0 ? 1 : (trunk - a.T.Value) / way;
        return new BendSample(a.Time + w * (b.Time - a.Time), Mix(a.T, b.T, w), Mix(a.P, b.P, w), Mix(a.L, b.L, w));
    }

    private static Measured Mix(Measured a, Measured b, double w) =>
        new(a.Value + w * (b.Value - a.Value), a.StandardUncertainty + w * (b.StandardUncertainty - a.StandardUncertainty));
}

using SensorHub.Core.Units;

namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>
/// Right against left: SI = 100·(R − L)/(0.5·(R + L)), %. Near zero the ratio says nothing, and is null; it is flagged only when
/// the difference itself can be detected.
/// </summary>
/// <param name="Value">%, positive = more on the right; null when it says nothing.</param>
/// <param name="Flagged">Worth a look: never a diagnosis.</param>
public readonly record struct SymmetryIndex(Measured? Value, bool Flagged)
{
    /// <param name="left">In any unit.</param>
    /// <param name="right">In the same.</param>
    /// <param name="detectable">Smallest difference of the sides that can be detected, in that unit.</param>
    /// <param name="options">Null = defaults.</param>
    public static SymmetryIndex Of(Measured left, Measured right, double detectable, OutcomeOptions? options = null)
    {
        options = Constants.Check(options ?? new OutcomeOptions());
        var mean = 0.5 * (left.Value + right.Value);
        var uncertainty = 0.5 * double.Hypot(left.StandardUncertainty, right.StandardUncertainty);
        // A mean that cannot be told from zero, or sides of opposite sign, make any ratio.
        if (!(Math.Abs(mean) >= detectable && Math.Abs(mean) > 2 * uncertainty && left.Value * right.Value >= 0))
            return default;
        var difference = right.Value - left.Value;
        var index = new Measured(
            100 * difference / mean,
            100 * double.Hypot(right.Value * left.StandardUncertainty, left.Value * right.StandardUncertainty) / (mean * mean));
        return new SymmetryIndex(index, Math.Abs(index.Value) >= options.Asymmetry && Math.Abs(difference) >= detectable);
    }
}

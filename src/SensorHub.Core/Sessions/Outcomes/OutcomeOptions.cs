namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>Parameters of <see cref="SessionOutcome"/> and <see cref="SymmetryIndex"/>.</summary>
public sealed record OutcomeOptions
{
    /// <summary>A verdict takes a difference whose standard uncertainty, times this, is within the smallest detectable change.</summary>
    [Constant(1, 4, "1", Evidence.Derived, "the two-sided 95 % point of a normal error, as in the smallest detectable change")]
    public double Coverage { get; init; } = 1.96;

    /// <summary>Fewest stands and bends behind a verdict.</summary>
    [Constant(1, 10, "1", Evidence.Engineering, "half of people stand 10 to 20 % differently from stand to stand (J Biomech 70:67): three are measured, and two must be left")]
    public int FewestRepetitions { get; init; } = 2;

    /// <summary>Symmetry index from which a difference of the sides is flagged, if it also exceeds its detectable change.</summary>
    [Constant(1, 100, "%", Evidence.Engineering, "a usual threshold, not validated for rolling")]
    public double Asymmetry { get; init; } = 15;
}

namespace SensorHub.Core.Units;

/// <summary>A value with its standard uncertainty (one sigma, JCGM 100:2008 "GUM" §2.3.1), both in the same unit.</summary>
public readonly record struct Measured(double Value, double StandardUncertainty)
{
    /// <summary>Value ± 2u: the interval that holds the truth about 95 times of 100 if u is honest.</summary>
    public (double Lower, double Upper) Interval => (Value - 2 * StandardUncertainty, Value + 2 * StandardUncertainty);

    public override string ToString() => FormattableString.Invariant($"{Value:0.###} ± {StandardUncertainty:0.###}");
}

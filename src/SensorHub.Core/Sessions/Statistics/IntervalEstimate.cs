namespace SensorHub.Core.Sessions.Statistics;

/// <summary>A value with its 95 % confidence interval.</summary>
public readonly record struct IntervalEstimate(double Value, double Lower, double Upper)
{
    public bool Covers(double truth) => Lower <= truth && truth <= Upper;

    public override string ToString() => FormattableString.Invariant($"{Value:0.###} ({Lower:0.###} to {Upper:0.###})");
}

namespace SensorHub.Pipelines.Tests.Population;

/// <summary>Errors of estimates, and whether the truth lay within two of their stated standard uncertainties.</summary>
internal sealed class Tally
{
    private double _squares;
    private double _uncertainties;
    private long _covered;

    public long Count { get; private set; }

    /// <summary>Of the stated standard uncertainties.</summary>
    public double MeanUncertainty => _uncertainties / Count;

    public double Worst { get; private set; }

    public double Rms => Math.Sqrt(_squares / Count);

    /// <summary>Share within 2u.</summary>
    public double Coverage => (double)_covered / Count;

    /// <param name="error">Estimate − truth.</param>
    /// <param name="uncertainty">Standard, as stated; NaN = none stated.</param>
    public void Add(double error, double uncertainty = double.NaN)
    {
        Count++;
        _uncertainties += uncertainty;
        _squares += error * error;
        Worst = Math.Max(Worst, Math.Abs(error));
        if (Math.Abs(error) <= 2 * uncertainty)
            _covered++;
    }

    public void Add(Tally other)
    {
        Count += other.Count;
        _uncertainties += other._uncertainties;
        _squares += other._squares;
        _covered += other._covered;
        Worst = Math.Max(Worst, other.Worst);
    }

    public static Tally Sum(Tally a, Tally b)
    {
        var sum = new Tally();
        sum.Add(a);
        sum.Add(b);
        return sum;
    }
}

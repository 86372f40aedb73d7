namespace SensorHub.Core.Sessions.Statistics;

/// <summary>
/// How well a measure repeats itself, from a table of subjects × sessions without holes: the two-way analysis of variance and what
/// follows from it. Intraclass correlations after Shrout and Fleiss (doi 10.1037/0033-2909.86.2.420), their intervals after McGraw
/// and Wong (doi 10.1037/1082-989X.1.1.30), SEM and smallest detectable change after Weir (doi 10.1519/15184.1).
/// </summary>
public sealed record Reliability
{
    private const double Probability = 0.975;

    public required int Subjects { get; init; }

    public required int Sessions { get; init; }

    /// <summary>Mean of all values.</summary>
    public required double Mean { get; init; }

    /// <summary>Standard deviation of all values.</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>ICC(2,1): absolute agreement of single measurements; sessions are drawn from many.</summary>
    public required IntervalEstimate Icc21 { get; init; }

    /// <summary>ICC(3,1): consistency of single measurements; these sessions and no others.</summary>
    public required IntervalEstimate Icc31 { get; init; }

    /// <summary>ICC(3,k): consistency of the mean of all sessions.</summary>
    public required IntervalEstimate Icc3K { get; init; }

    /// <summary>Standard error of measurement: SD·√(1 − ICC(2,1)), in the unit of the values.</summary>
    public double Sem => StandardDeviation * Math.Sqrt(Math.Max(0, 1 - Icc21.Value));

    /// <summary>Smallest change of one person that is more than error, 95 of 100 times: 1.96·√2·SEM.</summary>
    public double Mdc95 => 1.96 * Math.Sqrt(2) * Sem;

    /// <summary>
    /// In words, of the whole interval: poor below 0.5, moderate to 0.75, good to 0.9, excellent above (Koo and Li, doi 10.1016/j.jcm.2016.02.012).
    /// </summary>
    public static string Rating(IntervalEstimate icc)
    {
        var (lower, upper) = (Word(icc.Lower), Word(icc.Upper));
        return lower == upper ? lower : $"{lower} to {upper}";

        static string Word(double value) => value switch { < 0.5 => "poor", < 0.75 => "moderate", <= 0.9 => "good", _ => "excellent" };
    }

    /// <param name="table">A row per subject, a value per session; all rows of one length.</param>
    /// <exception cref="UserException">Fewer than two subjects or sessions, a hole, or all subjects alike.</exception>
    public static Reliability Of(IReadOnlyList<IReadOnlyList<double>> table)
    {
        var n = table.Count;
        var k = n > 0 ? table[0].Count : 0;
        if (n < 2 || k < 2)
            throw new UserException($"{n} subjects × {k} sessions: reliability takes at least 2 × 2.");
        if (table.Any(row => row.Count != k || row.Any(v => !double.IsFinite(v))))
            throw new UserException("Reliability takes one number for each subject and session: leave out subjects with a missing one.");

        var mean = table.Average(row => row.Average());
        var rows = k * table.Sum(row => Square(row.Average() - mean));
        var columns = n * Enumerable.Range(0, k).Sum(j => Square(table.Average(row => row[j]) - mean));
        var total = table.Sum(row => row.Sum(v => Square(v - mean)));
        var msr = rows / (n - 1);
        var msc = columns / (k - 1);
        var mse = Math.Max(0, total - rows - columns) / ((n - 1) * (k - 1));
        if (!(msr > 1e-12 * (1 + mean * mean)))
            throw new UserException("All subjects have the same mean: there is no difference between people to tell from error.");

        return new Reliability
        {
            Subjects = n,
            Sessions = k,
            Mean = mean,
            StandardDeviation = Math.Sqrt(total / (n * k - 1)),
            Icc21 = Agreement(msr, msc, mse, n, k),
            Icc31 = Consistency(msr, mse, n, k, k - 1),
            Icc3K = Consistency(msr, mse, n, k, 0),
        };
    }

    /// <summary>McGraw and Wong's ICC(A,1), with Satterthwaite's degrees of freedom.</summary>
    private static IntervalEstimate Agreement(double msr, double msc, double mse, int n, int k)
    {
        var icc = (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n);
        if (mse <= 1e-12 * msr && msc <= 1e-12 * msr)
            return new IntervalEstimate(icc, icc, icc);
        var a = k * icc / (n * (1 - icc));
        var b = 1 + k * icc * (n - 1) / (n * (1 - icc));
        var degrees = Square(a * msc + b * mse) / (Square(a * msc) / (k - 1) + Square(b * mse) / ((n - 1.0) * (k - 1)));
        var error = k * msc + ((double)k * n - k - n) * mse;
        var below = Distributions.FisherQuantile(Probability, n - 1, degrees);
        var above = Distributions.FisherQuantile(Probability, degrees, n - 1);
        return new IntervalEstimate(icc, n * (msr - below * mse) / (below * error + n * msr), n * (above * msr - mse) / (error + n * above * msr));
    }

    /// <param name="others">Sessions beside one: k − 1 for a single measurement, 0 for the mean of all.</param>
    private static IntervalEstimate Consistency(double msr, double mse, int n, int k, int others)
    {
        if (mse <= 1e-12 * msr)
            return new IntervalEstimate(1, 1, 1);
        var f = msr / mse;
        var degrees = (n - 1.0) * (k - 1);
        return new IntervalEstimate(Icc(f), Icc(f / Distributions.FisherQuantile(Probability, n - 1, degrees)), Icc(f * Distributions.FisherQuantile(Probability, degrees, n - 1)));

        double Icc(double ratio) => (ratio - 1) / (ratio + others);
    }

    private static double Square(double x) => x * x;
}

namespace SensorHub.Core.Sessions.Statistics;

/// <summary>
/// Agreement of two measurements of the same subjects: bias and 95 % limits, bias ± 1.96 SD of the differences, each with its
/// interval. Bland and Altman, doi 10.1016/S0140-6736(86)90837-8 and doi 10.1177/096228029900800204.
/// </summary>
/// <param name="Subjects">Pairs.</param>
/// <param name="Bias">Mean of first − second.</param>
/// <param name="StandardDeviation">Of the differences.</param>
/// <param name="LowerLimit">Bias − 1.96 SD.</param>
/// <param name="UpperLimit">Bias + 1.96 SD.</param>
public sealed record BlandAltman(int Subjects, IntervalEstimate Bias, double StandardDeviation, IntervalEstimate LowerLimit, IntervalEstimate UpperLimit)
{
    /// <exception cref="UserException">Fewer than two pairs, or not as many in the one as in the other.</exception>
    public static BlandAltman Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        var n = first.Count;
        if (n < 2 || second.Count != n)
            throw new UserException($"{n} and {second.Count} measurements: limits of agreement take at least two pairs.");
        var differences = first.Zip(second, (a, b) => a - b).ToArray();
        var bias = differences.Average();
        var sd = Math.Sqrt(differences.Sum(d => (d - bias) * (d - bias)) / (n - 1));
        var t = Distributions.StudentQuantile(0.975, n - 1);
        // Variance of a limit: that of the mean and that of 1.96 times the SD (1999, §2.2).
        var ofBias = t * sd / Math.Sqrt(n);
        var ofLimit = t * sd * Math.Sqrt(1.0 / n + 1.96 * 1.96 / (2.0 * (n - 1)));
        return new BlandAltman(n, Around(bias, ofBias), sd, Around(bias - 1.96 * sd, ofLimit), Around(bias + 1.96 * sd, ofLimit));
    }

    private static IntervalEstimate Around(double value, double half) => new(value, value - half, value + half);
}

namespace SensorHub.Core.Sessions.Statistics;

/// <summary>The distributions behind confidence intervals, by the regularised incomplete beta function.</summary>
public static class Distributions
{
    /// <summary>
    /// I_x(a, b) for a, b &gt; 0, by its continued fraction (DLMF 8.17.22) evaluated by Lentz's method; relative error below 1e-10 up to
    /// a, b of 1e5.
    /// </summary>
    public static double RegularizedBeta(double x, double a, double b)
    {
        if (x <= 0)
            return 0;
        if (x >= 1)
            return 1;
        // The fraction converges fast below the mean only.
        return x < (a + 1) / (a + b + 2) ? Fraction(x, a, b) : 1 - Fraction(1 - x, b, a);
    }

    /// <summary>P(F ≤ f) of Fisher's distribution.</summary>
    public static double FisherProbability(double f, double numerator, double denominator) =>
        f <= 0 ? 0 : RegularizedBeta(numerator * f / (numerator * f + denominator), numerator / 2, denominator / 2);

    /// <summary>The f of P(F ≤ f) = <paramref name="probability"/>; degrees of freedom need not be whole.</summary>
    /// <param name="probability">Between 0 and 1.</param>
    public static double FisherQuantile(double probability, double numerator, double denominator)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1);
        // In y = d₁f / (d₁f + d₂) the distribution is a beta's on (0, 1): bisect there, from the side where y does not round to 1.
        var (low, high) = (0.0, 1.0);
        while (high - low > 1e-16 * high && (low + high) / 2 is var middle && middle > low && middle < high)
        {
            if (RegularizedBeta(middle, numerator / 2, denominator / 2) < probability)
                low = middle;
            else
                high = middle;
        }
        var y = (low + high) / 2;
        return denominator * y / (numerator * (1 - y));
    }

    /// <summary>The t of P(T ≤ t) = <paramref name="probability"/> of Student's distribution: T² is Fisher's with 1 degree of freedom above.</summary>
    public static double StudentQuantile(double probability, double degrees) => probability switch
    {
        0.5 => 0,
        > 0.5 => Math.Sqrt(FisherQuantile(2 * probability - 1, 1, degrees)),
        _ => -StudentQuantile(1 - probability, degrees),
    };

    private static double Fraction(double x, double a, double b)
    {
        const double Tiny = 1e-300;
        var c = 1.0;
        var d = 1 / NotZero(1 + Term(1));
        var value = d;
        for (var n = 2; n < 100_000; n++)
        {
            d = 1 / NotZero(1 + Term(n) * d);
            c = NotZero(1 + Term(n) / c);
            value *= c * d;
            if (Math.Abs(c * d - 1) < 1e-15)
                break;
        }
        return Math.Exp(a * Math.Log(x) + b * Math.Log(1 - x) + LogGamma(a + b) - LogGamma(a) - LogGamma(b)) / a * value;

        double Term(int n)
        {
            double m = n / 2;
            return n % 2 == 0
                ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        }

        static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
    }

    /// <summary>ln Γ(x) for x &gt; 0: Stirling's series (DLMF 5.11.1) above 12, reached by Γ(x + 1) = x Γ(x).</summary>
    private static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 12; x++)
            shift += Math.Log(x);
        var r = 1 / (x * x);
        var series = (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188 - r * (691.0 / 360360 - r / 156)))))) / x;
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + series - shift;
    }
}

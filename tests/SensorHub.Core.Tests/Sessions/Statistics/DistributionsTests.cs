using CsCheck;
using SensorHub.Core.Sessions.Statistics;

namespace SensorHub.Core.Tests.Sessions.Statistics;

/// <summary>Against the tables that textbooks print (Snedecor and Cochran, Statistical Methods; NIST/SEMATECH e-Handbook §1.3.6.7).</summary>
public class DistributionsTests
{
    [Theory]
    [InlineData(0.95, 1, 1, 161.448)]
    [InlineData(0.95, 1, 10, 4.965)]
    [InlineData(0.95, 5, 10, 3.326)]
    [InlineData(0.95, 10, 5, 4.735)]
    [InlineData(0.95, 2, 20, 3.493)]
    [InlineData(0.975, 5, 15, 3.576)]
    [InlineData(0.975, 15, 5, 6.428)]
    [InlineData(0.99, 10, 10, 4.849)]
    [InlineData(0.99, 1, 30, 7.562)]
    public void Fishers_quantiles_are_those_of_the_tables(double probability, double numerator, double denominator, double f) =>
        Assert.Equal(f, Distributions.FisherQuantile(probability, numerator, denominator), 5e-4 * Math.Max(1, f / 10));

    [Theory]
    [InlineData(0.975, 1, 12.706)]
    [InlineData(0.975, 5, 2.571)]
    [InlineData(0.975, 16, 2.120)]
    [InlineData(0.95, 30, 1.697)]
    [InlineData(0.025, 10, -2.228)]
    [InlineData(0.975, 100_000, 1.960)]
    [InlineData(0.5, 7, 0)]
    public void Students_quantiles_are_those_of_the_tables(double probability, double degrees, double t) =>
        Assert.Equal(t, Distributions.StudentQuantile(probability, degrees), 6e-4);

    [Theory]
    [InlineData(0.3, 2, 3, 0.3483)]
    [InlineData(0.5, 7, 7, 0.5)]
    [InlineData(0.25, 0.5, 0.5, 1.0 / 3)]
    [InlineData(0.9, 4, 1, 0.6561)]
    public void The_beta_function_has_its_closed_values(double x, double a, double b, double value) =>
        Assert.Equal(value, Distributions.RegularizedBeta(x, a, b), 1e-12);

    [Fact]
    public void A_quantile_has_the_probability_it_was_asked_for() =>
        Gen.Select(Gen.Double[0.005, 0.995], Gen.Double[0.5, 300], Gen.Double[0.5, 300]).Sample(
            (p, d1, d2) => Assert.Equal(p, Distributions.FisherProbability(Distributions.FisherQuantile(p, d1, d2), d1, d2), 1e-9), iter: 300);
}

using CsCheck;
using SensorHub.Core.Sessions.Statistics;

namespace SensorHub.Core.Tests.Sessions.Statistics;

public class ReliabilityTests
{
    /// <summary>Table 2 of Shrout and Fleiss, Psychological Bulletin 86:420 (1979): six targets, four judges.</summary>
    private static readonly double[][] ShroutFleiss = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]];

    /// <summary>First readings of the Wright and of the mini Wright peak flow meter, l/min: Bland and Altman, Lancet 327:307 (1986), table 1.</summary>
    private static readonly double[] Wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427];

    private static readonly double[] MiniWright = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451];

    [Fact]
    public void Shrout_and_Fleiss_example_gives_their_coefficients()
    {
        var r = Reliability.Of(ShroutFleiss);

        Assert.Equal(0.29, r.Icc21.Value, 0.005);
        Assert.Equal(0.71, r.Icc31.Value, 0.005);
        Assert.Equal(0.91, r.Icc3K.Value, 0.005);
    }

    [Fact]
    public void Its_intervals_are_those_that_the_psych_package_of_R_prints_for_it()
    {
        var r = Reliability.Of(ShroutFleiss);

        Assert.Equal((0.019, 0.761), Rounded(r.Icc21));
        Assert.Equal((0.342, 0.946), Rounded(r.Icc31));
        Assert.Equal((0.676, 0.986), Rounded(r.Icc3K));

        static (double, double) Rounded(IntervalEstimate e) => (Math.Round(e.Lower, 3), Math.Round(e.Upper, 3));
    }

    [Fact]
    public void Peak_flow_example_gives_the_bias_the_deviation_and_the_limits_of_Bland_and_Altman()
    {
        var agreement = BlandAltman.Of(Wright, MiniWright);

        Assert.Equal(17, agreement.Subjects);
        Assert.Equal(-2.1, agreement.Bias.Value, 0.05);
        Assert.Equal(38.8, agreement.StandardDeviation, 0.05);
        Assert.Equal(-22.0, agreement.Bias.Lower, 0.1);
        Assert.Equal(17.8, agreement.Bias.Upper, 0.1);
        // The paper of 1986 takes two deviations, −79.7 and 75.5; with 1.96:
        Assert.Equal(-2.12 - 1.96 * 38.77, agreement.LowerLimit.Value, 0.05);
        Assert.Equal(-2.12 + 1.96 * 38.77, agreement.UpperLimit.Value, 0.05);
        // It gives each limit ± 34.6, by an approximate variance of 3s²/n.
        Assert.Equal(34.6, agreement.UpperLimit.Upper - agreement.UpperLimit.Value, 0.4);
    }

    [Fact]
    public void Sem_and_smallest_detectable_change_recover_the_error_that_was_put_in()
    {
        var random = new Random(4);
        var table = Enumerable.Range(0, 400).Select(_ =>
        {
            var person = 30 + 10 * Normal(random);
            return (double[])[person + 2 * Normal(random), person + 2 * Normal(random), person + 2 * Normal(random)];
        }).ToArray();

        var r = Reliability.Of(table);

        Assert.Equal(2, r.Sem, 0.15);
        Assert.Equal(1.96 * Math.Sqrt(2) * r.Sem, r.Mdc95, 1e-12);
        Assert.True(r.Icc21.Covers(100 / 104.0), $"{r.Icc21}");
    }

    [Fact]
    public void Intervals_of_the_coefficient_cover_the_truth_about_95_times_of_100()
    {
        var random = new Random(7);
        var covered = 0;
        for (var i = 0; i < 1000; i++)
        {
            var sessions = new[] { 1.0 * Normal(random), 1.0 * Normal(random), 1.0 * Normal(random), 1.0 * Normal(random) };
            var table = Enumerable.Range(0, 15).Select(_ =>
            {
                var person = 4 * Normal(random);
                return sessions.Select(s => person + s + 2 * Normal(random)).ToArray();
            }).ToArray();
            if (Reliability.Of(table).Icc21.Covers(16 / (16 + 1 + 4.0)))
                covered++;
        }
        Assert.InRange(covered, 925, 975);
    }

    [Fact]
    public void Shifting_and_scaling_the_values_changes_no_coefficient() =>
        Gen.Select(Gen.Double[-50, 50], Gen.Double[0.1, 20]).Sample((shift, scale) =>
            Assert.Equal(
                Reliability.Of(ShroutFleiss).Icc21.Lower,
                Reliability.Of([.. ShroutFleiss.Select(row => row.Select(v => shift + scale * v).ToArray())]).Icc21.Lower, 1e-6), iter: 50);

    [Fact]
    public void Sessions_that_agree_exactly_have_a_coefficient_of_one_and_no_error()
    {
        var r = Reliability.Of([[1, 1], [2, 2], [4, 4]]);
        Assert.Equal(1, r.Icc21.Value, 1e-12);
        Assert.Equal(0, r.Sem, 1e-6);
    }

    [Fact]
    public void A_table_that_says_nothing_is_refused_in_one_line()
    {
        Assert.Contains("at least 2 × 2", Assert.Throws<UserException>(() => Reliability.Of([[1, 2]])).Message, StringComparison.Ordinal);
        Assert.Contains("leave out subjects", Assert.Throws<UserException>(() => Reliability.Of([[1, double.NaN], [1, 2]])).Message, StringComparison.Ordinal);
        Assert.Contains("no difference between people", Assert.Throws<UserException>(() => Reliability.Of([[1, 2], [1, 2]])).Message, StringComparison.Ordinal);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

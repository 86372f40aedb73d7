using CsCheck;
using SensorHub.Core.Sessions.Statistics;

namespace SensorHub.Core.Tests.Sessions.Statistics;

public class DoseResponseTests
{
    /// <summary>Intramural pH and PaCO2 of eight subjects: Bland and Altman, BMJ 310:446 (1995), table 1.</summary>
    private static readonly (double[] Ph, double[] Paco2)[] BlandAltman1995 =
    [
        ([6.68, 6.53, 6.43, 6.33], [3.97, 4.12, 4.09, 3.97]),
        ([6.85, 7.06, 7.13, 7.17], [5.27, 5.37, 5.41, 5.44]),
        ([7.40, 7.42, 7.41, 7.37, 7.34, 7.35, 7.28, 7.30, 7.34], [5.67, 3.64, 4.32, 4.73, 4.96, 5.04, 5.22, 4.82, 5.07]),
        ([7.36, 7.33, 7.29, 7.30, 7.35], [5.67, 5.10, 5.53, 4.75, 5.51]),
        ([7.35, 7.30, 7.30, 7.37, 7.27, 7.28, 7.32, 7.32], [4.28, 4.44, 4.32, 3.23, 4.46, 4.72, 4.75, 4.99]),
        ([7.38, 7.30, 7.29, 7.33, 7.31, 7.33], [4.78, 4.73, 5.12, 4.93, 5.03, 4.93]),
        ([6.86, 6.94, 6.92], [6.85, 6.44, 6.52]),
        ([7.19, 7.29, 7.21, 7.25, 7.20, 7.19, 6.77, 6.82], [5.28, 4.56, 4.34, 4.32, 4.41, 3.69, 6.09, 5.58]),
    ];

    [Fact]
    public void Within_people_the_example_of_Bland_and_Altman_has_their_correlation_and_the_slope_of_the_rmcorr_package_of_R()
    {
        var response = DoseResponse.Of([.. BlandAltman1995.SelectMany((s, i) => s.Ph.Zip(s.Paco2, (ph, co2) => new DosedChange($"s{i}", co2, ph)))]);

        Assert.Equal((8, 47, 38), (response.Participants, response.Sessions, response.Degrees));
        Assert.Equal(-0.51, response.Correlation!.Value, 0.005);
        Assert.Equal(-0.108323, response.Slope!.Value.Value, 0.0000005);
        // t = −3.624 of 38 degrees, P = 0.0008: the interval is slope ± 2.0244 · slope / t.
        Assert.Equal(-0.108323 * (1 + 2.0244 / 3.624), response.Slope.Value.Lower, 0.0001);
        Assert.False(response.Slope.Value.Covers(0));
    }

    [Fact]
    public void Differences_between_people_give_no_slope_within_them() =>
        Gen.Double[-3, 3].Array[2, 6].Sample(levels =>
        {
            // Who rolls longer has the larger change; nobody's own change follows the own dose.
            var sessions = levels.SelectMany((level, i) => new[] { 60.0, 120, 180 }.Select((d, j) => new DosedChange($"p{i}", d + 100 * i, level + 10 * i + (j == 1 ? 1 : 0)))).ToArray();
            Assert.Equal(0, DoseResponse.Of(sessions).Slope!.Value.Value, 1e-9);
        });

    [Fact]
    public void Groups_count_people_once_each()
    {
        var response = DoseResponse.Of([new("a", 10, 2), new("a", 12, 4), new("b", 11, 5), new("a", 50, 8), new("b", 52, 6), new("b", 54, 8)], groups: 2);

        Assert.Equal([(10.0, 12.0, 2, 3), (50.0, 54.0, 2, 3)], response.Groups.Select(g => (g.Lowest, g.Highest, g.Participants, g.Sessions)));
        Assert.Equal(4, response.Groups[0].MeanChange, 1e-12); // 3 of a and 5 of b
        // Two people, 3 and 5: ± 12.706 · √2 / √2.
        Assert.Equal(4 - 12.706, response.Groups[0].Change!.Value.Lower, 0.001);
    }

    [Fact]
    public void One_session_each_has_groups_and_no_slope()
    {
        var response = DoseResponse.Of([new("a", 10, 2), new("b", 20, 3), new("c", 30, 4), new("d", 40, 5)]);
        Assert.Null(response.Slope);
        Assert.Equal(2, response.Groups.Count);
    }
}

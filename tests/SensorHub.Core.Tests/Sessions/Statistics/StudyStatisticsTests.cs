using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Sessions.Statistics;

namespace SensorHub.Core.Tests.Sessions.Statistics;

public class StudyStatisticsTests
{
    /// <summary>Shrout and Fleiss, Psychological Bulletin 86:420 (1979), table 2, as a measure of six people in four sessions.</summary>
    private static readonly double[][] ShroutFleiss = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]];

    [Fact]
    public void A_long_table_gives_the_coefficients_of_the_published_example()
    {
        var rows = StudyTable.Parse(
            ["participant,session,measure,value", .. ShroutFleiss.SelectMany((person, i) => person.Select((v, j) => FormattableString.Invariant($"p{i},s{j},pain,{v}")))], "study.csv");
        var study = StudyStatistics.Of(rows);

        var pain = Assert.Single(study.Reliability);
        Assert.Equal((6, 4, 0, Comparison.NewAttachment), (pain.Participants.Count, pain.Sessions.Count, pain.LeftOut, pain.Comparison));
        Assert.Equal((0.29, 0.71), (Math.Round(pain.Reliability.Icc21.Value, 2), Math.Round(pain.Reliability.Icc31.Value, 2)));
        Assert.Equal(["s1", "s2", "s3"], pain.Agreement.Select(a => a.Session));
        Assert.Equal(ShroutFleiss.Average(p => p[1] - p[0]), pain.Agreement[0].Agreement.Bias.Value, 1e-12);
        Assert.Empty(study.Doses);
    }

    [Fact]
    public void Changes_are_put_against_what_was_rolled_in_the_same_session()
    {
        var rows = new List<StudyRow>();
        for (var person = 0; person < 4; person++)
            for (var session = 0; session < 3; session++)
            {
                var contact = 60.0 + 30 * session + person;
                rows.Add(Row(person, session, ProtocolRun.Before, 30 + person, contact));
                rows.Add(Row(person, session, ProtocolRun.AfterTwoMinutes, 30 + person + 0.05 * contact, contact));
            }
        var dose = Assert.Single(StudyStatistics.Of(rows).Doses);
        Assert.Equal(("contact_s", 12, 0.05), (dose.Dose, dose.Sessions.Count, Math.Round(dose.Response.Slope!.Value.Value, 9)));
    }

    [Fact]
    public void Who_misses_a_session_is_left_out_and_counted_and_what_cannot_be_told_says_why()
    {
        var rows = StudyTable.Parse(
            ["session,participant,measure,value,wearing", "1,a,pain,3,w1", "2,a,pain,4,w1", "1,b,pain,5,w2", "2,b,pain,5,w2", "1,c,pain,1,w3", "1,a,standing_lordosis,30,w1"], "study.csv");
        var study = StudyStatistics.Of(rows);
        Assert.Equal((2, 1, Comparison.SameAttachment), (study.Reliability[0].Participants.Count, study.Reliability[0].LeftOut, study.Reliability[0].Comparison));
        Assert.StartsWith("lordosis standing: 1 subjects × 1 sessions", Assert.Single(study.Left), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_come_back_as_they_were_written()
    {
        StudyRow[] rows = [Row(1, 2, ProtocolRun.AfterTenMinutes, 31.25, 61.5) with { Task = "roll, then bend", Wearing = Slug.Parse("monday"), Uncertainty = 1.5, Impulse = 4000 }];
        Assert.Equal(rows, StudyTable.Parse([StudyTable.Header, .. rows.Select(StudyTable.Row)], "study.csv"));
    }

    [Theory]
    [InlineData("there is no column value", "participant,session,measure")]
    [InlineData("line 2, column measure: 'lordosis' is none of pelvic_rotation", "participant,session,measure,value", "a,1,lordosis,3")]
    [InlineData("line 2, column value: 'x' is no number", "participant,session,measure,value", "a,1,pain,x")]
    [InlineData("line 3 has 3 cells where the header has 4", "participant,session,measure,value", "a,1,pain,3", "a,2,pain")]
    [InlineData("there is no measure in it", "participant,session,measure,value")]
    public void A_bad_table_is_named_in_one_line(string problem, params string[] lines) =>
        Assert.Contains(problem, Assert.Throws<UserException>(() => StudyTable.Parse(lines, "study.csv")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0.1, 0.4, "poor")]
    [InlineData(0.3, 0.8, "poor to good")]
    [InlineData(0.76, 0.9, "good")]
    [InlineData(0.75, 0.95, "good to excellent")]
    [InlineData(0.91, 0.99, "excellent")]
    public void Reliability_in_words_is_that_of_the_whole_interval(double lower, double upper, string words) =>
        Assert.Equal(words, Reliability.Rating(new IntervalEstimate((lower + upper) / 2, lower, upper)));

    private static StudyRow Row(int person, int session, ProtocolRun run, double value, double contact) =>
        new($"p{person}", $"s{session}", "rolling", run, Measure.PelvicRotation, Side.None, value, null, default, contact, null);
}

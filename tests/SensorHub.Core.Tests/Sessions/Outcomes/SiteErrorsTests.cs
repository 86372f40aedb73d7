using SensorHub.Core.Sessions.Outcomes;

namespace SensorHub.Core.Tests.Sessions.Outcomes;

public class SiteErrorsTests
{
    [Fact]
    public void From_thirty_people_on_a_site_judges_by_its_own_error_below_by_the_published_one()
    {
        var table = SiteErrors.Parse([SiteErrors.Header, SiteErrors.Row(Measure.PelvicRotation, Comparison.SameAttachment, 1.5, 30), SiteErrors.Row(Measure.StandingLordosis, Comparison.SameAttachment, 1, 29)], "site");

        var own = table.Find(Measure.PelvicRotation, Comparison.SameAttachment)!;
        Assert.Equal((1.5, 4.158, "this site, 30 people"), (own.Sem.Upper, Math.Round(own.Mdc.Upper, 3), own.Source));
        Assert.Same(DetectableChanges.Published.Find(Measure.StandingLordosis, Comparison.SameAttachment), table.Find(Measure.StandingLordosis, Comparison.SameAttachment));
    }

    [Theory]
    [InlineData("the first line is not measure,comparison,sem,subjects", "a,b")]
    [InlineData("line 2 is not such as", SiteErrors.Header, "lordosis,same_attachment,2,40")]
    [InlineData("line 2 is not such as", SiteErrors.Header, "pain,new_attachment,-2,40")]
    [InlineData("line 2 is not such as", SiteErrors.Header, "pain,new_attachment,2")]
    public void A_bad_file_is_named_in_one_line(string problem, params string[] lines) =>
        Assert.Contains(problem, Assert.Throws<UserException>(() => SiteErrors.Parse(lines, "site")).Message, StringComparison.Ordinal);
}

using SensorHub.Core.Sessions.Studies;

namespace SensorHub.Core.Tests.Sessions.Studies;

public sealed class StudyFileTests
{
    private const string Good =
        """
        { "schema": "study/1", "id": "flat-back", "name": "Flat back", "protocol": "1.0", "keep_days": 365,
          "arms": [ { "id": "rolling", "name": "Rolling" }, { "id": "control", "name": "Nothing" } ],
          "visits": [ "before", "after" ],
          "tasks": [ { "id": "stand", "name": "Stand still", "duration_s": 60, "runs": 3, "instruction": "Stand still." }, { "id": "roll", "name": "Roll" } ],
          "participants": [ { "id": "p01", "arm": "rolling", "attributes": { "age": "34" } }, { "id": "p02", "arm": "control", "subject": "anna" } ] }
        """;

    [Fact]
    public void A_study_is_read_and_written_without_loss()
    {
        var study = StudyFile.Parse(Good, "study.json");
        Assert.Equal(("flat-back", "1.0", 365), (study.Id.ToString(), study.Protocol, study.KeepDays));
        Assert.Equal(["rolling", "control"], study.Arms.Select(a => a.Id.ToString()));
        Assert.Equal([new StudyTask(Slug.Parse("stand"), "Stand still", TimeSpan.FromSeconds(60), 3, "Stand still."), new StudyTask(Slug.Parse("roll"), "Roll")], study.Tasks);
        Assert.Equal("34", study.Of(Slug.Parse("p01"))!.Attributes["age"]);
        Assert.Equal("p02", study.Of(Slug.Parse("anna"))!.Id.ToString());
        Assert.Null(study.Of(Slug.Parse("bert")));

        var again = StudyFile.Parse(StudyFile.Write(study), "written");
        Assert.True(again.DoesTheSame(study));
        Assert.Equal(StudyFile.Write(study), StudyFile.Write(again));
    }

    [Theory]
    [InlineData("\"study/1\"", "\"study/2\"", "it is of version 2, written by a newer program")]
    [InlineData("\"keep_days\"", "\"keepdays\"", "line 1: The JSON property 'keepdays' could not be mapped")]
    [InlineData("\"flat-back\"", "\"Flat back\"", "the id 'Flat back' is not a name")]
    [InlineData("\"protocol\": \"1.0\"", "\"protocol\": \"one point zero\"", "its protocol 'one point zero' is no version")]
    [InlineData("365", "0", "keep_days is 1 or more")]
    [InlineData("\"id\": \"control\"", "\"id\": \"rolling\"", "two arms are called 'rolling'.")]
    [InlineData("\"after\"", "\"be-fore\"", "two visits are called 'be-fore', by their letters and digits.")]
    [InlineData("\"roll\"", "\"stand\"", "two tasks are called 'stand'")]
    [InlineData("\"p02\"", "\"p-01\"", "two participants are called 'p-01'")]
    [InlineData("\"anna\"", "\"p01\"", "participants p01 and p02 are both subject 'p01'.")]
    [InlineData("\"runs\": 3", "\"runs\": 0", "task 'stand' has 0 runs")]
    [InlineData("60,", "-1,", "task 'stand' lasts -1 s")]
    [InlineData("60,", "1e300,", "task 'stand': duration_s is no duration.")]
    [InlineData("\"Stand still.\"", "\"Stand\\nstill.\"", "the instruction of task 'stand' is one line of 1 to 200 characters.")]
    [InlineData("\"arm\": \"control\", ", "", "participant 'p02' is in no arm; there are rolling, control.")]
    [InlineData("\"arm\": \"control\"", "\"arm\": \"placebo\"", "participant 'p02' is in arm 'placebo'; there are rolling, control.")]
    [InlineData("{ \"id\": \"roll\", \"name\": \"Roll\" }", "null", "task 2: it is empty.")]
    public void What_is_wrong_is_said_in_one_line(string what, string instead, string said)
    {
        Assert.Contains(what, Good, StringComparison.Ordinal);
        var message = Assert.Throws<UserException>(() => StudyFile.Parse(Good.Replace(what, instead, StringComparison.Ordinal), "study.json")).Message;
        Assert.StartsWith("study.json:", message, StringComparison.Ordinal);
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}

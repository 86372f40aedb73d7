using SensorHub.Core;
using SensorHub.Export.Studies;

namespace SensorHub.Export.Tests.Studies;

public sealed class StudyListTests
{
    [Fact]
    public void Rows_become_entries_with_paths_from_the_files_own_folder()
    {
        var entries = StudyList.Parse(["recording,participant,session,task,run,protocol,age,arm", "rec/a,p1,1,\"roll, then bend\",2,1.1,34,control", "", "/abs/b,p2,1,bends,,,29,"], "study.csv", "/study");
        Assert.Equal(["/study/rec/a", "/abs/b"], entries.Select(e => e.Recording));
        Assert.Equal(["sub-p1_ses-1_task-rollthenbend_run-2", "sub-p2_ses-1_task-bends"], entries.Select(e => e.Name));
        Assert.Equal(("1.1", "34", "control"), (entries[0].Protocol, entries[0].Attributes["age"], entries[0].Attributes["arm"]));
        Assert.False(entries[1].Attributes.ContainsKey("arm"));
        Assert.Equal("participant=p1/study_session=1/task=rollthenbend/run=2", entries[0].Partition);
    }

    [Theory]
    [InlineData("there is no column participant", "recording,task", "a,b")]
    [InlineData("line 2 has 2 cells where the header has 3", "recording,participant,task", "a,b")]
    [InlineData("line 2, column task: it is empty", "recording,participant,task", "a,b,")]
    [InlineData("'anna-maria' is no label", "recording,participant,task", "a,anna-maria,t")]
    [InlineData("'0' is no number from 1 to 999", "recording,participant,task,run", "a,b,t,0")]
    [InlineData("a and b are both sub-p_task-t", "recording,participant,task", "a,p,t", "b,p,t")]
    [InlineData("participant p: age is '3' and '4'", "recording,participant,task,age", "a,p,t,3", "b,p,u,4")]
    [InlineData("some recordings name a session and some do not", "recording,participant,session,task", "a,p,1,t", "b,p,,u")]
    [InlineData("there is no recording in it", "recording,participant,task")]
    [InlineData("a quotation mark is missing", "recording,participant,task", "a,p,\"t")]
    public void A_bad_file_is_named_in_one_line(string problem, params string[] lines) =>
        Assert.Contains(problem, Assert.Throws<UserException>(() => StudyList.Check(StudyList.Parse([.. lines.Select(l => l.Replace("/study/", "", StringComparison.Ordinal))], "study.csv", ""), "study.csv")).Message, StringComparison.Ordinal);
}

using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Tests.Sessions.Studies;

public sealed class RecordedStudyTests
{
    private static readonly Slug Stand = Slug.Parse("stand");
    private static readonly Slug Roll = Slug.Parse("roll");

    private readonly RecordedStudy _study = new();

    [Fact]
    public void A_task_ends_when_somebody_says_so_or_the_next_begins_or_the_session_ends()
    {
        Take(0, new Marker.SessionBegan(Slug.Parse("s"), Slug.Parse("p"), null));
        Take(1, new Marker.StudyJoined(Slug.Parse("flat-back"), "1.0", Slug.Parse("p01"), default, default));
        Take(2, new Marker.TaskBegan(Stand, 1));
        Take(3, new Marker.TaskEnded(Roll)); // another
        Take(4, new Marker.TaskEnded(Stand));
        Take(5, new Marker.TaskBegan(Stand, 2));
        Take(7, new Marker.TaskBegan(Roll, 1));
        Assert.Equal(Roll, _study.Current!.Task);
        Take(9, new Marker.SessionEnded(Slug.Parse("s")));

        Assert.Equal("p01", _study.Joined!.Participant.ToString());
        Assert.Null(_study.Current);
        Assert.Equal([new(Stand, 1, At(2), At(4)), new(Stand, 2, At(5), At(7)), new RecordedTask(Roll, 1, At(7), At(9))], _study.Tasks);
    }

    [Fact]
    public void The_next_session_is_of_no_study_until_it_is_said()
    {
        Take(1, new Marker.StudyJoined(Slug.Parse("flat-back"), "1.0", Slug.Parse("p01"), default, default));
        Take(2, new Marker.TaskBegan(Stand, 1));
        Take(3, new Marker.SessionBegan(Slug.Parse("s2"), Slug.Parse("p"), null));
        Assert.Null(_study.Joined);
        Assert.Empty(_study.Tasks);
    }

    private static Timestamp At(int second) => new(second * 1_000_000_000L);

    private void Take(int second, Marker marker) => _study.Take(At(second), marker);
}

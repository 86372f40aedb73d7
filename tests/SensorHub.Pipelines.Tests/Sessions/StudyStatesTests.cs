using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Tests.Sessions;

public sealed class StudyStatesTests
{
    [Fact]
    public void Tasks_and_events_of_a_study_are_states_of_the_session_at_the_time_of_their_marker()
    {
        var pipeline = new FeaturePipeline();
        (double Second, Marker Marker)[] said =
        [
            (0, new Marker.SessionBegan(Slug.Parse("s"), Slug.Parse("p"), null)),
            (0.25, new Marker.StudyJoined(Slug.Parse("flat-back"), "1.0", Slug.Parse("p01"), Slug.Parse("before"), default)),
            (0.5, new Marker.TaskBegan(Slug.Parse("stand"), 1)),
            (0.6, new Marker.EventMarked(Slug.Parse("trigger"), 7)),
            (0.7, new Marker.TaskBegan(Slug.Parse("roll"), 1)),
            (0.75, new Marker.TaskEnded(Slug.Parse("stand"))), // is over already
            (0.8, new Marker.SessionEnded(Slug.Parse("s"))),
        ];
        var states = said.SelectMany(s => pipeline.Update(new SensorRecord.Marked(At(s.Second), s.Marker))).OfType<SessionState>().ToArray();
        Assert.Equal(
            [
                (0, SessionEvent.Began, "", ""), (0.25, SessionEvent.StudyJoined, "flat-back", ""), (0.5, SessionEvent.TaskBegan, "flat-back", "stand"), (0.6, SessionEvent.Marked, "flat-back", "stand"),
                (0.7, SessionEvent.TaskEnded, "flat-back", "stand"), (0.7, SessionEvent.TaskBegan, "flat-back", "roll"), (0.8, SessionEvent.TaskEnded, "flat-back", "roll"), (0.8, SessionEvent.Ended, "flat-back", ""),
            ],
            states.Select(s => ((s.Time - At(0)).TotalSeconds, s.Event, s.Study.ToString(), s.Task.ToString())));
        Assert.Equal(("trigger", 7.0), (states[3].Label.ToString(), states[3].Value!.Value));
    }

    private static Timestamp At(double second) => new(1_769_860_800_000_000_000 + (long)(second * 1e9));
}

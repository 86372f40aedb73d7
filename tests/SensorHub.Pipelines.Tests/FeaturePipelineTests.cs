using System.Reactive.Linq;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;
using static SensorHub.Pipelines.Tests.HandMade;

namespace SensorHub.Pipelines.Tests;

public sealed class FeaturePipelineTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("features-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_session_begins_runs_each_second_and_ends()
    {
        var states = Features(EventfulSession()).OfType<SessionState>().ToList();
        Assert.Equal(SessionEvent.Began, states[0].Event);
        Assert.Equal((SessionEvent.Ended, TimeSpan.FromSeconds(11.1)), (states[^1].Event, states[^1].Duration));
        Assert.Equal(Enumerable.Range(1, 11).Select(s => TimeSpan.FromSeconds(s)), states.Where(s => s.Event == SessionEvent.Running).Select(s => s.Duration));
        Assert.All(states, s => Assert.Equal((Session, Subject), (s.Session, s.Subject)));
        Assert.Equal((Muscle.Hamstrings, Side.Left), (states[^1].Muscle, states[^1].Side));
    }

    [Fact]
    public void What_somebody_says_is_a_cue_of_the_session_of_whom_it_is_for_and_of_no_other()
    {
        List<SensorRecord> records = [.. EventfulSession()];
        var middle = records.Count / 2;
        var at = records[middle].At;
        records.InsertRange(middle + 1,
        [
            new SensorRecord.Marked(at, new Marker.Said(Subject, "A little lighter", CueLevel.Warn, "Dr Berg")),
            new SensorRecord.Marked(at, new Marker.Said(Slug.Parse("somebody-else"), "Faster", CueLevel.Info, "Dr Berg")),
        ]);
        var cue = Assert.Single(Features(records).OfType<Cue>(), c => c.Code == CueCode.Message);
        Assert.Equal((at, Session, Subject, CueLevel.Warn, "A little lighter", "Dr Berg"), (cue.Time, cue.Session, cue.Subject, cue.Level, cue.Text, cue.SaidBy));
    }

    [Fact]
    public void The_session_tells_the_first_and_the_last_pain_that_was_said_in_it()
    {
        List<SensorRecord> records = [.. EventfulSession()];
        var middle = records.Count / 2;
        records.InsertRange(middle + 1, [
            new SensorRecord.Marked(records[middle].At, new Marker.PainReported(3, PainCharacter.Pressure)),
            new SensorRecord.Marked(records[middle].At, new Marker.PainReported(5.5, PainCharacter.Pressure)),
        ]);
        var states = Features(records).OfType<SessionState>().ToList();
        Assert.Equal((null, null), (states[0].PainAtStart, states[0].Pain));
        Assert.Equal((3, 5.5), (states[^1].PainAtStart, states[^1].Pain));
    }

    [Fact]
    public void A_feature_belongs_to_the_session_in_whose_time_it_is()
    {
        List<SensorRecord> records = [.. EventfulSession()];
        foreach (var feature in Features(records))
        {
            var within = feature.Time >= At(0.5) && feature.Time <= At(11.6);
            Assert.Equal(within ? (Session, Subject) : default, (feature.Session, feature.Subject));
        }
    }

    [Fact]
    public void A_change_of_phase_is_said_when_it_happens()
    {
        var features = Features(EventfulSession());
        var said = features.OfType<SessionState>().Where(s => s.Event == SessionEvent.PhaseChanged).Select(s => (s.Time, s.Phase));
        var phase = Phase.Unknown;
        var expected = new List<(Timestamp, Phase)>();
        foreach (var posture in features.OfType<PostureEstimate>().Where(p => !p.Session.IsNone))
        {
            if (posture.Phase != phase)
                expected.Add((posture.Time, posture.Phase));
            phase = posture.Phase;
        }
        Assert.Equal(expected, said);
    }

    [Fact]
    public void The_same_records_give_the_same_features_and_a_subscription_shares_nothing()
    {
        var records = EventfulSession().ToObservable().Features();
        var first = records.ToEnumerable().Select(Exactly).ToList();
        Assert.NotEmpty(first);
        Assert.Equal(first, records.ToEnumerable().Select(Exactly));
    }

    [Fact]
    public void A_replay_of_the_recording_gives_the_features_of_the_live_session_to_the_last_bit()
    {
        // The hub has run for a while: it knows clocks and counts that the recording does not.
        List<SensorRecord> before = [Described(0, Clip, ClipDescriptor), Link(0, Clip, LinkState.Streaming)];
        for (uint s = 0; s < 6000; s += 10)
        {
            before.Add(ImuFrame(Clip, LowerImu, s));
            if (s % 500 == 0)
                before.Add(new SensorRecord.TimeExchanged(At(s * 0.01 + 0.095), Clip, At(s * 0.01 + 0.09), new DeviceTime(1, s * 10_000ul + 92_000), s * 10_000ul + 92_000));
        }
        var records = before.Concat(EventfulSession(first: 6000)).ToList();

        using var recorder = new Recorder(_root, Assert.Fail);
        foreach (var record in records)
            recorder.OnNext(record);
        var live = Features(records).SkipWhile(f => f is not SessionState).TakeUntilEnd().Select(Exactly).ToList();
        var replayed = Features(RecordingReader.Read(recorder.Folder!)).SkipWhile(f => f is not SessionState).Select(Exactly).ToList();
        var again = Features(RecordingReader.Read(recorder.Folder!)).SkipWhile(f => f is not SessionState).Select(Exactly).ToList();
        Assert.InRange(live.Count, 100, 10_000);
        Assert.Equal(live, replayed);
        Assert.Equal(replayed, again);
    }

    [Fact]
    public void A_new_load_calibration_does_not_begin_the_rolling_anew()
    {
        var zeroed = RollerDescriptor with { LoadCalibrations = [.. RollerDescriptor.LoadCalibrations.Select(c => c with { Zero = c.Zero + 3 })] };
        var records = EventfulSession().Append(Described(7, Roller, zeroed)).OrderBy(r => r.At);
        var rolling = Features(records).OfType<RollingEstimate>().Where(r => !r.Session.IsNone).ToList();
        Assert.All(rolling.Zip(rolling.Skip(1)), pair => Assert.True(pair.Second.ContactTime >= pair.First.ContactTime));
        Assert.True(rolling.Find(r => r.Time > At(6.5))!.ContactTime > TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_torn_recording_gives_the_features_of_what_is_whole()
    {
        using (var recorder = new Recorder(_root, Assert.Fail))
        {
            foreach (var record in EventfulSession())
                recorder.OnNext(record);
        }
        var file = Segment.Find(Path.Combine(_root, "evening"))[0];
        using (var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.SetLength(handle, RandomAccess.GetLength(handle) / 2);
        var whole = Features(EventfulSession()).SkipWhile(f => f is not SessionState).Select(Exactly).ToList();
        var torn = Features(RecordingReader.Read(file)).SkipWhile(f => f is not SessionState).Select(Exactly).ToList();
        Assert.InRange(torn.Count, 20, whole.Count - 1);
        Assert.Equal(whole.Take(torn.Count), torn);
    }

    private static List<Feature> Features(IEnumerable<SensorRecord> records)
    {
        var pipeline = new FeaturePipeline();
        return [.. records.SelectMany(pipeline.Update)];
    }

    /// <summary>Every property; doubles as their shortest text that reads back to the same bits.</summary>
    private static string Exactly(Feature feature) => feature.ToString();
}

internal static class FeatureSequences
{
    public static IEnumerable<Feature> TakeUntilEnd(this IEnumerable<Feature> features)
    {
        foreach (var feature in features)
        {
            yield return feature;
            if (feature is SessionState { Event: SessionEvent.Ended })
                yield break;
        }
    }
}

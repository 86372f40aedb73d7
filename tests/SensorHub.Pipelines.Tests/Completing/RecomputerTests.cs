using System.Reactive.Linq;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Recording;
using RollingSet = SensorHub.Core.Rolling.RollingSet;

namespace SensorHub.Pipelines.Tests.Completing;

/// <summary>
/// Live estimates with samples missing, and what is said when these came: as a database keeps it, under one key one point, the last one
/// said.
/// </summary>
public sealed class RecomputerTests(RecomputerTests.Sessions sessions, ITestOutputHelper output) : IClassFixture<RecomputerTests.Sessions>, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("recomputer-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task What_is_final_is_what_a_radio_that_loses_nothing_would_have_given()
    {
        var ended = sessions.Lossless.OfType<SensorRecord.Marked>().Single(m => m.Marker is Marker.SessionEnded).At;
        var whole = Store((await PlayAsync(sessions.Lossless.TakeWhile(r => r.At <= ended))).Where(f => !f.Session.IsNone));
        var played = await PlayAsync(sessions.Lossy);
        var live = Store(played.Where(f => f.Finality == Finality.Live));
        var complete = Store(played.Where(f => !f.Session.IsNone));
        output.WriteLine($"{whole.Count} points without loss, {live.Count} live, {complete.Count} in the end; said anew: " +
            string.Join(", ", played.Where(f => f.Finality != Finality.Live).GroupBy(f => f.Finality).Select(g => $"{g.Key} {g.Count()}")));

        // What is behind the end of the session is in no recording: live estimates of it are taken back. Before it, the clock saw no arrivals during the outage, so samples of that time differ by some of its uncertainty, and with them, by
        // as much as a body moves in that time, the values. Nothing else differs: the same points are there, and no others.
        AssertClose<PostureEstimate>(whole, complete, 0.05, f => f.Lordosis?.Value, f => f.PelvicInclination?.Value);
        AssertClose<RollingEstimate>(whole, complete, 1.5, f => f.Force?.Value, f => f.RollAngleDegrees);
        Assert.NotEqual(Of<PostureEstimate>(whole).Count, Of<PostureEstimate>(live).Count);
        var strokes = Of<Stroke>(complete);
        Assert.NotEmpty(strokes);
        Assert.Equal(Of<Stroke>(whole).Select(s => (s.Number, s.Direction)), strokes.Select(s => (s.Number, s.Direction)));
        Assert.All(Of<Stroke>(whole).Zip(strokes), pair => Assert.InRange((pair.First.Time - pair.Second.Time).TotalMilliseconds, -5, 5));
        Assert.All(Of<Stroke>(whole).Zip(strokes), pair => Assert.InRange(pair.First.Length.Value - pair.Second.Length.Value, -0.001, 0.001));
        Assert.Equal(Of<RollingSet>(whole).Select(s => (s.Number, s.Strokes, s.Muscle)), Of<RollingSet>(complete).Select(s => (s.Number, s.Strokes, s.Muscle)));
        Assert.Equal(Of<SessionState>(whole).Where(s => s.Event == SessionEvent.Running).Select(s => s.Time), Of<SessionState>(complete).Where(s => s.Event == SessionEvent.Running).Select(s => s.Time));
    }

    [Fact]
    public Task A_reading_of_the_recording_gives_what_is_stored_in_the_end_to_the_last_bit() => ReadsAsStoredAsync(sessions.Lossy);

    [Theory]
    [InlineData("bends", 3)]
    [InlineData("desk", 11)]
    [InlineData("knock", 26)]
    public Task And_so_it_does_for_other_people_who_do_other_things_by_a_radio_that_loses_much(string scenario, int person)
    {
        var records = new List<SensorRecord>();
        new SimulatedSession(new SimulationOptions
        {
            Scenario = Scenario.All.Single(s => s.Name == scenario), Person = PersonTraits.Draw(person), Seed = person, Radio = new RadioOptions { NotificationLoss = 0.04 },
        }).Run(records.Add, TestContext.Current.CancellationToken);
        return ReadsAsStoredAsync(records);
    }

    private async Task ReadsAsStoredAsync(IReadOnlyList<SensorRecord> records)
    {
        var ended = records.OfType<SensorRecord.Marked>().Single(m => m.Marker is Marker.SessionEnded).At;
        var recording = records.TakeWhile(r => r.At <= ended).ToList();
        var stored = Store((await PlayAsync(recording)).Where(f => !f.Session.IsNone && Recomputation.IsComputed(f)));
        var read = Store(CompleteReading.Read(recording).SelectMany(step => step.Features).Where(f => !f.Session.IsNone && Recomputation.IsComputed(f)));

        Assert.Equal(Written(stored), Written(read));
        Assert.All(read.Values, f => Assert.Equal(Finality.Final, f.Finality));
        Assert.NotEmpty(read);

        static IEnumerable<string> Written(Dictionary<FeatureKey, Feature> features) => features.Values.Select(f => (f with { Finality = Finality.Live }).ToString()).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_replay_says_the_same_live_historical_and_final_to_the_last_bit()
    {
        // Without what arrives behind the end of the session: no recording has it.
        var ended = sessions.Lossy.OfType<SensorRecord.Marked>().Single(m => m.Marker is Marker.SessionEnded);
        var live = await PlayAsync(sessions.Lossy.TakeWhile(r => r != ended).Append(ended));
        var folder = Directory.GetDirectories(_root).Single();
        var replayed = await PlayAsync(RecordingReader.Read(folder), RecordingReader.Read(folder));
        foreach (var finality in new[] { Finality.Historical, Finality.Superseded, Finality.Final })
        {
            Assert.Contains(live, f => f.Finality == finality);
            Assert.Equal(live.Where(f => f.Finality == finality).Select(f => f.ToString()), replayed.Where(f => f.Finality == finality).Select(f => f.ToString()));
        }
        Assert.Equal(
            live.Where(f => f.Finality == Finality.Live).Select(f => f.ToString()),
            replayed.Where(f => f.Finality == Finality.Live).Select(f => f.ToString()));
    }

    [Fact]
    public async Task An_outage_of_the_radio_is_fetched_from_the_ring_buffer_and_costs_no_stroke_in_the_end()
    {
        var records = new List<SensorRecord>();
        new SimulatedSession(new SimulationOptions
        {
            Seed = 7,
            Radio = new RadioOptions { NotificationLoss = 0.001, Outages = [new Outage(TimeSpan.FromSeconds(70), TimeSpan.FromSeconds(12))] },
        }).Run(records.Add);
        var played = await PlayAsync(records);
        var complete = Store(played);
        output.WriteLine(string.Join(", ", played.GroupBy(f => f.Finality).Select(g => $"{g.Key} {g.Count()}")));
        output.WriteLine(string.Join(", ", Of<Gap>(complete).GroupBy(g => g.State).Select(g => $"{g.Count()} gaps {g.Key}")));

        // The same person over another radio, which delays otherwise: the clocks are observed at other times, and a stroke begins within
        // what they are uncertain by.
        var whole = Store(await PlayAsync(sessions.Lossless));
        Assert.Contains(Of<Gap>(complete), g => g is { Cause: GapCause.Disconnected, State: GapState.Recovered });
        Assert.Equal(Of<Stroke>(whole).Select(s => (s.Number, s.Direction)), Of<Stroke>(complete).Select(s => (s.Number, s.Direction)));
        Assert.All(Of<Stroke>(whole).Zip(Of<Stroke>(complete)), pair => Assert.InRange((pair.First.Time - pair.Second.Time).TotalMilliseconds, -30, 30));
        Assert.True(Of<Stroke>(Store(played.Where(f => f.Finality == Finality.Live))).Count < Of<Stroke>(complete).Count);
    }

    [Fact]
    public async Task A_session_without_gaps_is_said_once() =>
        Assert.DoesNotContain(await PlayAsync(sessions.Lossless), f => f.Finality != Finality.Live);

    [Fact]
    public async Task Samples_that_never_come_change_nothing_and_their_gaps_are_final()
    {
        var never = LossyRadio.Lose(sessions.Lossless, frame => sessions.IsAway(frame) ? LossyRadio.Never : null);
        var played = await PlayAsync(never);
        Assert.DoesNotContain(played, f => f.Finality != Finality.Live);
        Assert.All(Of<Gap>(Store(played)), g => Assert.Equal(GapState.Final, g.State));
        Assert.NotEmpty(Of<Gap>(Store(played)));
    }

    [Fact]
    public async Task Cues_health_and_gaps_are_what_happened_and_are_not_said_anew() =>
        Assert.DoesNotContain(await PlayAsync(sessions.Lossy), f => f is Cue or Gap or SensorHealth && f.Finality != Finality.Live);

    [Fact]
    public async Task Every_gap_that_was_filled_is_said_as_recovered_with_nothing_missing()
    {
        var played = await PlayAsync(sessions.Lossy);
        var gaps = Of<Gap>(Store(played));
        Assert.NotEmpty(gaps);
        Assert.All(gaps, g => Assert.Equal((GapState.Recovered, 0L), (g.State, g.SamplesLost!.Value)));
        Assert.All(played.OfType<SensorHealth>().GroupBy(h => h.Sensor), g => Assert.Equal(0, g.Last().Lost));
    }

    /// <summary>As the hub does it: live features as they come, and what is said anew.</summary>
    private async Task<List<Feature>> PlayAsync(IEnumerable<SensorRecord> played, IEnumerable<SensorRecord>? recording = null)
    {
        var said = new List<Feature>();
        var gate = new Lock();
        using var recorder = new Recorder(_root, Assert.Fail);
        using var recomputer = new Recomputer(() => recording ?? RecordingReader.Read(recorder.Folder!), f => f.ToString(), (feature, _) =>
        {
            lock (gate)
                said.Add(feature);
            return Task.CompletedTask;
        }, Assert.Fail);
        var records = played.ToObservable().Publish();
        if (recording is null)
            records.Subscribe(recorder);
        records.Features().Do((IObserver<Feature>)recomputer).Subscribe(feature =>
        {
            lock (gate)
                said.Add(feature);
        });
        records.Subscribe(recomputer);
        records.Connect();
        await recomputer.CompleteAsync(TestContext.Current.CancellationToken);
        return said;
    }

    /// <summary>One point under one key, the last one said; without those that were taken back.</summary>
    private static Dictionary<FeatureKey, Feature> Store(IEnumerable<Feature> said)
    {
        var store = new Dictionary<FeatureKey, Feature>();
        foreach (var feature in said.OrderBy(f => f.Finality is Finality.Final ? 2 : f.Finality == Finality.Live ? 0 : 1))
            store[FeatureKey.Of(feature)] = feature;
        return store.Where(p => p.Value.Finality != Finality.Superseded).ToDictionary();
    }

    private static List<T> Of<T>(Dictionary<FeatureKey, Feature> store) where T : Feature => [.. store.Values.OfType<T>().OrderBy(f => f.Time)];

    private static void AssertClose<T>(Dictionary<FeatureKey, Feature> expected, Dictionary<FeatureKey, Feature> actual, double tolerance, params Func<T, double?>[] values) where T : Feature
    {
        var (a, b) = (Of<T>(expected), Of<T>(actual));
        Assert.Equal(a.Select(FeatureKey.Of), b.Select(FeatureKey.Of));
        foreach (var value in values)
            Assert.All(a.Zip(b), pair => Assert.InRange((value(pair.First) ?? 0) - (value(pair.Second) ?? 0), -tolerance, tolerance));
    }

    /// <summary>A session of a roller and a clip without loss, and the same with both away for twelve seconds; made once.</summary>
    public sealed class Sessions
    {
        public Sessions()
        {
            var records = new List<SensorRecord>();
            new SimulatedSession(new SimulationOptions { Seed = 7, Radio = new RadioOptions { NotificationLoss = 0 } }).Run(records.Add);
            Lossless = records;
            Start = records[0].At;
            Lossy = LossyRadio.Lose(records, frame => IsAway(frame) ? Start + TimeSpan.FromSeconds(83 + ((frame.At - Start).TotalSeconds - 70) / 4) : null);
        }

        public IReadOnlyList<SensorRecord> Lossless { get; }

        public IReadOnlyList<SensorRecord> Lossy { get; }

        private Timestamp Start { get; }

        public bool IsAway(SensorRecord.Frame frame) => (frame.At - Start).TotalSeconds is >= 70 and < 82;
    }
}

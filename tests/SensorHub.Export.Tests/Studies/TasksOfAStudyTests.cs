using System.Globalization;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Core.Timing;
using SensorHub.Export.Bids;
using SensorHub.Export.Csv;
using SensorHub.Export.Studies;
using SensorHub.Export.Tests.Bids;
using SensorHub.Pipelines.Recording;
using SensorHub.Studies;
using SensorHub.Testing;

namespace SensorHub.Export.Tests.Studies;

/// <summary>From the markers of a session to the files of each task.</summary>
public sealed class TasksOfAStudyTests
{
    private static readonly Slug Name = Slug.Parse("flat-back");
    private static readonly (double From, double To)[] Times = [(3, 9), (9, 14.5), (15, 40)];

    private static readonly Study Plan = new()
    {
        Id = Name, Name = "Flat back", Protocol = "1.0", Arms = [new(Slug.Parse("rolling"), "Rolling")], Visits = [Slug.Parse("before"), Slug.Parse("after")],
        Tasks = [new(Slug.Parse("stand"), "Stand still", TimeSpan.FromSeconds(6), 2), new(Slug.Parse("bends"), "Bend")],
        Participants = [new(Slug.Parse("p-01"), Slug.Parse("rolling"), Slug.Parse("anna")) { Attributes = new Dictionary<string, string> { ["age"] = "34", ["note"] = "left, mostly" } }],
    };

    private readonly string _folder = ServerProcess.NewFolder();

    private string Recording => Path.Combine(_folder, "recordings", "visit-1");

    [Fact]
    public async Task Each_task_is_a_file_of_its_own_with_the_samples_of_its_time_and_no_other()
    {
        Record();
        var progress = StudyProgress.Of(Plan, Path.Combine(_folder, "recordings"), TestContext.Current.CancellationToken);
        Assert.Equal((2, 1, 0), (progress.Done(Slug.Parse("p-01"), Slug.Parse("before"), Slug.Parse("stand")), progress.Done(Slug.Parse("p-01"), Slug.Parse("before"), Slug.Parse("bends")), progress.Done(Slug.Parse("p-01"), Slug.Parse("after"), Slug.Parse("bends"))));

        var entries = StudyList.Parse([.. progress.Table(_folder)], "study.csv", _folder);
        Assert.Equal(["sub-p01_ses-before_task-stand_run-1", "sub-p01_ses-before_task-stand_run-2", "sub-p01_ses-before_task-bends"], entries.Select(e => e.Name));
        Assert.All(entries, e => Assert.Equal(("1.0", "rolling", "34", "left, mostly"), (e.Protocol, e.Attributes["arm"], e.Attributes["age"], e.Attributes["note"])));

        var whole = Path.Combine(_folder, "whole");
        await Exported.TablesAsync(whole, new CsvFormat(), [new StudyEntry(Recording, "p01", "before", "all")]);
        var all = Rows(Path.Combine(whole, "raw_lower/participant=p01/study_session=before/task=all/raw_lower.csv"));
        var tasks = Path.Combine(_folder, "tasks");
        Assert.Equal(3, await Exported.TablesAsync(tasks, new CsvFormat(), entries));
        var start = all.Min(r => long.Parse(r[0], CultureInfo.InvariantCulture)); // of samples; the session's is told by t_s = 0
        Assert.True(start > 0);
        foreach (var (entry, (from, to)) in entries.Zip(Times))
        {
            var part = Rows(Path.Combine(tasks, $"raw_lower/{entry.Partition}/raw_lower.csv"));
            var (first, end) = (entry.Window!.Value.From, entry.Window.Value.To);
            Assert.InRange(Math.Abs(first.TotalSeconds - from), 0, 0.1);
            Assert.True(to > 30 || Math.Abs(end.TotalSeconds - to) < 0.1);
            var within = all.Where(r => Seconds(r[1]) >= first.TotalSeconds && Seconds(r[1]) < end.TotalSeconds).ToArray();
            Assert.True(within.Length > 500, $"{within.Length} samples");
            Assert.Equal(within.Select(r => (r[0], string.Join(',', r[2..]))), part.Select(r => (r[0], string.Join(',', r[2..])))); // but for t_s, which counts from the task's beginning
            Assert.Equal(Seconds(within[0][1]) - first.TotalSeconds, Seconds(part[0][1]), 1e-6);
        }
        Assert.Equal(0, await Exported.TablesAsync(tasks, new CsvFormat(), entries)); // there already
    }

    [Fact]
    public async Task Tasks_and_markers_of_either_kind_are_events_and_the_dataset_passes_the_validator()
    {
        Record();
        var began = RecordingReader.Read(Recording).OfType<SensorRecord.Marked>().First(m => m.Marker is Marker.SessionBegan).At;
        var csv = Path.Combine(_folder, "triggers.csv");
        File.WriteAllLines(csv, ["onset_s,label,value,duration_s", "4,Stimulus on,7,0.5", "20,stimulus off,,"]);
        ImportedMarkers.Import(Recording, csv, began, TimeSpan.FromSeconds(0.25));
        var entries = StudyList.Parse([.. StudyProgress.Of(Plan, Path.Combine(_folder, "recordings"), TestContext.Current.CancellationToken).Table(_folder)], "study.csv", _folder);

        var dataset = Path.Combine(_folder, "dataset");
        await Exported.BidsAsync(dataset, entries);
        Assert.Empty(BidsChecks.Check(dataset));
        await Validator.PassesAsync(dataset);
        var events = File.ReadAllLines(Path.Combine(dataset, "sub-p01/ses-before/motion/sub-p01_ses-before_task-stand_tracksys-clip_run-1_events.tsv")).Skip(1).Select(l => l.Split('\t')).ToArray();
        var task = events.Single(e => e.Contains("task"));
        Assert.Contains("stand 1", task);
        Assert.Equal(6, Seconds(task[1]), 0.1);
        Assert.Contains(events, e => e.Contains("marker") && e.Contains("trigger 3"));
        var imported = events.Single(e => e.Contains("external_marker"));
        Assert.Contains("stimulus-on 7", imported);
        Assert.Equal(0.5, Seconds(imported[1]), 1e-6);
        Assert.DoesNotContain(events, e => e.Contains("stimulus-off"));
    }

    /// <summary>A participant who stands twice, then bends; one task ends with the next one's beginning, the last with the session.</summary>
    private void Record()
    {
        var simulated = new SimulatedSession(new SimulationOptions
        {
            Scenario = new Scenario("visit", "Stands and bends", [new Activity.Stand(15), new Activity.Bend(2, TrunkDegrees: 75, LumbarShare: 0.60), new Activity.Stand(3)]),
            Person = PersonTraits.Draw(4), Seed = 4, Start = new DateTimeOffset(2027, 1, 31, 9, 0, 0, TimeSpan.Zero), Session = Slug.Parse("visit-1"), Subject = Slug.Parse("anna"),
        });
        using var recorder = new Recorder(Path.Combine(_folder, "recordings"), line => throw new InvalidOperationException(line));
        var waiting = new Queue<(double Second, Marker Marker)>(
        [
            (1, new Marker.StudyJoined(Name, "1.0", Slug.Parse("p-01"), Slug.Parse("before"), Slug.Parse("rolling"))),
            (3, new Marker.TaskBegan(Slug.Parse("stand"), 1)), (5, new Marker.EventMarked(Slug.Parse("trigger"), 3)), (9, new Marker.TaskBegan(Slug.Parse("stand"), 2)),
            (14.5, new Marker.TaskEnded(Slug.Parse("stand"))), (15, new Marker.TaskBegan(Slug.Parse("bends"), 1)),
        ]);
        Timestamp? began = null;
        simulated.Run(
            record =>
            {
                while (began is { } start && waiting.TryPeek(out var next) && record.At >= start + TimeSpan.FromSeconds(next.Second))
                    recorder.OnNext(new SensorRecord.Marked(record.At, waiting.Dequeue().Marker));
                recorder.OnNext(record);
                began ??= record is SensorRecord.Marked { Marker: Marker.SessionBegan } ? record.At : null;
            },
            TestContext.Current.CancellationToken);
        recorder.OnCompleted();
        Assert.Empty(waiting);
    }

    private static string[][] Rows(string csv) => [.. File.ReadLines(csv).Skip(1).Select(l => l.Split(','))];

    private static double Seconds(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

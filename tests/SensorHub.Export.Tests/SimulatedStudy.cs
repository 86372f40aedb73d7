using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Export.Studies;
using SensorHub.Pipelines.Recording;
using SensorHub.Testing;
using VirtualSet = SensorHub.Bluetooth.Virtual.Person.RollingSet;

[assembly: AssemblyFixture(typeof(SensorHub.Export.Tests.SimulatedStudy))]

namespace SensorHub.Export.Tests;

/// <summary>Recordings of three participants in two sessions with two tasks, by a radio that loses some of it. One of them lost some for good.</summary>
public sealed class SimulatedStudy : IDisposable
{
    private static readonly Scenario Rolling = new("short-rolling", "Stands, rolls both hamstrings and stands again",
    [
        new Activity.Stand(7),
        new Activity.GoDown(3),
        new Activity.Roll(new VirtualSet(Muscle.Hamstrings, Side.Left, Strokes: 4, SecondsPerStroke: 3, StrokeLength: 0.28, Force: 150)),
        new Activity.Roll(new VirtualSet(Muscle.Hamstrings, Side.Right, Strokes: 4, SecondsPerStroke: 2.8, StrokeLength: 0.28, Force: 175)),
        new Activity.Stand(6),
    ]);

    private static readonly Scenario Bending = new("short-bends", "Stands and bends twice",
        [new Activity.Stand(7), new Activity.Bend(2, TrunkDegrees: 75, LumbarShare: 0.60), new Activity.Stand(3)]);

    private readonly Lock _gate = new();

    public SimulatedStudy()
    {
        var entries = new List<StudyEntry>();
        foreach (var (person, i) in new[] { "p1", "p2", "p3" }.Select((p, i) => (p, i)))
            foreach (var (session, j) in new[] { "monday", "friday" }.Select((s, j) => (s, j)))
                foreach (var scenario in new[] { Rolling, Bending })
                    entries.Add(new StudyEntry(Record(scenario, i + 1, person, session, j), person, session, scenario == Rolling ? "rolling hamstrings" : "bends")
                    {
                        Attributes = new Dictionary<string, string> { ["age"] = (31 + i).ToString((IFormatProvider?)null), ["sex"] = i == 1 ? "M" : "F" },
                        Protocol = "2",
                    });
        Entries = entries;
        Lossy = entries[2];
    }

    /// <summary>Of recordings, and of what tests write.</summary>
    public string Folder { get; } = ServerProcess.NewFolder();

    public IReadOnlyList<StudyEntry> Entries { get; }

    /// <summary>One of which samples are missing for good.</summary>
    public StudyEntry Lossy { get; }

    /// <summary>A folder that is not there yet.</summary>
    public string NewFolder()
    {
        lock (_gate)
            return Path.Combine(Folder, $"out-{Directory.GetFileSystemEntries(Folder).Length}-{Guid.NewGuid():N}");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Record(Scenario scenario, int person, string subject, string session, int number)
    {
        var name = Slug.Parse($"{subject}-{session}-{scenario.Name}");
        var simulated = new SimulatedSession(new SimulationOptions
        {
            Scenario = scenario,
            Person = PersonTraits.Draw(person),
            Seed = 10 * person + number,
            Start = new DateTimeOffset(2026, 3, 2 + 4 * number, 9, person, 0, 123, TimeSpan.Zero),
            Radio = new RadioOptions { NotificationLoss = 0.02 },
            Session = name,
            Subject = Slug.Parse(subject),
        });
        var losesForGood = subject == "p1" && session == "friday" && scenario == Rolling;
        using var recorder = new Recorder(Path.Combine(Folder, "recordings"), line => throw new InvalidOperationException(line));
        var frames = 0;
        simulated.Run(
            record =>
            {
                // A second of the roller and of the clip, and what was asked for of it from the ring buffer, never comes.
                if (losesForGood && record is SensorRecord.Frame && ++frames is > 300 and <= 360)
                    return;
                recorder.OnNext(record);
            },
            TestContext.Current.CancellationToken);
        recorder.OnCompleted();
        return Path.Combine(Folder, "recordings", name.ToString());
    }
}

using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core;
using SensorHub.Pipelines.Recording;
using SensorHub.Recordings;

namespace SensorHub.EndToEnd.Tests.Recordings;

/// <summary>What the pages are told of recordings, from the folder alone.</summary>
public sealed class RecordedSessionsTests
{
    private static readonly Slug Anna = Slug.Parse("anna");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_finds_their_recordings_with_and_without_a_manifest_and_no_others_and_nothing_outside_of_the_folder()
    {
        var root = Path.Combine(HubProgram.NewFolder(), "recordings");
        Record(root, "monday", "anna", new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        Record(root, "tuesday", "bert", new DateTimeOffset(2026, 3, 3, 9, 0, 0, TimeSpan.Zero));
        Record(root, "friday", "anna", new DateTimeOffset(2026, 3, 6, 9, 0, 0, TimeSpan.Zero));
        RecordingManifest.Of(Path.Combine(root, "monday"), cancellationToken: Cancelled).WriteTo(Path.Combine(root, "monday"));
        var sessions = new RecordedSessions(root);

        var list = await sessions.ListAsync(Anna, Cancelled);
        Assert.Equal([("friday", false), ("monday", true)], list.Select(s => (s.Name, s.Quality is not null)));
        Assert.All(list[1].Quality!.Sensors.SelectMany(s => s.Reasons), reason => Assert.NotNull(reason.Advice));

        var monday = await sessions.FindAsync(Anna, "monday", Cancelled);
        Assert.Equal(list[1].Quality!.Score, monday!.Quality.Score);
        Assert.Equal(monday.Quality.Sensors.Select(s => s.Sensor), monday.Series.Keys.Order());
        Assert.Same(monday, await sessions.FindAsync(Anna, "monday", Cancelled)); // nothing was added to it
        Assert.NotNull(await sessions.FindAsync(Anna, "friday", Cancelled));
        foreach (var name in (string[])["tuesday", "../recordings/monday", ".", "sunday"])
            Assert.Null(await sessions.FindAsync(Anna, name, Cancelled));
        Assert.Empty(await new RecordedSessions(Path.Combine(root, "none")).ListAsync(Anna, Cancelled));
    }

    private static void Record(string root, string session, string subject, DateTimeOffset start)
    {
        using var recorder = new Recorder(root, line => Assert.Fail(line));
        new SimulatedSession(new SimulationOptions
        {
            Scenario = new Scenario("short", "Stands", [new Activity.Stand(12)]), Start = start, Session = Slug.Parse(session), Subject = Slug.Parse(subject),
        }).Run(recorder.OnNext, Cancelled);
    }
}

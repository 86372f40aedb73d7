using SensorHub.Bluetooth.Virtual;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Delivering;
using SensorHub.Pipelines.Recording;

namespace SensorHub.EndToEnd.Tests.Delivering;

public sealed class CutSessionsTests : IDisposable
{
    private readonly string _root = HubProgram.NewFolder();
    private readonly List<string> _said = [];
    private readonly List<Feature> _published = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_completion_that_is_interrupted_anywhere_is_made_from_its_beginning_by_the_next_run()
    {
        var folder = await CutAsync("a", records: 3000);
        using var crash = new CancellationTokenSource();
        var interrupted = Completing(publish: (feature, token) =>
        {
            if (_published.Count == 500)
                crash.Cancel();
            token.ThrowIfCancellationRequested();
            _published.Add(feature);
            return Task.CompletedTask;
        });
        await interrupted.CompleteAsync(CutSessions.Find(_root), crash.Token);
        Assert.Equal([folder], CutSessions.Find(_root));
        Assert.Empty(_said);
        var before = _published.ToList();
        _published.Clear();

        await Completing().CompleteAsync(CutSessions.Find(_root), Token);

        Assert.Empty(CutSessions.Find(_root));
        Assert.Equal(before.Select(Text), _published.Take(before.Count).Select(Text));
        Assert.True(_published.Count > 500);
        Assert.Matches(@"^The session a was cut off when the hub ended without a word\. .* \d+ messages were made of it again", Assert.Single(_said));
        Assert.IsType<Marker.SessionEnded>(Assert.IsType<SensorRecord.Marked>(RecordingReader.Read(folder).Last()).Marker);
    }

    [Fact]
    public async Task Nothing_is_said_as_live_and_the_last_that_is_said_of_the_session_is_that_it_has_ended()
    {
        await CutAsync("a", records: 3000);
        await Completing().CompleteAsync(CutSessions.Find(_root), Token);
        Assert.DoesNotContain(_published, feature => feature.Finality == Finality.Live);
        Assert.Equal(SessionEvent.Ended, _published.OfType<SessionState>().Last().Event);
    }

    [Fact]
    public async Task What_a_stop_could_not_say_any_more_is_said_by_the_next_run_and_not_called_a_crash()
    {
        var folder = await CutAsync("a", records: int.MaxValue);
        Assert.Empty(CutSessions.Find(_root));
        var whole = RecordingReader.Read(folder).Count();

        CutRecordings.Reopen(folder, line => Assert.Fail(line));
        Assert.Equal([folder], CutSessions.Find(_root));
        await Completing().CompleteAsync(CutSessions.Find(_root), Token);

        Assert.Matches(@"^What late samples changed in the session a could not be said before the hub stopped; \d+ messages", Assert.Single(_said));
        Assert.Empty(CutSessions.Find(_root));
        Assert.Equal(whole, RecordingReader.Read(folder).Count());
        Assert.Equal(SessionEvent.Ended, _published.OfType<SessionState>().Last().Event);
    }

    [Fact]
    public async Task A_recording_is_closed_only_when_what_was_made_of_it_is_kept()
    {
        var folder = await CutAsync("a", records: 1000);
        var completing = Completing(keep: _ =>
        {
            Assert.Equal([folder], CutSessions.Find(_root));
            Assert.NotEmpty(_published);
            throw new IOException("The disk is full.");
        });
        await completing.CompleteAsync(CutSessions.Find(_root), Token);
        Assert.Equal([folder], CutSessions.Find(_root));
        Assert.Equal($"The session a was cut off, and cannot be completed: The disk is full. 'sensorhub replay {folder}' tries again.", Assert.Single(_said));
    }

    [Fact]
    public async Task A_recording_that_cannot_be_completed_does_not_keep_the_others()
    {
        await CutAsync("a", records: 1000);
        await CutAsync("b", records: 1000);
        var completing = Completing(publish: (feature, _) => feature.Session == Slug.Parse("a") ? throw new IOException("No.") : Task.CompletedTask);
        await completing.CompleteAsync(CutSessions.Find(_root), Token);
        Assert.Equal([Path.Combine(_root, "a")], CutSessions.Find(_root));
        Assert.Equal(2, _said.Count);
    }

    private CutSessions Completing(Func<Feature, CancellationToken, Task>? publish = null, Func<CancellationToken, Task>? keep = null) =>
        new(_root, Text, publish ?? Publish, keep ?? (_ => Task.CompletedTask), _said.Add);

    private Task Publish(Feature feature, CancellationToken cancellationToken)
    {
        _published.Add(feature);
        return Task.CompletedTask;
    }

    private static string Text(Feature feature) => feature.ToString();

    /// <summary>A recording that ends in the middle of its session, as a kill leaves it.</summary>
    private async Task<string> CutAsync(string session, int records)
    {
        using var recorder = new Recorder(_root, line => Assert.Fail(line));
        var left = records;
        await new SimulatedSession(new SimulationOptions { Session = Slug.Parse(session) }).RunAsync(record =>
        {
            if (left-- > 0)
                recorder.OnNext(record);
        }, Token);
        return recorder.Folder!;
    }
}

using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Web.Lab;

namespace SensorHub.Web.Tests.Lab;

public sealed class LabStreamTests : IAsyncDisposable
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _time = new();
    private readonly LabFeed _feed;
    private readonly LabHub _hub;
    private readonly Person _person = new("p1");
    private readonly CancellationTokenSource _over = new();

    public LabStreamTests()
    {
        _feed = new LabFeed(new SensorHubWebOptions { Hub = WebHost.Hub, Broker = new MqttConnection("127.0.0.1", 1, null, null) }, _time, NullLogger<MqttLink>.Instance);
        _hub = new LabHub(_feed);
        _hub.Describe();
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _feed.DisposeAsync();
        _over.Dispose();
    }

    [Fact]
    public async Task A_frame_is_a_line_with_its_channels_and_times_on_the_hubs_axis()
    {
        using var viewer = _feed.Open(default, LabKinds.Raw)!;
        await using var lines = Lines(viewer);
        _hub.Frame(0, 0.1);
        _hub.Clock(1);
        _hub.Say(_person.SessionAt(1));
        _hub.Frame(3, 1.1);

        var early = await NextAsync(lines);
        Assert.False(early.TryGetProperty("time", out _)); // the clock was not known
        var line = await NextAsync(lines);
        Assert.Equal(("raw", "raw/1", "home", "p1", "s1", "clip-1", 1, "imu", "lower"), (Text(line, "kind"), Text(line, "schema"), Text(line, "hub"), Text(line, "subject"), Text(line, "session"),
            Text(line, "sensor"), line.GetProperty("stream").GetInt32(), Text(line, "stream_kind"), Text(line, "element")));
        Assert.Equal((LabHub.Boot, 3u, 3, 30_000ul, 1.5), (line.GetProperty("boot_id").GetUInt32(), line.GetProperty("sequence").GetUInt32(), line.GetProperty("samples").GetInt32(),
            line.GetProperty("ticks").GetUInt64(), line.GetProperty("time_u_ms").GetDouble()));
        // 100 ppm fast: 30 ms by its own clock are 29.997 ms by the hub's.
        Assert.Equal("2026-01-31T12:00:00.029997000Z", Text(line, "time"));
        Assert.Equal(9_999_000.1, line.GetProperty("step_ns").GetDouble(), 1e-3);
        Assert.Equal([1.5, 2, 2.5], line.GetProperty("channels").GetProperty("ax_mps2").EnumerateArray().Select(v => v.GetDouble()));
        Assert.Equal([0, -0.25, -0.5], line.GetProperty("channels").GetProperty("gz_radps").EnumerateArray().Select(v => v.GetDouble()));
    }

    [Fact]
    public async Task A_gap_is_a_line_and_what_fills_it_is_marked_as_late_and_nothing_comes_twice()
    {
        using var viewer = _feed.Open(default, LabKinds.Raw)!;
        await using var lines = Lines(viewer);
        _hub.Clock(1);
        foreach (var sequence in (uint[])[0, 9, 9, 3, 6, 12])
            _hub.Frame(sequence);

        Assert.Equal(0, (await NextAsync(lines)).GetProperty("sequence").GetInt32());
        var gap = await NextAsync(lines);
        Assert.Equal(("gap", 3, 6), (Text(gap, "kind"), gap.GetProperty("sequence").GetInt32(), gap.GetProperty("samples_missing").GetInt32()));
        Assert.Equal(("2026-01-31T12:00:00.029997000Z", "2026-01-31T12:00:00.089991001Z"), (Text(gap, "time"), Text(gap, "end")));
        var behind = await NextAsync(lines);
        Assert.Equal((9, false), (behind.GetProperty("sequence").GetInt32(), behind.TryGetProperty("late", out _)));
        foreach (var (sequence, late) in new[] { (3, true), (6, true), (12, false) })
        {
            var line = await NextAsync(lines);
            Assert.Equal((sequence, late), (line.GetProperty("sequence").GetInt32(), line.TryGetProperty("late", out _)));
        }
    }

    [Fact]
    public async Task Of_a_person_comes_what_is_measured_in_their_sessions_and_nothing_of_anybody_else()
    {
        using var viewer = _feed.Open(Slug.Parse("p1"), LabKinds.All)!;
        await using var lines = Lines(viewer);
        _hub.Frame(0, 0.5); // nobody's
        _hub.Say(_person.SessionAt(1));
        _hub.Frame(3, 1.1);
        _hub.Say(_person.Posture(1.1));
        _person.State = SessionEvent.Ended;
        _hub.Say(_person.SessionAt(2));
        _hub.Frame(6, 2.1); // nobody's
        var other = new Person("p2", "s2");
        _hub.Say(other.SessionAt(3));
        _hub.Frame(9, 3.1);
        _hub.Say(other.Posture(3.1));
        _hub.Clock(3.2);
        _person.State = SessionEvent.Began;
        _hub.Say(_person.SessionAt(4));
        _hub.Frame(12, 4.1);
        _hub.Frame(15, 10); // the hub has not said for long that the session is on

        List<string> seen = [];
        for (var i = 0; i < 6; i++)
        {
            var line = await NextAsync(lines);
            seen.Add($"{Text(line, "kind")} {Text(line, "subject")} {(line.TryGetProperty("sequence", out var n) ? n : "")}".TrimEnd());
        }
        Assert.Equal(["events p1", "raw p1 3", "estimates p1", "events p1", "events p1", "raw p1 12"], seen);
        var next = NextAsync(lines);
        _time.Advance(LabStream.Heartbeat);
        Assert.Equal("heartbeat", Text(await next, "kind"));
    }

    [Fact]
    public async Task Estimates_are_the_payloads_of_the_contract_unchanged()
    {
        using var viewer = _feed.Open(default, LabKinds.Estimates)!;
        await using var lines = Lines(viewer);
        _hub.Say(_person.Posture(1));
        var payload = (await NextAsync(lines)).GetProperty("payload").GetRawText();
        Assert.Equal(System.Text.Encoding.UTF8.GetString(Mqtt.Contract.FeaturePayloads.Serialize(Mqtt.Contract.FeaturePayloads.From(_person.Posture(1)))), payload);
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_loses_the_oldest_lines_and_is_told_how_many()
    {
        using var viewer = _feed.Open(default, LabKinds.Raw)!;
        await using var lines = Lines(viewer);
        for (uint i = 0; i < LabViewer.Capacity + 5; i++)
            _hub.Frame(3 * i);
        var dropped = await NextAsync(lines);
        Assert.Equal(("dropped", 5, 5), (Text(dropped, "kind"), dropped.GetProperty("lines").GetInt32(), dropped.GetProperty("total").GetInt32()));
        Assert.Equal(15, (await NextAsync(lines)).GetProperty("sequence").GetInt32());
    }

    [Fact]
    public async Task A_stream_that_opens_late_begins_with_the_clocks()
    {
        _hub.Clock(1);
        using var viewer = _feed.Open(default, LabKinds.Clock)!;
        await using var lines = Lines(viewer);
        var clock = await NextAsync(lines);
        Assert.Equal(("clock", "sensor/1"), (Text(clock, "kind"), Text(clock.GetProperty("payload"), "schema")));
        await _over.CancelAsync();
        Assert.Equal("over", Text(await NextAsync(lines), "reason"));
        Assert.False(await lines.MoveNextAsync());
    }

    [Fact]
    public void Streams_are_counted_and_no_more_than_so_many_open()
    {
        var open = Enumerable.Range(0, LabFeed.MaxViewers).Select(_ => _feed.Open(default, LabKinds.All)).ToList();
        Assert.DoesNotContain(null, open);
        Assert.Null(_feed.Open(default, LabKinds.All));
        open[0]!.Dispose();
        Assert.NotNull(_feed.Open(default, LabKinds.All));
    }

    /// <summary>One by one, behind the hello.</summary>
    private async IAsyncEnumerator<JsonElement> Lines(LabViewer viewer)
    {
        await foreach (var batch in new LabStream(_feed, _time).ReadAsync(viewer, () => "over", _over.Token).WithCancellation(Cancelled))
            foreach (var line in batch)
                if (JsonDocument.Parse(line).RootElement is var json && Text(json, "kind") != "hello")
                    yield return json;
    }

    private static async Task<JsonElement> NextAsync(IAsyncEnumerator<JsonElement> lines)
    {
        Assert.True(await lines.MoveNextAsync());
        return lines.Current;
    }

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();
}

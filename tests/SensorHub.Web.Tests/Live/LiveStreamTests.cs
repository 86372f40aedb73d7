using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SensorHub.Mqtt;
using SensorHub.Web.Live;

namespace SensorHub.Web.Tests.Live;

public sealed class LiveStreamTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Person _person = new();
    private readonly LiveFeed _feed = new(new SensorHubWebOptions { Hub = WebHost.Hub, Broker = new MqttConnection("127.0.0.1", 1, null, null) });
    private readonly CancellationTokenSource _over = new();
    private readonly IAsyncEnumerator<SseItem<string>> _stream;

    public LiveStreamTests() => _stream = new LiveStream(_feed, _time).Read(default, _over.Token).GetAsyncEnumerator(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _stream.DisposeAsync();
        _over.Dispose();
    }

    [Fact]
    public async Task Begins_with_a_snapshot_then_pushes_what_came_at_most_25_times_a_second()
    {
        _feed.Receive(_person.All(1));
        Assert.Equal(("snapshot", 5), await NextAsync(TimeSpan.Zero));
        _feed.Receive(_person.Posture(1.04), _person.Posture(1.08), _person.Rolling(1.04), _person.Rolling(1.08));
        var next = _stream.MoveNextAsync();
        _time.Advance(LiveStream.Period - TimeSpan.FromMilliseconds(1));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await next);
        Assert.Equal(("update", 3), Read(_stream.Current));
    }

    [Fact]
    public async Task Silence_is_broken_by_a_heartbeat_each_second()
    {
        Assert.Equal(("snapshot", 0), await NextAsync(TimeSpan.Zero));
        Assert.Equal(("heartbeat", 0), await NextAsync(LiveStream.Heartbeat));
        Assert.Equal(("heartbeat", 0), await NextAsync(LiveStream.Heartbeat));
    }

    [Fact]
    public async Task When_another_persons_session_begins_the_page_gets_all_of_that_person()
    {
        _feed.Receive(_person.All(1));
        await NextAsync(TimeSpan.Zero);
        var other = new Person("p2", "s2");
        _feed.Receive(other.Posture(1));
        _feed.Receive(other.SessionAt(1));
        Assert.Equal(("snapshot", 4), await NextAsync(LiveStream.Period));
        using var json = JsonDocument.Parse(_stream.Current.Data);
        Assert.Equal("p2", json.RootElement.GetProperty("subject").GetString());
    }

    [Fact]
    public async Task Ends_quietly_when_the_hub_stops()
    {
        await NextAsync(TimeSpan.Zero);
        var next = _stream.MoveNextAsync();
        await _over.CancelAsync();
        Assert.False(await next);
        Assert.Equal(0, _feed.Viewers);
    }

    [Fact]
    public async Task An_open_stream_does_not_hold_the_shutdown()
    {
        var web = await WebHost.StartAsync();
        using var client = new HttpClient();
        await using var stream = await client.GetStreamAsync(new Uri(web.Address, "/live/stream"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        Assert.Equal("event: snapshot", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        await web.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private async Task<(string Type, int Messages)> NextAsync(TimeSpan advance)
    {
        var next = _stream.MoveNextAsync();
        _time.Advance(advance);
        Assert.True(await next.AsTask().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken));
        return Read(_stream.Current);
    }

    private static (string Type, int Messages) Read(SseItem<string> item)
    {
        using var json = JsonDocument.Parse(item.Data);
        return (item.EventType, json.RootElement.GetProperty("messages").GetArrayLength());
    }
}

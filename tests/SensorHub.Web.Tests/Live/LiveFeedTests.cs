using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Live;

namespace SensorHub.Web.Tests.Live;

public sealed class LiveFeedTests
{
    private readonly Person _person = new();
    private readonly LiveFeed _feed = new(new SensorHubWebOptions { Hub = WebHost.Hub, Broker = new MqttConnection("127.0.0.1", 1, null, null) });

    [Fact]
    public void A_late_page_gets_the_last_30_seconds_of_posture_and_only_the_last_of_the_rest()
    {
        for (var n = 0; n < 60 * 25; n++)
            _feed.Receive(_person.All(n / 25.0));
        using var viewer = Open(_person.Subject, out var known);
        var posture = known.Where(m => m.Kind == TopicKind.Posture).ToList();
        Assert.Equal(30 * 25 + 1, posture.Count);
        Assert.Equal(_person.Posture(60 - 1 / 25.0).Time, posture[^1].Time);
        Assert.Equal(TimeSpan.FromSeconds(30), posture[^1].Time - posture[0].Time);
        Assert.Equal(1, known.Count(m => m.Kind == TopicKind.Rolling));
        Assert.Equal(1, known.Count(m => m.Kind == TopicKind.Session));
        Assert.Equal(2, known.Count(m => m.Kind == TopicKind.SensorStatus));
    }

    [Fact]
    public void Payloads_are_passed_on_byte_for_byte()
    {
        var estimate = _person.Rolling(7);
        _feed.Receive(estimate);
        using var viewer = Open(_person.Subject, out var known);
        Assert.Equal(estimate.Json(), System.Text.Encoding.UTF8.GetString(Assert.Single(known).Payload.Span));
    }

    [Fact]
    public void Another_session_or_time_that_went_back_begins_a_new_history()
    {
        for (var n = 0; n < 100; n++)
            _feed.Receive(_person.Posture(100 + n));
        _feed.Receive(_person.Posture(3));
        using (Open(_person.Subject, out var known))
            Assert.Single(known);
        _feed.Receive(new Person(session: "s2").Posture(4));
        using (Open(_person.Subject, out var known))
            Assert.Single(known);
    }

    [Fact]
    public void What_is_late_or_recomputed_or_of_another_hub_or_kept_by_the_broker_is_not_shown()
    {
        _feed.Receive(_person.Rolling(1) with { Finality = Finality.Historical }, _person.Rolling(1) with { Finality = Finality.Final });
        _feed.Receive(new HubMessages(Slug.Parse("elsewhere")).Write(_person.Rolling(1)));
        foreach (var message in _person.All(1).Select(new HubMessages(WebHost.Hub).Write))
            _feed.Receive(message, retained: true);
        using var viewer = Open(_person.Subject, out var known);
        Assert.Empty(known);
        Assert.True(_feed.CurrentSubject.IsNone);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"schema\":\"posture/1\",\"time\":\"yesterday\"}")]
    [InlineData("{\"schema\":\"posture/2\",\"time\":\"2026-01-31T12:00:00Z\"}")]
    public void Bytes_that_are_no_payload_are_skipped(string payload)
    {
        _feed.Receive(Topics.Posture(WebHost.Hub, _person.Subject), System.Text.Encoding.UTF8.GetBytes(payload));
        using var viewer = Open(_person.Subject, out var known);
        Assert.Empty(known);
    }

    [Fact]
    public void A_hub_that_says_it_is_offline_is_believed_even_when_the_broker_kept_it()
    {
        _feed.Receive(new HubMessages(WebHost.Hub).Status(online: false, Person.Begin), retained: true);
        using var viewer = Open(default, out var known);
        Assert.Equal(TopicKind.HubStatus, Assert.Single(known).Kind);
    }

    [Fact]
    public void The_current_person_is_whose_session_spoke_last()
    {
        _feed.Receive(_person.SessionAt(1));
        Assert.Equal(_person.Subject, _feed.CurrentSubject);
        var other = new Person("p2", "s2");
        _feed.Receive(other.Posture(2));
        Assert.Equal(_person.Subject, _feed.CurrentSubject);
        _feed.Receive(other.SessionAt(2));
        Assert.Equal(other.Subject, _feed.CurrentSubject);
    }

    [Fact]
    public void A_slow_page_loses_the_oldest_messages_and_they_are_counted()
    {
        using var viewer = Open(_person.Subject, out _);
        for (var n = 0; n < LiveViewer.Capacity + 10; n++)
            _feed.Receive(_person.Posture(n / 25.0));
        var taken = viewer.TakeAll();
        Assert.Equal(LiveViewer.Capacity, taken.Count);
        Assert.Equal(_person.Posture(10 / 25.0).Time, taken[0].Time);
        Assert.Equal(10, viewer.Dropped);
        Assert.Equal(10, _feed.Dropped);
    }

    [Fact]
    public void Of_what_piled_up_only_the_newest_number_is_pushed_but_every_point_of_the_chart()
    {
        using var viewer = Open(_person.Subject, out _);
        for (var n = 0; n < 10; n++)
            _feed.Receive(_person.All(n));
        var taken = viewer.TakeAll();
        Assert.Equal(10, taken.Count(m => m.Kind == TopicKind.Posture));
        Assert.Equal(_person.Rolling(9).Time, Assert.Single(taken, m => m.Kind == TopicKind.Rolling).Time);
        Assert.Equal(2, taken.Count(m => m.Kind == TopicKind.SensorStatus));
    }

    private LiveViewer Open(Slug subject, out IReadOnlyList<LiveMessage> known)
    {
        (var viewer, known) = _feed.Open(subject);
        return viewer;
    }
}

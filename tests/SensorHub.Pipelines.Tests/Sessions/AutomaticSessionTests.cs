using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Pipelines.Sessions;
using static SensorHub.Pipelines.Tests.HandMade;

namespace SensorHub.Pipelines.Tests.Sessions;

public sealed class AutomaticSessionTests
{
    private const double Idle = 300, Longest = 12 * 3600;

    private readonly AutomaticSession _automatic = new(Subject, 70);

    [Fact]
    public void The_first_frame_begins_a_session_named_by_its_time()
    {
        Assert.Empty(_automatic.Before(Link(0, Clip, LinkState.Starting)));
        var marked = Assert.IsType<SensorRecord.Marked>(Assert.Single(_automatic.Before(Frame(1.5))));
        Assert.Equal(new SensorRecord.Marked(At(1.5), new Marker.SessionBegan(Slug.Parse("20260131-120001"), Subject, 70)), marked);
        Assert.Empty(_automatic.Before(Frame(2)));
    }

    [Fact]
    public void It_ends_when_no_frame_has_come_for_five_minutes_and_the_next_begins_another()
    {
        _ = _automatic.Before(Frame(0)).ToList();
        Assert.Null(_automatic.EndAt(At(Idle - 1)));
        Assert.Equal(new SensorRecord.Marked(At(Idle), new Marker.SessionEnded(Slug.Parse("20260131-120000"))), _automatic.EndAt(At(Idle)));
        Assert.Null(_automatic.EndAt(At(Idle + 1)));
        Assert.IsType<Marker.SessionBegan>(Markers(Frame(Idle + 2)).Single());
    }

    [Fact]
    public void A_frame_after_the_break_ends_the_old_session_before_it_begins_the_new_one()
    {
        _ = Markers(Frame(0));
        Assert.Collection(
            Markers(Frame(Idle + 1)),
            end => Assert.Equal(new Marker.SessionEnded(Slug.Parse("20260131-120000")), end),
            begin => Assert.IsType<Marker.SessionBegan>(begin));
    }

    [Fact]
    public void A_sensor_that_streams_all_day_gets_a_new_session_twice_a_day()
    {
        var markers = new List<Marker>();
        for (var at = 0.0; at <= 2 * Longest; at += 60)
            markers.AddRange(Markers(Frame(at)));
        Assert.Equal(3, markers.OfType<Marker.SessionBegan>().Count());
        Assert.Equal(2, markers.OfType<Marker.SessionEnded>().Count());
    }

    [Fact]
    public void A_session_that_a_person_began_is_not_begun_again_and_ends_when_idle()
    {
        Assert.Empty(Markers(Began(1000)));
        Assert.Empty(Markers(Frame(1001)));
        Assert.Equal(new Marker.SessionEnded(Session), Assert.IsType<SensorRecord.Marked>(_automatic.EndAt(At(1001 + Idle))).Marker);
    }

    [Fact]
    public void After_a_spoken_end_only_a_sensor_that_starts_begins_another()
    {
        _ = Markers(Began(0));
        _ = Markers(Frame(1));
        Assert.Empty(Markers(Ended(2)));
        Assert.Empty(Markers(Frame(3)));
        Assert.Empty(Markers(Link(4, Clip, LinkState.Starting)));
        Assert.IsType<Marker.SessionBegan>(Markers(Frame(5)).Single());
    }

    private static SensorRecord.Frame Frame(double at) => new(At(at), Clip, default);

    private List<Marker> Markers(SensorRecord record) => [.. _automatic.Before(record).Cast<SensorRecord.Marked>().Select(m => m.Marker)];
}

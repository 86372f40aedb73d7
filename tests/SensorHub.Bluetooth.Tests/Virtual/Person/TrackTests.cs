using CsCheck;
using SensorHub.Bluetooth.Virtual.Person;

namespace SensorHub.Bluetooth.Tests.Virtual.Person;

public sealed class TrackTests
{
    [Fact]
    public void A_move_begins_and_ends_at_rest_without_acceleration()
    {
        var track = new Track(1);
        track.MoveTo(2, 3, 5);
        Assert.Equal(new Jet(1, 0, 0), track.At(0));
        Assert.Equal(new Jet(1, 0, 0), track.At(2));
        Assert.Equal(3, track.At(3.5).Value, 12);
        Assert.Equal(1.875 * 4 / 3, track.At(3.5).Rate, 12); // the peak of a minimum-jerk move is 1.875 times its mean
        Assert.Equal(new Jet(5, 0, 0), track.At(5));
        Assert.Equal(0, track.At(5 - 1e-9).Acceleration, 6);
    }

    [Fact]
    public void Rate_and_acceleration_are_the_derivatives_of_the_value() =>
        Gen.Select(Gen.Double[-2, 2], Gen.Double[0.2, 5], Gen.Double[0, 1]).Sample((target, duration, at) =>
        {
            var track = new Track(0.3);
            track.MoveTo(1, duration, target);
            var t = 1 + at * duration;
            Derivatives.Check(track.At, t);
        });

    [Fact]
    public void Moves_do_not_overlap()
    {
        var track = new Track(0);
        track.MoveTo(1, 2, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => track.MoveTo(2.5, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => track.MoveTo(3, 0, 0));
    }
}

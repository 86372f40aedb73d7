using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Timing;

public class SyncCheckTests
{
    private static readonly Timestamp Start = Timestamp.Parse("2026-01-31T12:00:00Z");
    private static readonly Slug Clip = Slug.Parse("clip-1"), Roller = Slug.Parse("roller-1");

    [Theory]
    [InlineData(0)]
    [InlineData(3.7)]
    [InlineData(-8)]
    [InlineData(35)]
    [InlineData(-120)]
    public void Knocks_that_both_feel_tell_by_how_much_their_stamps_differ(double offsetMs)
    {
        var result = Assert.Single(Check(knocks: 6, offsetMs));
        Assert.Equal((Clip, Roller, 6), (result.Sensor, result.OtherSensor, result.Knocks));
        var u = result.Uncertainty!.Value.TotalMilliseconds;
        Assert.InRange(u, 0.1, 3);
        Assert.InRange(result.Difference!.Value.TotalMilliseconds, offsetMs - 2 * u, offsetMs + 2 * u);
        Assert.Equal(Math.Abs(offsetMs) < 10 ? SyncVerdict.InStep : SyncVerdict.Apart, result.Verdict);
    }

    [Fact]
    public void Two_knocks_are_too_few_and_the_person_is_told_how_to_knock()
    {
        var result = Assert.Single(Check(knocks: 2, offsetMs: 0));
        Assert.Equal((SyncVerdict.TooFewKnocks, 2, null), (result.Verdict, result.Knocks, result.Difference));
        Assert.Equal("clip-1 and roller-1 felt 2 knocks together, which is too few. Hold one in each hand, still, and knock them together firmly, once a second.", result.Message);
    }

    [Fact]
    public void One_sensor_alone_is_said_to_be_alone()
    {
        var check = new SyncCheck();
        check.Mark(Start, new Marker.SyncCheck(TimeSpan.FromSeconds(5)));
        var result = Assert.Single(Packets(Clip, 3, 0, 0).SelectMany(check.Update).ToArray());
        Assert.Equal("Only clip-1 was measuring. Connect the other sensor and check again.", result.Message);
    }

    [Fact]
    public void Nothing_is_said_without_being_asked() =>
        Assert.Empty(Packets(Clip, 3, 0, 0).Concat(Packets(Roller, 3, 0, 0)).SelectMany(new SyncCheck().Update));

    [Fact]
    public void The_end_of_the_session_ends_the_check()
    {
        var check = new SyncCheck();
        check.Mark(Start, new Marker.SyncCheck(TimeSpan.FromSeconds(60)));
        foreach (var packet in Packets(Clip, 5, 0, 0).Concat(Packets(Roller, 5, 0, 0)))
            Assert.Empty(check.Update(packet));
        var at = Start + TimeSpan.FromSeconds(12);
        var result = Assert.Single(check.Mark(at, new Marker.SessionEnded(Slug.Parse("s-1"))));
        Assert.Equal((at, 5), (result.Time, result.Knocks));
    }

    private static List<SyncChecked> Check(int knocks, double offsetMs)
    {
        var check = new SyncCheck();
        check.Mark(Start, new Marker.SyncCheck(TimeSpan.FromSeconds(10)));
        var packets = Packets(Clip, knocks, offsetMs, phaseMs: 0).Concat(Packets(Roller, knocks, 0, phaseMs: 4.3)).OrderBy(p => p.Samples[0].Time);
        return [.. packets.SelectMany(check.Update)];
    }

    /// <summary>Fourteen seconds at 100 Hz, seven samples a packet, with a little noise; a knock every 1.37 s from the first second on.</summary>
    private static IEnumerable<ImuPacket> Packets(Slug sensor, int knocks, double offsetMs, double phaseMs)
    {
        var random = new Random(sensor == Clip ? 1 : 2);
        for (var i = 0; i < 1400; i += 7)
            yield return new ImuPacket(sensor, sensor == Clip ? ElementRole.Lower : ElementRole.Core, [.. Enumerable.Range(i, 7).Select(Sample)], 0);

        ImuSample Sample(int i)
        {
            var t = 0.01 * i + phaseMs * 1e-3;
            var knock = Enumerable.Range(0, knocks).Sum(k => Bump((t - 1 - 1.37 * k) / 0.025));
            var force = new Vector3D(9.81 + 0.1 * random.NextDouble(), 30 * knock, -12 * knock);
            return new ImuSample(Start + TimeSpan.FromSeconds(t) + TimeSpan.FromMilliseconds(offsetMs), force, default);
        }

        static double Bump(double x) => Math.Abs(x) < 1 ? Math.Pow(Math.Cos(Math.PI / 2 * x), 2) : 0;
    }
}

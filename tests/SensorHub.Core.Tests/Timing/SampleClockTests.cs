using CsCheck;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Tests.Timing;

public class SampleClockTests(ITestOutputHelper output)
{
    private static readonly Timestamp Start = Timestamp.Parse("2026-01-31T12:00:00Z");

    [Theory]
    [InlineData(-100, 7.5)]
    [InlineData(-100, 50)]
    [InlineData(-20, 15)]
    [InlineData(0, 30)]
    [InlineData(50, 15)]
    [InlineData(100, 7.5)]
    [InlineData(100, 50)]
    public void Stamps_err_by_less_than_two_standard_uncertainties(double ppm, double intervalMs)
    {
        var stamps = new SimulatedLink(ppm, intervalMs, seed: 1).Run(seconds: 180);
        Report(stamps);
        Assert.True(Covered(stamps) >= 0.9);
        Assert.True(Rms(Between(stamps, 30, 180)) < Math.Max(3, intervalMs / 4));
        // Nor is it honest by being vague: better than any one exchange, whose round trip is a connection interval at least.
        Assert.True(Between(stamps, 5, 180).Max(s => s.Uncertainty) * 1e3 < intervalMs / 2 / Math.Sqrt(3) + 2);
    }

    [Fact]
    public void Before_the_first_exchange_the_quickest_arrival_tells_the_time()
    {
        var stamps = new SimulatedLink(ppm: 80, intervalMs: 30, seed: 2) { FirstExchange = double.PositiveInfinity }.Run(seconds: 30);
        Report(stamps);
        Assert.True(Covered(stamps) >= 0.9);
        Assert.InRange(stamps.Max(s => s.Uncertainty), 0.010, 0.030);
    }

    [Fact]
    public void After_three_minutes_the_drift_is_known_better_than_it_was_assumed()
    {
        var link = new SimulatedLink(ppm: -73, intervalMs: 15, seed: 3);
        link.Run(seconds: 180);
        var drift = link.Clock.DriftPpm!.Value;
        output.WriteLine($"{drift} ppm");
        Assert.InRange(drift.Value, -73 - 2 * drift.StandardUncertainty, -73 + 2 * drift.StandardUncertainty);
        Assert.InRange(drift.StandardUncertainty, 0, 50);
    }

    [Fact]
    public void Uncertainty_grows_while_nothing_is_heard_and_still_covers_what_comes_after()
    {
        var link = new SimulatedLink(ppm: 60, intervalMs: 15, seed: 4) { Outage = (60, 240) };
        var stamps = link.Run(seconds: 300);
        Report(stamps);
        Assert.True(Covered(stamps) >= 0.9);
        var clock = new SimulatedLink(ppm: 60, intervalMs: 15, seed: 4);
        clock.Run(seconds: 60);
        Assert.True(clock.Clock.Uncertainty(Start + TimeSpan.FromMinutes(30)) > 2 * clock.Clock.Uncertainty(Start + TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Differences_of_stamps_are_true_to_a_thousandth_while_the_estimate_moves()
    {
        // The first exchange comes late: the stamps have tens of milliseconds to catch up with.
        var stamps = new SimulatedLink(ppm: 100, intervalMs: 50, seed: 5) { FirstExchange = 10 }.Run(seconds: 60);
        foreach (var (a, b) in stamps.Zip(stamps.Skip(1)))
            Assert.InRange((b.Stamp - a.Stamp).TotalSeconds / (b.True - a.True), 1 - 0.00125, 1 + 0.00125);
    }

    [Fact]
    public void A_stamp_once_given_never_moves_and_later_samples_have_later_stamps()
    {
        Gen.Select(Gen.Double[-150, 150], Gen.Double[7.5, 60], Gen.Int, Gen.Double[0, 20]).Sample((ppm, interval, seed, firstExchange) =>
        {
            var link = new SimulatedLink(ppm, interval, seed) { FirstExchange = firstExchange, Outage = (25, 31) };
            var stamps = link.Run(seconds: 45);
            foreach (var (a, b) in stamps.Zip(stamps.Skip(1)))
                Assert.True(b.Stamp > a.Stamp, $"{a}\n{b}");
            foreach (var s in stamps)
                Assert.Equal(s.Stamp, link.Clock.Stamp(s.Device));
        }, iter: 20);
    }

    [Fact]
    public void Ticks_may_wrap()
    {
        var wrapping = new SimulatedLink(ppm: 40, intervalMs: 15, seed: 6) { FirstTick = ulong.MaxValue - 5_000_000 }.Run(seconds: 20);
        var plain = new SimulatedLink(ppm: 40, intervalMs: 15, seed: 6).Run(seconds: 20);
        Assert.Equal(plain.Select(s => s.Stamp), wrapping.Select(s => s.Stamp));
    }

    [Fact]
    public void A_reboot_begins_anew_behind_everything_stamped_before()
    {
        var link = new SimulatedLink(ppm: 40, intervalMs: 50, seed: 7) { FirstExchange = 8 };
        var before = link.Run(seconds: 5);
        link.Boot = 2;
        link.FirstTick = 77;
        var after = link.Run(seconds: 20);
        Assert.True(after[0].Stamp > before[^1].Stamp);
        Assert.True(Covered(after) >= 0.9);
    }

    [Fact]
    public void A_clock_worse_than_assumed_is_said_to_be_uncertain()
    {
        var stamps = new SimulatedLink(ppm: 2000, intervalMs: 15, seed: 8).Run(seconds: 120);
        Report(stamps);
        Assert.True(Covered(Between(stamps, 10, 120)) >= 0.9);
        foreach (var (a, b) in stamps.Zip(stamps.Skip(1)))
            Assert.True(b.Stamp > a.Stamp);
    }

    [Fact]
    public void An_arrival_before_its_sample_was_taken_is_refused()
    {
        var clock = new SampleClock(1_000_000);
        clock.Exchange(Start, new DeviceTime(1, 0), 100, Start + TimeSpan.FromMilliseconds(20));
        Assert.False(clock.Arrive(new DeviceTime(1, 1_000_000_000), Start + TimeSpan.FromSeconds(1)));
        Assert.True(clock.Arrive(new DeviceTime(1, 990_000), Start + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void An_exchange_that_contradicts_itself_is_ignored()
    {
        var clock = new SampleClock(1_000_000);
        clock.Exchange(Start, new DeviceTime(1, 1000), 900, Start + TimeSpan.FromMilliseconds(20));
        clock.Exchange(Start, new DeviceTime(1, 1000), 1_000_000, Start + TimeSpan.FromMilliseconds(20));
        clock.Exchange(Start + TimeSpan.FromSeconds(1), new DeviceTime(1, 1000), 1001, Start);
        Assert.Null(clock.Uncertainty(Start));
        Assert.Throws<InvalidOperationException>(() => clock.Stamp(new DeviceTime(1, 1000)));
    }

    [Fact]
    public void One_exchange_gives_the_offset_and_the_bound_of_RFC_5905()
    {
        var clock = new SampleClock(1_000_000);
        var t4 = Start + TimeSpan.FromMilliseconds(30);
        clock.Exchange(Start, new DeviceTime(1, 5_000_000), 5_002_000, t4);
        // δ = 30 − 2 ms; T2 at Start + δ/2.
        Assert.InRange((clock.Stamp(new DeviceTime(1, 5_000_000)) - Start).TotalMilliseconds, 13.99, 14.01);
        Assert.InRange(clock.Uncertainty(t4)!.Value.TotalMilliseconds, 0.81 * 14 / 2 - 0.01, 0.81 * 14 / 2 + 0.01);
    }

    [Fact]
    public void A_frame_that_comes_late_changes_neither_the_stamps_nor_the_uncertainty()
    {
        var (late, plain) = (new SimulatedLink(ppm: 40, intervalMs: 30, seed: 9), new SimulatedLink(ppm: 40, intervalMs: 30, seed: 9));
        late.Run(seconds: 60);
        plain.Run(seconds: 60);
        for (ulong tick = 1_000_000; tick < 55_000_000; tick += 70_000)
            Assert.True(late.Clock.Arrive(new DeviceTime(1, tick), Start + TimeSpan.FromSeconds(60.1)));
        var (now, next) = (Start + TimeSpan.FromSeconds(60.2), new DeviceTime(1, 60_200_000));
        Assert.Equal(plain.Clock.Uncertainty(now), late.Clock.Uncertainty(now));
        Assert.Equal(plain.Clock.Stamp(next), late.Clock.Stamp(next));
    }

    [Fact]
    public void Two_elements_of_one_clip_have_one_stamp_for_one_tick()
    {
        var link = new SimulatedLink(ppm: -60, intervalMs: 50, seed: 10);
        foreach (var sample in link.Run(seconds: 30))
            Assert.Equal(sample.Stamp, link.Clock.Stamp(sample.Device)); // what the other element's frame would get, later
    }

    /// <summary>The share of stamps whose error is within 2u.</summary>
    private static double Covered(List<Sample> stamps) => (double)stamps.Count(s => Math.Abs(s.Error) <= 2 * s.Uncertainty + 1e-6) / stamps.Count;

    private static List<Sample> Between(List<Sample> stamps, double from, double to) => [.. stamps.Where(s => s.True >= from && s.True < to)];

    private static double Rms(List<Sample> stamps) => 1e3 * Math.Sqrt(stamps.Average(s => s.Error * s.Error));

    private void Report(List<Sample> stamps)
    {
        foreach (var (from, to) in new[] { (0, 2), (2, 10), (10, 30), (30, 60), (60, 180) })
            if (Between(stamps, from, to) is { Count: > 0 } part)
                output.WriteLine(FormattableString.Invariant(
                    $"{from}-{to} s: error rms {Rms(part):0.00} ms, max {1e3 * part.Max(s => Math.Abs(s.Error)):0.00} ms, u {1e3 * part.Average(s => s.Uncertainty):0.00} ms, within 2u {100 * Covered(part):0.0} %"));
    }

    /// <param name="True">Seconds since the start.</param>
    /// <param name="Error">Stamp − truth, s.</param>
    private sealed record Sample(DeviceTime Device, double True, Timestamp Stamp, double Error, double Uncertainty);

    /// <summary>
    /// A sensor of 100 samples a second, ten in a frame, on a link that carries something only at connection events,
    /// repeats a tenth of it at the next one, and behind which the hub's stack takes its time. The device answers at
    /// once, so a response waits a whole interval where a request waits a random part of one: the worst asymmetry.
    /// </summary>
    private sealed class SimulatedLink(double ppm, double intervalMs, int seed)
    {
        private const double TickRate = 1_000_000;

        private readonly Random _random = new(seed);
        private double _now;

        public SampleClock Clock { get; } = new((uint)TickRate);

        public double FirstExchange { get; init; }

        public double ExchangeInterval { get; init; } = 10.0371; // no multiple of a connection interval

        public (double From, double To)? Outage { get; init; }

        public ulong FirstTick { get; set; }

        public uint Boot { get; set; } = 1;

        public List<Sample> Run(double seconds)
        {
            var samples = new List<Sample>();
            var (begin, end) = (_now, _now + seconds);
            var events = new List<(double Arrives, Action Happen)>();
            for (var t = begin + 0.0013; t < end; t += 0.1)
            {
                var taken = Enumerable.Range(0, 10).Select(i => t + 0.01 * i).ToArray();
                var arrives = Travel(taken[^1]);
                if (!IsOut(taken[^1]) && !IsOut(arrives))
                    events.Add((arrives, () => Frame(taken, arrives, samples)));
            }
            for (var t = begin + FirstExchange; t < end; t += t < begin + FirstExchange + 0.5 ? 0.1234 : ExchangeInterval)
            {
                var t1 = t;
                var t2 = NextEvent(t1);
                var t3 = t2 + 0.0002;
                var t4 = Travel(t3);
                if (!IsOut(t1) && !IsOut(t4))
                    events.Add((t4, () => Clock.Exchange(At(t1), new DeviceTime(Boot, Ticks(t2)), Ticks(t3), At(t4))));
            }
            foreach (var (_, happen) in events.OrderBy(e => e.Arrives))
                happen();
            _now = end;
            return [.. samples.OrderBy(s => s.True)]; // frames may overtake each other
        }

        private void Frame(double[] taken, double arrives, List<Sample> samples)
        {
            Assert.True(Clock.Arrive(new DeviceTime(Boot, Ticks(taken[^1])), At(arrives)));
            foreach (var t in taken)
            {
                var device = new DeviceTime(Boot, Ticks(t));
                var stamp = Clock.Stamp(device);
                samples.Add(new Sample(device, t, stamp, (stamp.UnixNanoseconds - At(t).UnixNanoseconds) * 1e-9, Clock.Uncertainty(At(arrives))!.Value.TotalSeconds));
            }
        }

        private double NextEvent(double t)
        {
            var interval = intervalMs / 1e3;
            var next = (Math.Floor(t / interval) + 1) * interval;
            return _random.NextDouble() < 0.1 ? next + interval : next;
        }

        private double Travel(double t) => NextEvent(t) - 1e-3 * Math.Log(1 - _random.NextDouble());

        private bool IsOut(double t) => t >= Outage?.From && t <= Outage?.To;

        private ulong Ticks(double t) => unchecked(FirstTick + (ulong)Math.Floor(t * (1 + ppm * 1e-6) * TickRate));

        private static Timestamp At(double t) => new(Start.UnixNanoseconds + (long)(t * 1e9));
    }
}

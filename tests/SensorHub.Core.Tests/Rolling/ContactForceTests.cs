using CsCheck;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Rolling;

public class ContactForceTests
{
    private readonly RollingOptions _options = new();

    [Theory]
    [InlineData(LoadArrangement.Direct, 100)]
    [InlineData(LoadArrangement.Bladder, 100)]
    [InlineData(LoadArrangement.Ring, 50)]
    [InlineData(LoadArrangement.StrainPairs, 50 + 50)]
    public void Cells_add_up_as_they_are_arranged(LoadArrangement arrangement, double expected)
    {
        double[] cells = arrangement == LoadArrangement.StrainPairs ? [30, 40, -40, 30] : [30, 40, 20, 10];

        Assert.Equal(expected, new ContactForce(arrangement, _options).Update(new LoadSample(At(0), cells), inContact: true, moving: false).Value, 1e-9);
    }

    [Fact]
    public void One_cell_or_eight_give_the_same_force() =>
        Gen.Select(Gen.Int[1, 8], Gen.Double[0, 600]).Sample((cells, newton) =>
            Math.Abs(new ContactForce(LoadArrangement.Direct, _options)
                .Update(new LoadSample(At(0), [.. Enumerable.Repeat(newton / cells, cells)]), inContact: true, moving: false).Value - newton) < 1e-9);

    [Fact]
    public void A_zero_that_drifts_without_load_is_followed()
    {
        var force = new ContactForce(LoadArrangement.Direct, _options);
        var last = Feed(force, seconds: 60, t => [0.05 * t, 0.05 * t]);

        // 6 N of drift; what remains is the lag.
        Assert.InRange(last.Value, 0, 0.5);
        Assert.Equal(6, force.ZeroShift, 0.5);
        Assert.Equal(RollingDoubts.None, force.Doubts);
    }

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 12)]
    public void A_zero_is_not_followed_while_the_roller_moves_or_a_limb_may_lie_on_it(bool moving, double newton)
    {
        var force = new ContactForce(LoadArrangement.Direct, _options);

        Assert.Equal(newton, Feed(force, seconds: 30, _ => [newton], moving).Value, 1e-9);
        Assert.Equal(0, force.ZeroShift);
    }

    [Fact]
    public void A_zero_far_off_is_mended_only_so_far_and_is_doubted()
    {
        var force = new ContactForce(LoadArrangement.Direct, _options);
        Feed(force, seconds: 30, _ => [-40]);

        Assert.Equal(-_options.ZeroBound, force.ZeroShift);
        Assert.Equal(RollingDoubts.ZeroOff, force.Doubts);
    }

    [Fact]
    public void A_force_is_never_negative() =>
        Assert.Equal(0, new ContactForce(LoadArrangement.Direct, _options).Update(new LoadSample(At(0), [-5, -3]), false, true).Value);

    [Fact]
    public void A_cell_that_stays_at_zero_under_load_is_dead_and_widens_the_uncertainty()
    {
        var force = new ContactForce(LoadArrangement.Direct, _options);
        var random = new Random(1);
        var pressed = Feed(force, seconds: 20, t => [Swing(t), Swing(t), Swing(t), 0.3 * random.NextDouble()], inContact: true);

        Assert.Equal(RollingDoubts.CellDead, force.Doubts);
        Assert.True(pressed.StandardUncertainty > 0.2 * pressed.Value);
    }

    [Fact]
    public void A_cell_at_the_end_of_its_range_is_told_while_it_is_there()
    {
        var force = new ContactForce(LoadArrangement.Direct, _options);
        Feed(force, seconds: 3, t => [Swing(t), Math.Min(Swing(t), 20)], inContact: true);
        Assert.Equal(RollingDoubts.CellSaturated, force.Doubts);

        Feed(force, seconds: 3, t => [Swing(t), Swing(t)], inContact: true, from: 3);
        Assert.Equal(RollingDoubts.None, force.Doubts);
    }

    [Fact]
    public void Sound_cells_are_not_doubted_whatever_they_share() =>
        Gen.Select(Gen.Int[2, 8], Gen.Int[0, 1_000_000]).Sample((cells, seed) =>
        {
            var random = new Random(seed);
            var shares = Enumerable.Range(0, cells).Select(_ => 0.5 + random.NextDouble()).ToArray();
            var force = new ContactForce(LoadArrangement.Direct, _options);
            Feed(force, 15, t => [.. shares.Select(share => share * Swing(t) + 0.6 * (random.NextDouble() - 0.5))], inContact: true);
            return force.Doubts == RollingDoubts.None;
        }, iter: 30);

    /// <summary>A leg put on the roller and rolled: N on a cell.</summary>
    private static double Swing(double t) => Math.Min(30, 30 * t) + 10 * Math.Sin(2 * t);

    private static Measured Feed(ContactForce force, double seconds, Func<double, double[]> cells, bool moving = false, bool inContact = false, double from = 0)
    {
        var last = default(Measured);
        for (var i = 0; i < seconds * 50; i++)
            last = force.Update(new LoadSample(At(from + 0.02 * i), cells(from + 0.02 * i)), inContact, moving);
        return last;
    }

    private static Timestamp At(double seconds) => new((long)Math.Round(seconds * 1e9));
}

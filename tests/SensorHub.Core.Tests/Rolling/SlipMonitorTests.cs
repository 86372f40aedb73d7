using SensorHub.Core.Rolling;

namespace SensorHub.Core.Tests.Rolling;

public class SlipMonitorTests
{
    private readonly RollingOptions _options = new();

    [Fact]
    public void Slip_is_the_drift_of_the_end_points_in_a_cycle()
    {
        var slip = Rolled(cycles: 10, to: 0.94, fro: -1);

        Assert.Equal(100 * 0.06 / 0.97, slip.Percent!.Value, 1e-9);
        Assert.False(slip.Slipping);
    }

    [Fact]
    public void Above_15_per_cent_it_slips_once_chance_is_averaged_out()
    {
        Assert.False(Rolled(cycles: 2, to: 0.8, fro: -1).Slipping);
        Assert.True(Rolled(cycles: 3, to: 0.8, fro: -1).Slipping);
    }

    [Fact]
    public void What_slipped_is_given_back_to_the_direction_that_turned_less_the_surer_the_more_cycles()
    {
        var (few, many) = (Rolled(cycles: 1, to: 0.94, fro: -1), Rolled(cycles: 15, to: 0.94, fro: -1));

        Assert.InRange(few.Correction(1).Value, 0, 0.01);
        Assert.Equal(0.06, many.Correction(1).Value, 0.006);
        Assert.Equal(0, many.Correction(-1).Value);
        Assert.True(many.Correction(-1).StandardUncertainty < few.Correction(-1).StandardUncertainty);
    }

    [Fact]
    public void A_person_who_turns_now_here_now_there_is_not_taken_for_slip()
    {
        var random = new Random(1);
        var slip = new SlipMonitor(_options);
        var at = 0.0;
        for (var stroke = 0; stroke < 12; stroke++)
        {
            var next = (stroke % 2 == 0 ? 1 : 0) + 0.4 * (random.NextDouble() - 0.5);
            slip.Add(next - at);
            at = next;
        }

        Assert.InRange(Math.Max(slip.Correction(1).Value, slip.Correction(-1).Value), 0, 0.02);
    }

    [Fact]
    public void A_lift_between_two_strokes_does_not_make_a_cycle_of_them()
    {
        var slip = new SlipMonitor(_options);
        slip.Add(1);
        slip.Lift();
        slip.Add(-0.5);

        Assert.Null(slip.Percent);
    }

    private SlipMonitor Rolled(int cycles, double to, double fro)
    {
        var slip = new SlipMonitor(_options);
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            slip.Add(to);
            slip.Add(fro);
        }
        return slip;
    }
}

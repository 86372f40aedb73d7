using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;

namespace SensorHub.Core.Tests.Rolling;

public sealed class LoadCellCalibrationTests
{
    /// <summary>What a cell says of 1 N: 1 / the factor that mends it.</summary>
    private static readonly double[] Sensitivities = [0.94, 1.05, 1.02, 0.97];

    [Fact]
    public void One_weight_in_the_middle_scales_all_cells_by_the_same_factor()
    {
        var calibration = new LoadCellCalibration(LoadArrangement.Direct);
        calibration.Add(new LoadPlacement(10, null, [20, 25, 24, 21], 0.3));
        var result = calibration.Result!;
        Assert.False(result.IsPerCell);
        Assert.All(result.Factors, f => Assert.Equal(98.0665 / 90, f, 1e-9));
        Assert.Equal(LoadVerdict.Good, result.Verdict);
        Assert.Null(result.Residual);
    }

    [Fact]
    public void A_weight_over_each_cell_in_turn_gives_each_its_own_gain()
    {
        var calibration = Placed(LoadArrangement.Direct, new Random(1));
        var result = calibration.Result!;
        Assert.True(result.IsPerCell);
        for (var cell = 0; cell < Sensitivities.Length; cell++)
            Assert.Equal(1 / Sensitivities[cell], result.Factors[cell], 0.03);
        Assert.Equal(LoadVerdict.Good, result.Verdict);
        Assert.InRange(result.Residual!.Value, 0, 0.02);
    }

    [Fact]
    public void Placements_that_are_all_alike_do_not_tell_the_cells_apart()
    {
        var calibration = new LoadCellCalibration(LoadArrangement.Direct);
        for (var i = 0; i < 8; i++)
            calibration.Add(new LoadPlacement(10 + i, null, [.. Sensitivities.Select(s => (10 + i) * LoadPlacement.Gravity / 4 * s)], 0.3));
        Assert.False(calibration.Result!.IsPerCell);
        Assert.Equal(4 / Sensitivities.Sum(), calibration.Result.Factors[0], 1e-9);
    }

    [Fact]
    public void The_cells_of_a_ring_see_body_and_floor()
    {
        var calibration = new LoadCellCalibration(LoadArrangement.Ring);
        calibration.Add(new LoadPlacement(10, null, [98.0665, 0, 98.0665, 0], 0.3));
        Assert.All(calibration.Result!.Factors, f => Assert.Equal(1, f, 1e-9));
        Assert.Equal(98.0665, calibration.Force([98.0665, 0, 98.0665, 0]), 1e-9);
    }

    [Fact]
    public void Gauges_of_a_pair_share_a_factor_however_the_roller_lies()
    {
        var calibration = new LoadCellCalibration(LoadArrangement.StrainPairs);
        foreach (var angle in (double[])[0.1, 0.9, 2])
            calibration.Add(new LoadPlacement(10, null, [80 * Math.Cos(angle), 80 * Math.Sin(angle)], 0.3));
        Assert.All(calibration.Result!.Factors, f => Assert.Equal(98.0665 / 80, f, 1e-9));
        Assert.Equal(2, calibration.Result.Factors.Count);
    }

    [Theory]
    [InlineData(10, 0.5, LoadVerdict.NoLoad)]     // beside the cells
    [InlineData(10, 44.5, LoadVerdict.Unlikely)]  // pounds
    [InlineData(10, 216, LoadVerdict.Unlikely)]   // the other way round
    [InlineData(2, 20, LoadVerdict.TooLight)]
    [InlineData(10, 98, LoadVerdict.Good)]
    public void What_cannot_be_is_not_called_good(double kilograms, double force, LoadVerdict verdict)
    {
        var calibration = new LoadCellCalibration(LoadArrangement.Direct);
        calibration.Add(new LoadPlacement(kilograms, null, [force / 2, force / 2], 0.3));
        Assert.Equal(verdict, calibration.Result!.Verdict);
    }

    [Fact]
    public void Placements_that_contradict_one_another_are_told()
    {
        var calibration = new LoadCellCalibration(LoadArrangement.Bladder);
        calibration.Add(new LoadPlacement(10, null, [95], 0.3));
        calibration.Add(new LoadPlacement(20, null, [170], 0.3));
        Assert.Equal(LoadVerdict.Disagree, calibration.Result!.Verdict);
        Assert.True(calibration.Result.Uncertainty >= calibration.Result.Residual);
    }

    [Fact]
    public void The_stated_uncertainty_of_the_force_holds()
    {
        // The weight is wrong by its own uncertainty, each placement by its repeatability: is the next load within 2u?
        var (inside, random) = (0, new Random(7));
        for (var trial = 0; trial < 400; trial++)
        {
            var result = Placed(LoadArrangement.Direct, random, weightError: 0.006 * Gaussian(random)).Result!;
            var force = Sensitivities.Zip(result.Factors, (s, h) => 25 * s * h).Sum();
            if (Math.Abs(force / 100 - 1) <= 2 * result.Uncertainty)
                inside++;
        }
        Assert.InRange(inside / 400.0, 0.9, 1);
    }

    [Fact]
    public void A_weight_that_moves_is_refused_with_what_to_do()
    {
        var calibration = new LoadCellCalibration(LoadArrangement.Direct);
        var moved = Assert.Throws<UserException>(() => calibration.Weigh(10, null, [.. Enumerable.Range(0, 100).Select(i => (IReadOnlyList<double>)[50 + 10 * Math.Sin(i), 50])]));
        Assert.Contains("Let go of it", moved.Message);
        Assert.Throws<UserException>(() => calibration.Weigh(0, null, [[1]]));
        Assert.Throws<UserException>(() => calibration.Weigh(double.NaN, null, [[1]]));
        Assert.Throws<UserException>(() => calibration.Weigh(10, null, []));
        var still = calibration.Weigh(10, 1, [[50, 48], [52, 50]]);
        Assert.Equal([51, 49], still.Cells);
        Assert.Equal(2, still.Spread, 1e-9);
    }

    [Fact]
    public void A_check_weight_agrees_within_the_uncertainty_of_both()
    {
        var calibration = new LoadCellCalibration(LoadArrangement.Direct);
        Assert.True(calibration.Agrees(new LoadPlacement(10, null, [99], 0.3), 0.01));
        Assert.False(calibration.Agrees(new LoadPlacement(10, null, [108], 0.3), 0.01));
    }

    /// <summary>15 kg in the middle, then over each cell: it takes two thirds there, the others the rest.</summary>
    private static LoadCellCalibration Placed(LoadArrangement arrangement, Random random, double weightError = 0)
    {
        var calibration = new LoadCellCalibration(arrangement);
        for (int? over = null; over is null or < 4; over = over + 1 ?? 0)
        {
            var weight = 15 * LoadPlacement.Gravity * (1 + weightError);
            calibration.Add(new LoadPlacement(15, over, [.. Sensitivities.Select((s, cell) =>
                s * weight * (over is null ? 0.25 : over == cell ? 2 / 3.0 : 1 / 9.0) * (1 + 0.01 * Gaussian(random)))], 0.3));
        }
        return calibration;
    }

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

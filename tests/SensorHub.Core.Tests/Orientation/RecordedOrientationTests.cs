using System.Globalization;
using SensorHub.Core.Orientation;
using SensorHub.Core.Recordings;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Orientation;

public sealed class RecordedOrientationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorded-orientation").FullName;

    [Fact]
    public void There_is_one_row_for_each_row_and_the_period_does_not_suffer_from_rounded_times()
    {
        var orientation = Estimate(Enumerable.Range(0, 601).Select(i => Math.Round(i / 60.0, 3)));

        Assert.Equal(601, orientation.Rows.Count);
        Assert.Equal(1 / 60.0, orientation.Period.TotalSeconds, 1e-5);
        Assert.Equal((0, 0), (orientation.Interpolated, orientation.Restarts));
        Assert.True(orientation.Rows[^1].AtRest);
    }

    [Fact]
    public void Rows_missing_for_up_to_half_a_second_are_interpolated()
    {
        var whole = Estimate(Times(0, 1000));
        var gappy = Estimate(Times(0, 500).Concat(Times(540, 1000)));

        Assert.Equal((40, 0), (gappy.Interpolated, gappy.Restarts));
        Assert.Equal(whole.Rows[^1].Bias, gappy.Rows[^1].Bias);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_longer_gap_of_any_length_the_filter_starts_anew_and_keeps_the_bias(bool smooth)
    {
        var times = Times(0, 1000).Concat(Times(0, 10).Select(t => t + 30.0042)).ToArray();
        var orientation = Estimate(times, smooth);

        Assert.Equal((0, 1), (orientation.Interpolated, orientation.Restarts));
        Assert.Equal(times, orientation.Rows.Select(r => r.Seconds));
        Assert.Equal(Rate, orientation.Rows[^1].Bias.X, 1e-3);
        Assert.False(orientation.Rows[^1].AtRest);
    }

    [Fact]
    public void Smoothing_knows_the_bias_and_the_rest_from_the_first_row_on()
    {
        var orientation = Estimate(Times(0, 1000), smooth: true);

        Assert.All(orientation.Rows, r => Assert.Equal(Rate, r.Bias.X, 1e-3));
        Assert.True(orientation.Rows[0].AtRest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_may_be_early_or_late(bool smooth)
    {
        var random = new Random(1);
        var orientation = Estimate(Times(0, 1000).Select(t => t + 0.004 * random.NextDouble()), smooth);

        Assert.Equal((0, 0), (orientation.Interpolated, orientation.Restarts));
        Assert.Equal(Rate, orientation.Rows[^1].Bias.X, 1e-3);
        Assert.True(orientation.Rows[^1].InclinationUncertainty < Angle.FromDegrees(1));
    }

    [Theory]
    [InlineData(1, 0.01, "It looks like g: multiply by 9.80665.")]
    [InlineData(1000, 0.01, "It looks like thousandths of g: multiply by 0.00980665.")]
    [InlineData(100, 0.01, "Give it in m/s², with gravity.")]
    [InlineData(9.81, 120, "If it is in °/s, multiply by π/180.")]
    public void Other_units_than_the_columns_say_are_recognized(double force, double rate, string remedy)
    {
        var csv = Write(Times(0, 10), force, rate);

        Assert.EndsWith(remedy, Assert.Throws<UserException>(() => ImuUnits.Check(csv, csv.Imus[0])).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private const double Rate = 0.01;

    private static IEnumerable<double> Times(int from, int to) => Enumerable.Range(from, to - from).Select(i => i / 100.0);

    private RecordedOrientation Estimate(IEnumerable<double> times, bool smooth = false)
    {
        var csv = Write(times, 9.81, Rate);
        ImuUnits.Check(csv, csv.Imus[0]);
        return RecordedOrientation.Of(csv, csv.Imus[0], smooth);
    }

    private ImuCsv Write(IEnumerable<double> times, double force, double rate)
    {
        var path = Path.Combine(_folder, "recording.csv");
        File.WriteAllLines(path, times
            .Select(t => string.Create(CultureInfo.InvariantCulture, $"{t},0,0,{force},{rate},0,0"))
            .Prepend("t_s,ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps"));
        return ImuCsv.Read(path);
    }
}

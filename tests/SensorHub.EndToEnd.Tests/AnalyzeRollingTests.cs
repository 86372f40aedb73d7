using System.Globalization;
using System.Text;

namespace SensorHub.EndToEnd.Tests;

/// <summary>
/// <c>sensorhub analyze rolling</c>, started as a person would, on a roller of which everything is known: two sets of strokes to and fro
/// under 150 N, along half a cosine each.
/// </summary>
public sealed class AnalyzeRollingTests
{
    private const double Rate = 100;
    private const double Lead = 2;
    private const double Ramp = 0.5;
    private const double Rest = 9;
    private const double StrokeSeconds = 2;
    private const int Strokes = 6;
    private const int Sets = 2;
    private const double Force = 150;

    /// <summary>m; what it rolls on is 3 % less.</summary>
    private const double Radius = 0.05;
    private const double Length = 0.28;

    private readonly string _folder = HubProgram.NewFolder();

    private string Output => Path.Combine(_folder, "strokes.csv");

    [Fact]
    public async Task With_load_each_stroke_has_a_row_with_its_times_length_and_force()
    {
        var roller = await WriteAsync("t_s,ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps,load1_n,load2_n", Rolled, load: true);
        var said = Assert.Single(await HubProgram.SaysAsync("analyze", "rolling", roller, "--radius", "0.05", "--muscle", "calf", "--side", "left", "--out", Output));
        Assert.StartsWith($"{Output}: {Sets * Strokes} strokes in {Sets} sets, ", said, StringComparison.Ordinal);
        Assert.Contains(" s in contact, mean length 28.", said, StringComparison.Ordinal);

        var csv = await Csv.ReadAsync(Output);
        Assert.Equal(
            "t_start_s,t_end_s,set,number,direction,length_m,length_u_m,duration_s,mean_force_n,mean_force_u_n,peak_force_n,impulse_n_s,source,slip_pct,quality,doubts",
            csv.Header);
        Assert.Equal(Sets * Strokes, csv.Rows.Count);
        for (var i = 0; i < csv.Rows.Count; i++)
        {
            double Value(string column) => csv.Column(column)[i]!.Value;

            var start = StrokeStart(i / Strokes, i % Strokes);
            Assert.Equal((i / Strokes + 1, i + 1, i % 2 == 0 ? 1 : -1), ((int)Value("set"), (int)Value("number"), (int)Value("direction")));
            Assert.Equal(start, Value("t_start_s"), 0.1);
            Assert.Equal(start + StrokeSeconds, Value("t_end_s"), 0.1);
            Assert.Equal(Value("t_end_s") - Value("t_start_s"), Value("duration_s"), 0.0011);
            Assert.Equal(Length, Value("length_m"), 0.04 * Length);
            Assert.InRange(Math.Abs(Value("length_m") - Length), 0, 2 * Value("length_u_m"));
            Assert.Equal(Force, Value("mean_force_n"), 0.02 * Force);
            Assert.InRange(Value("mean_force_u_n"), 0.1, 0.1 * Force);
            Assert.Equal(Force, Value("peak_force_n"), 0.02 * Force);
            Assert.Equal(Force * StrokeSeconds, Value("impulse_n_s"), 0.1 * Force * StrokeSeconds);
        }
        Assert.All(csv.Text("source"), source => Assert.Equal("measured", source));
        Assert.All(csv.Text("quality").Zip(csv.Text("doubts")), row => Assert.Equal(("good", ""), row));

        // Five turns against a tape, on a radius of 0.0485 m.
        var known = Assert.Single(await HubProgram.SaysAsync("analyze", "rolling", roller, "--tape", "1.5237:5", "--out", Output));
        Assert.StartsWith($"{Output}: {Sets * Strokes} strokes", known, StringComparison.Ordinal);
        var calibrated = await Csv.ReadAsync(Output);
        Assert.All(calibrated.Column("length_m"), length => Assert.Equal(Length, length!.Value, 0.02 * Length));
        // The 3 % of a radius by its make are gone; what the strokes slip and the gyroscope errs remains.
        Assert.All(
            csv.Column("length_u_m").Zip(calibrated.Column("length_u_m")),
            u => Assert.Equal(0.03 * Length, Math.Sqrt((u.First * u.First - u.Second * u.Second)!.Value), 0.001));
    }

    [Fact]
    public async Task Without_load_force_is_modelled_and_marked_or_absent()
    {
        var roller = await WriteAsync("t_s,core_ax_mps2,core_ay_mps2,core_az_mps2,core_gx_radps,core_gy_radps,core_gz_radps", Rolled, load: false);
        var said = Assert.Single(await HubProgram.SaysAsync(
            "analyze", "rolling", roller, "--imu", "core", "--radius", "0.05", "--muscle", "hamstrings", "--body-mass", "72", "--out", Output));
        Assert.EndsWith("; forces are modelled, not measured.", said, StringComparison.Ordinal);

        var csv = await Csv.ReadAsync(Output);
        Assert.Equal(Sets * Strokes, csv.Rows.Count);
        Assert.All(csv.Column("length_m"), length => Assert.Equal(Length, length!.Value, 0.04 * Length));
        Assert.All(csv.Text("source"), source => Assert.Equal("modelled", source));
        Assert.All(csv.Text("doubts"), doubts => Assert.Contains("no_load_cells", doubts, StringComparison.Ordinal));
        Assert.All(csv.Text("quality"), quality => Assert.Equal("degraded", quality));
        // An assumption says so by its uncertainty.
        Assert.All(csv.Column("mean_force_n").Zip(csv.Column("mean_force_u_n")), force => Assert.True(force.Second > 0.1 * force.First));

        // Nothing to model it from.
        Assert.EndsWith("; without load cells.", Assert.Single(await HubProgram.SaysAsync("analyze", "rolling", roller, "--radius", "0.05", "--out", Output)), StringComparison.Ordinal);
        var unknown = await Csv.ReadAsync(Output);
        Assert.All(unknown.Text("source"), source => Assert.Equal("none", source));
        Assert.All(unknown.Column("mean_force_n").Concat(unknown.Column("impulse_n_s")), Assert.Null);

        // Nobody has measured the roller: the lengths say how little they are known.
        Assert.EndsWith("Lengths are for a radius of 6.5 ± 1.3 cm, as none was given: see --radius and --tape.",
            Assert.Single(await HubProgram.SaysAsync("analyze", "rolling", roller, "--out", Output)), StringComparison.Ordinal);
        var lengths = await Csv.ReadAsync(Output);
        Assert.All(lengths.Column("length_m").Zip(lengths.Column("length_u_m")), length => Assert.InRange(length.Second!.Value / length.First!.Value, 0.19, 0.3));
    }

    [Fact]
    public async Task A_roller_that_only_bears_weight_has_no_strokes()
    {
        var roller = await WriteAsync("t_s,ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps,force_n", _ => 0, load: true);
        Assert.Equal(
            $"{Output}: no strokes: nothing turned by 3 cm and more while it was pressed.",
            Assert.Single(await HubProgram.SaysAsync("analyze", "rolling", roller, "--radius", "0.05", "--out", Output)));
        Assert.Empty((await Csv.ReadAsync(Output)).Rows);
    }

    [Fact]
    public async Task Load_columns_that_do_not_fit_together_are_named()
    {
        const string Imu = "t_s,ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps";
        async Task<string> RefusedAsync(string header, string row, params string[] options)
        {
            var path = Path.Combine(_folder, "roller.csv");
            await File.WriteAllTextAsync(path, $"{header}\n0,0,0,9.81,0,0,0,1,1\n0.01,0,0,9.81,0,0,0,{row}\n", TestContext.Current.CancellationToken);
            var line = await HubProgram.RefusesAsync(["analyze", "rolling", path, "--radius", "0.05", "--out", Output, .. options]);
            Assert.False(File.Exists(Output));
            return line;
        }

        Assert.Contains("roller.csv, line 3, column load2_n: 'much' is not a number", await RefusedAsync($"{Imu},load1_n,load2_n", "1,much"), StringComparison.Ordinal);
        Assert.Contains("roller.csv, line 3, column load2_n: it is empty, and other load columns are not.", await RefusedAsync($"{Imu},load1_n,load2_n", "1,"), StringComparison.Ordinal);
        Assert.Contains("a column load3_n and no load2_n", await RefusedAsync($"{Imu},load1_n,load3_n", "1,1"), StringComparison.Ordinal);
        Assert.Contains("has no load columns", await RefusedAsync($"{Imu},a,b", "1,1", "--arrangement", "ring"), StringComparison.Ordinal);
    }

    private static double StrokeStart(int set, int stroke) => Lead + Ramp + set * (2 * Ramp + Strokes * StrokeSeconds + Rest) + stroke * StrokeSeconds;

    /// <summary>rad about y at a time.</summary>
    private static double Rolled(double t)
    {
        for (var set = Sets - 1; set >= 0; set--)
            if (t >= StrokeStart(set, 0))
            {
                var (stroke, part) = Math.DivRem((long)(1e6 * Math.Min(t - StrokeStart(set, 0), Strokes * StrokeSeconds)), (long)(1e6 * StrokeSeconds));
                var there = 0.5 * (1 - Math.Cos(Math.PI * part / (1e6 * StrokeSeconds)));
                return Length / (0.97 * Radius) * (stroke % 2 == 0 ? there : 1 - there);
            }
        return 0;
    }

    /// <summary>N; pressed and released in a ramp.</summary>
    private static double Pressed(double t)
    {
        for (var set = Sets - 1; set >= 0; set--)
            if (t >= StrokeStart(set, 0) - Ramp)
                return Force * Math.Clamp(Math.Min(t - StrokeStart(set, 0) + Ramp, StrokeStart(set, Strokes) + Ramp - t) / Ramp, 0, 1);
        return 0;
    }

    /// <summary>100 Hz of the IMU, with noise; load in every other row, shared by the channels of the header.</summary>
    private async Task<string> WriteAsync(string header, Func<double, double> angle, bool load)
    {
        var channels = header.Split(',').Length - 7;
        var random = new Random(1);
        double Noise(double sigma) => sigma * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2;
        var csv = new StringBuilder(header).Append('\n');
        for (var row = 0; row < Rate * (StrokeStart(Sets, 0) - Rest + 2 * Lead); row++)
        {
            var t = row / Rate;
            // Up turns against the roller.
            var (sin, cos) = Math.SinCos(angle(t));
            var rate = (angle(t + 1e-3) - angle(t - 1e-3)) / 2e-3;
            csv.Append(CultureInfo.InvariantCulture, $"{t:0.00},{9.81 * sin + Noise(0.02):0.0000},{Noise(0.02):0.0000},{-9.81 * cos + Noise(0.02):0.0000}")
                .Append(CultureInfo.InvariantCulture, $",{Noise(0.002):0.00000},{rate + Noise(0.002):0.00000},{Noise(0.002):0.00000}");
            for (var channel = 0; load && channel < channels; channel++)
                csv.Append(row % 2 == 0 ? string.Create(CultureInfo.InvariantCulture, $",{Pressed(t) / channels + Noise(0.2):0.00}") : ",");
            csv.Append('\n');
        }
        var path = Path.Combine(_folder, "roller.csv");
        await File.WriteAllTextAsync(path, csv.ToString(), TestContext.Current.CancellationToken);
        return path;
    }
}

using System.Text.Json;
using CsCheck;
using SensorHub.Core.Orientation;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Orientation;

public class OrientationFilterTests
{
    private const double Gravity = 9.80665;

    [Fact]
    public void The_first_sample_already_gives_up_and_an_orientation_that_agrees_with_it() =>
        Gen.Select(Gen.Double[-1, 1], Gen.Double[-1, 1], Gen.Double[-1, 1]).Where(v => new Vector3D(v.Item1, v.Item2, v.Item3).Norm > 0.1).Sample(v =>
        {
            var up = new Vector3D(v.Item1, v.Item2, v.Item3).Normalized();
            var estimate = new OrientationFilter().Update(new ImuSample(new Timestamp(0), Gravity * up, default));
            return (estimate.Up - up).Norm < 1e-12 && (estimate.Orientation.Rotate(up) - Vector3D.UnitZ).Norm < 1e-9;
        });

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0.6, 0, 0.8)]
    public void Up_follows_a_turn_in_place_within_half_a_degree(double x, double y, double z)
    {
        var axis = new Vector3D(x, y, z);
        var filter = new OrientationFilter();
        Angle Turned(double t) => Angle.FromDegrees(60 * Math.Sin(t));

        for (var i = 0; i < 3000; i++)
        {
            var t = i * 0.01;
            var orientation = Rotation.FromAxisAngle(axis, Turned(t));
            var rate = double.DegreesToRadians(60 * Math.Cos(t)) * axis;
            var estimate = filter.Update(new ImuSample(At(t), Gravity * orientation.Inverse.Rotate(Vector3D.UnitZ), rate));
            Assert.True((estimate.Up - orientation.Inverse.Rotate(Vector3D.UnitZ)).Norm < double.DegreesToRadians(0.5));
        }
    }

    [Fact]
    public void A_bias_of_1_degree_a_second_is_learnt_at_rest()
    {
        var bias = double.DegreesToRadians(1) * new Vector3D(1, -1, 1).Normalized();
        var filter = new OrientationFilter();
        var before = filter.Update(Still(0, bias));
        for (var i = 1; i <= 1000; i++)
            filter.Update(Still(i * 0.01, bias));

        var after = filter.Current!.Value;
        Assert.False(before.AtRest);
        Assert.True(after.AtRest);
        Assert.True((after.Bias - bias).Norm < double.DegreesToRadians(0.02));
        Assert.True(after.InclinationUncertainty < before.InclinationUncertainty);
    }

    [Fact]
    public void Nothing_is_learnt_in_motion()
    {
        var filter = new OrientationFilter();
        for (var i = 0; i < 1000; i++)
            filter.Update(Still(i * 0.01, new Vector3D(0, 0, 0.5)));

        Assert.False(filter.Current!.Value.AtRest);
        Assert.True(filter.Current.Value.Bias.Norm < double.DegreesToRadians(0.01));
    }

    [Fact]
    public void Uneven_spacing_of_samples_does_not_matter()
    {
        var filter = new OrientationFilter();
        var random = new Random(1);
        var t = 0.0;
        while (t < 20)
        {
            t += 0.004 + 0.012 * random.NextDouble();
            var orientation = Rotation.FromAxisAngle(Vector3D.UnitY, Angle.FromDegrees(40 * Math.Sin(t)));
            var up = orientation.Inverse.Rotate(Vector3D.UnitZ);
            var estimate = filter.Update(new ImuSample(At(t), Gravity * up, new Vector3D(0, double.DegreesToRadians(40 * Math.Cos(t)), 0)));
            Assert.True((estimate.Up - up).Norm < double.DegreesToRadians(0.5));
        }
    }

    [Fact]
    public void A_short_gap_is_bridged_and_costs_confidence_that_comes_back()
    {
        var filter = Settled();
        var before = filter.Current!.Value.InclinationUncertainty;

        var after = filter.Update(Still(10.3, default));
        Assert.Equal(29, after.Bridged);
        Assert.True(after.InclinationUncertainty > before + Angle.FromDegrees(1));
        for (var i = 1; i < 1000; i++)
            filter.Update(Still(10.3 + i * 0.01, default));
        Assert.Equal(0, filter.Current!.Value.Bridged);
        Assert.True(filter.Current.Value.InclinationUncertainty <= before);
    }

    [Fact]
    public void After_a_long_gap_gravity_is_found_anew()
    {
        var filter = Settled();
        var tilted = Gravity * new Vector3D(0.6, 0, 0.8);

        var after = filter.Update(new ImuSample(At(60), tilted, default));
        Assert.True((after.Up - new Vector3D(0.6, 0, 0.8)).Norm < 1e-9);
        Assert.True(after.InclinationUncertainty > Angle.FromDegrees(2));
    }

    [Fact]
    public void A_sample_that_is_not_later_changes_nothing()
    {
        var filter = Settled();
        var before = filter.Current;

        filter.Update(new ImuSample(before!.Value.Time, new Vector3D(9.8, 0, 0), new Vector3D(1, 2, 3)));
        Assert.Equal(before, filter.Current);
    }

    [Fact]
    public void A_gap_of_200_ms_lowers_the_confidence()
    {
        var filter = Settled();
        var before = filter.Current!.Value.InclinationUncertainty;

        Assert.True(filter.Update(Still(10.2, default)).InclinationUncertainty > before + Angle.FromDegrees(0.5));
    }

    [Fact]
    public void After_a_long_gap_the_bias_is_kept_and_gravity_is_known_again_within_seconds()
    {
        var bias = new Vector3D(0.01, 0, 0);
        var filter = new OrientationFilter();
        for (var i = 0; i <= 2000; i++)
            filter.Update(Still(i * 0.01, bias));
        for (var i = 0; i <= 500; i++)
            filter.Update(Still(30 + i * 0.01, bias));

        Assert.Equal(0.01, filter.Current!.Value.Bias.X, 1e-4);
        Assert.True(filter.Current.Value.InclinationUncertainty < Angle.FromDegrees(1));
    }

    [Fact]
    public void A_gap_at_the_start_does_not_set_the_rate()
    {
        var filter = new OrientationFilter();
        filter.Update(Still(0, default));
        for (var i = 0; i <= 100; i++)
            filter.Update(Still(0.07 + i * 0.01, default));

        Assert.Equal(0.01, filter.State.Period, 1e-9);
        Assert.Equal(5, filter.Update(Still(1.13, default)).Bridged);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(2000)]
    public void A_filter_restored_from_its_state_as_JSON_goes_on_to_the_last_bit(int samples)
    {
        var filter = new OrientationFilter();
        foreach (var sample in Lean(0, samples))
            filter.Update(sample);

        var restored = new OrientationFilter(JsonSerializer.Deserialize<OrientationFilterState>(JsonSerializer.Serialize(filter.State, Json), Json)!);
        Assert.Equal(filter.Current, restored.Current);
        foreach (var sample in Lean(samples, samples + 500))
            Assert.Equal(filter.Update(sample), restored.Update(sample));
    }

    [Fact]
    public void An_update_allocates_nothing_gaps_or_not()
    {
        var filter = new OrientationFilter();
        var samples = Lean(0, 3000).Where((_, i) => i % 50 != 0).ToArray();
        foreach (var sample in samples.AsSpan(0, 1000))
            filter.Update(sample);

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var sample in samples.AsSpan(1000))
            filter.Update(sample);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>A trunk leaning to and fro by 40°, each IMU with a bias up to 1 °/s that drifts, noise, and an offset of the accelerometer.</summary>
    [Fact]
    public void The_uncertainty_covers_the_error_of_simulated_trunks()
    {
        var (within, count) = (0, 0);
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            var filter = new OrientationFilter();
            var (bias, speed) = (double.DegreesToRadians(1) * Unit(random), 0.3 + random.NextDouble());
            for (var i = 0; i < 6000; i++)
            {
                var t = i * 0.01;
                bias += 1e-6 * Noise(random);
                var up = Rotation.FromAxisAngle(Vector3D.UnitY, Angle.FromDegrees(20 - 20 * Math.Cos(speed * t))).Inverse.Rotate(Vector3D.UnitX);
                var rate = new Vector3D(0, double.DegreesToRadians(20 * speed * Math.Sin(speed * t)), 0);
                var estimate = filter.Update(new ImuSample(At(t), Gravity * up + 0.05 * Noise(random), rate + bias + 0.002 * Noise(random)));
                if (t < 5)
                    continue;
                count++;
                within += (estimate.Up - up).Norm <= 2 * estimate.InclinationUncertainty.Radians ? 1 : 0;
            }
        }
        Assert.InRange(100.0 * within / count, 90, 98);
    }

    private static readonly JsonSerializerOptions Json = new() { IgnoreReadOnlyProperties = true };

    private static Vector3D Unit(Random random) => Noise(random).Normalized();

    /// <summary>Each component standard normal.</summary>
    private static Vector3D Noise(Random random)
    {
        return new Vector3D(Normal(), Normal(), Normal());

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    /// <summary>Leaning to and fro, 100 Hz.</summary>
    private static IEnumerable<ImuSample> Lean(int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var t = i * 0.01;
            var up = Rotation.FromAxisAngle(Vector3D.UnitY, Angle.FromDegrees(40 * Math.Sin(t))).Inverse.Rotate(Vector3D.UnitX);
            yield return new ImuSample(At(t), Gravity * up, new Vector3D(0.01, double.DegreesToRadians(40 * Math.Cos(t)), 0));
        }
    }

    private static OrientationFilter Settled()
    {
        var filter = new OrientationFilter();
        for (var i = 0; i <= 1000; i++)
            filter.Update(Still(i * 0.01, default));
        return filter;
    }

    private static ImuSample Still(double seconds, Vector3D rate) => new(At(seconds), new Vector3D(0, 0, Gravity), rate);

    private static Timestamp At(double seconds) => new((long)Math.Round(seconds * 1e9));
}

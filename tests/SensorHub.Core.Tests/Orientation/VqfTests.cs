using System.Text.Json;
using SensorHub.Core.Orientation;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Orientation;

public class VqfTests
{
    private const double Gravity = 9.80665;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.01);
    private static readonly JsonSerializerOptions Json = new() { IgnoreReadOnlyProperties = true };

    [Fact]
    public void The_first_sample_gives_up()
    {
        var filter = new Vqf(Period);
        filter.Update(Gravity * new Vector3D(0.6, 0, 0.8), Vector3D.Zero);

        Assert.True((filter.Orientation.Rotate(new Vector3D(0.6, 0, 0.8)) - Vector3D.UnitZ).Norm < 1e-12);
    }

    [Fact]
    public void Upside_down_is_an_orientation_too()
    {
        var filter = new Vqf(Period);
        filter.Update(-Gravity * Vector3D.UnitZ, Vector3D.Zero);

        Assert.True((filter.Orientation.Rotate(-Vector3D.UnitZ) - Vector3D.UnitZ).Norm < 1e-12);
    }

    [Fact]
    public void A_bias_is_learnt_at_rest_all_of_it()
    {
        var bias = double.DegreesToRadians(1) * new Vector3D(1, -1, 1);
        var filter = new Vqf(Period);
        for (var i = 0; i < 1000; i++)
            filter.Update(Gravity * Vector3D.UnitZ, bias);

        Assert.True(filter.AtRest);
        Assert.True((filter.Bias - bias).Norm < double.DegreesToRadians(0.02));
        Assert.True(filter.BiasUncertainty < double.DegreesToRadians(0.05));
    }

    [Fact]
    public void A_bias_is_learnt_in_motion_about_every_axis_as_each_is_level_at_times()
    {
        var bias = double.DegreesToRadians(0.5) * new Vector3D(1, -1, 1);
        var filter = new Vqf(Period);
        foreach (var (force, rate) in Motion(12_000, speed: 0.2))
        {
            filter.Update(force, rate + bias);
            Assert.False(filter.AtRest);
        }

        Assert.True((filter.Bias - bias).Norm < double.DegreesToRadians(0.1), $"{filter.Bias - bias}");
    }

    [Fact]
    public void With_both_estimations_off_nothing_is_learnt_and_no_rest_is_seen()
    {
        var filter = new Vqf(Period, new VqfOptions { LearnBiasAtRest = false, LearnBiasInMotion = false });
        for (var i = 0; i < 1000; i++)
            filter.Update(Gravity * Vector3D.UnitZ, new Vector3D(0.01, 0, 0));

        Assert.Equal(Vector3D.Zero, filter.Bias);
        Assert.False(filter.AtRest);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)] // in the mean that the low-pass filters start with
    [InlineData(2000)]
    public void A_filter_restored_from_its_state_as_JSON_goes_on_to_the_last_bit(int samples)
    {
        var filter = new Vqf(Period);
        foreach (var (force, rate) in Motion(samples))
            filter.Update(force, rate);

        var text = JsonSerializer.Serialize(filter.State, Json);
        var restored = new Vqf(Period, null, JsonSerializer.Deserialize<VqfState>(text, Json));
        Assert.Equal(filter.State, restored.State);
        foreach (var (force, rate) in Motion(500))
        {
            filter.Update(force, rate);
            restored.Update(force, rate);
        }
        Assert.Equal(filter.State, restored.State);
    }

    [Fact]
    public void A_restart_finds_gravity_anew_and_keeps_the_bias()
    {
        var filter = new Vqf(Period);
        for (var i = 0; i < 1000; i++)
            filter.Update(Gravity * Vector3D.UnitZ, new Vector3D(0.01, 0, 0));

        var restarted = new Vqf(Period, null, Vqf.Restart(filter.State));
        restarted.Update(Gravity * Vector3D.UnitX, new Vector3D(0.01, 0, 0));
        Assert.True((restarted.Orientation.Rotate(Vector3D.UnitX) - Vector3D.UnitZ).Norm < 1e-6);
        Assert.Equal(0.01, restarted.Bias.X, 1e-4);
    }

    [Fact]
    public void An_update_allocates_nothing()
    {
        var filter = new Vqf(Period);
        var motion = Motion(1000).ToArray();
        foreach (var (force, rate) in motion)
            filter.Update(force, rate);

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var (force, rate) in motion)
            filter.Update(force, rate);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void An_option_out_of_range_and_a_period_of_nothing_or_too_long_are_refused()
    {
        Assert.Throws<UserException>(() => new Vqf(Period, new VqfOptions { BiasLimit = double.NaN }));
        Assert.Throws<UserException>(() => new Vqf(TimeSpan.FromSeconds(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Vqf(TimeSpan.Zero));
    }

    /// <summary>Turns about all axes, 1 rad/s at speed 1, without acceleration; the rates are the exact ones from sample to sample.</summary>
    private static IEnumerable<(Vector3D Force, Vector3D Rate)> Motion(int samples, double speed = 1)
    {
        var orientation = Rotation.Identity;
        for (var i = 0; i < samples; i++)
        {
            var t = speed * i * Period.TotalSeconds;
            var rate = speed * new Vector3D(Math.Sin(1.1 * t), Math.Cos(0.7 * t), Math.Sin(0.9 * t + 1));
            orientation = (orientation * Rotation.FromRotationVector(Period.TotalSeconds * rate)).Normalized();
            yield return (Gravity * orientation.Inverse.Rotate(Vector3D.UnitZ), rate);
        }
    }
}

using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core.Protocol;
using SensorHub.Core.Units;

namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>What the channels of one stream measure.</summary>
internal interface IStreamSource
{
    /// <param name="seconds">Since the simulation began.</param>
    /// <param name="channels">One value a channel, in the channel's unit, in the order of the descriptor.</param>
    /// <returns>False when there is no sample at that time.</returns>
    bool TryRead(double seconds, Span<double> channels);
}

/// <summary>An IMU with its errors. Channels: force x, y, z, rate x, y, z.</summary>
internal sealed class ImuStream(IImuSource source, ImuErrors errors, Random random) : IStreamSource
{
    public bool TryRead(double seconds, Span<double> channels)
    {
        if (!source.TryRead(seconds, out var ideal))
            return false;
        var force = Scaled(errors.ForceScale, errors.Mounting.Rotate(ideal.SpecificForce)) + errors.ForceBias;
        var rate = Scaled(errors.RateScale, errors.Mounting.Rotate(ideal.AngularRate)) + errors.RateBias + seconds / 3600 * errors.RateBiasDrift;
        if (errors.ForceNoise > 0)
            force += ImuErrors.Gaussian(random, errors.ForceNoise);
        if (errors.RateNoise > 0)
            rate += ImuErrors.Gaussian(random, errors.RateNoise);
        (channels[0], channels[1], channels[2]) = (force.X, force.Y, force.Z);
        (channels[3], channels[4], channels[5]) = (rate.X, rate.Y, rate.Z);
        return true;

        static Vector3D Scaled(Vector3D scale, Vector3D v) => new(scale.X * v.X, scale.Y * v.Y, scale.Z * v.Z);
    }
}

/// <summary>
/// Load cells that share the force between them, in counts, and their temperature. They warm up on the body, and their
/// sensitivity changes with it as their calibration says. Channels: one a cell, then the temperature in °C.
/// </summary>
internal sealed class LoadStream(VirtualPerson person, IReadOnlyList<LoadCalibration> cells, LoadErrors errors, Random random) : IStreamSource
{
    private const double Ambient = 22;
    private const double WarmedBy = 6;
    private const double WarmingSeconds = 180;

    public bool TryRead(double seconds, Span<double> channels)
    {
        var force = person.Force(seconds);
        var temperature = Ambient + WarmedBy * (1 - Math.Exp(-Math.Max(0, seconds) / WarmingSeconds));
        for (var cell = 0; cell < cells.Count; cell++)
        {
            var calibration = cells[cell];
            var newton = force * errors.Shares[cell] * errors.Gains[cell] + errors.Zeros[cell];
            if (errors.Noise > 0)
                newton += errors.Noise * random.NextGaussian();
            var sensitivity = 1 + calibration.TemperatureCoefficient * (temperature - calibration.ReferenceTemperature);
            channels[cell] = calibration.Zero + newton / (calibration.Gain * sensitivity);
        }
        channels[cells.Count] = temperature;
        return true;
    }
}

/// <param name="Shares">Of the force, one a cell; their sum is 1.</param>
/// <param name="Gains">Factor of each cell beside its calibration.</param>
/// <param name="Zeros">N without load beside its calibration.</param>
/// <param name="Noise">Standard deviation of a sample of one cell, N.</param>
public sealed record LoadErrors(IReadOnlyList<double> Shares, IReadOnlyList<double> Gains, IReadOnlyList<double> Zeros, double Noise)
{
    public static LoadErrors None(int cells) =>
        new([.. Enumerable.Repeat(1.0 / cells, cells)], [.. Enumerable.Repeat(1.0, cells)], new double[cells], 0);

    /// <summary>Standard deviations: gain 1 %, zero 0.5 N, noise 0.3 N.</summary>
    internal static LoadErrors Draw(Random random, int cells)
    {
        var shares = Enumerable.Range(0, cells).Select(_ => 0.5 + random.NextDouble()).ToArray();
        var sum = shares.Sum();
        return new LoadErrors(
            [.. shares.Select(s => s / sum)],
            [.. shares.Select(_ => 1 + 0.01 * random.NextGaussian())],
            [.. shares.Select(_ => 0.5 * random.NextGaussian())],
            Noise: 0.3);
    }
}

/// <summary>A lithium cell that empties slowly. Channels: level in %, voltage in V.</summary>
internal sealed class BatteryStream(double level, double percentPerHour) : IStreamSource
{
    public bool TryRead(double seconds, Span<double> channels)
    {
        var now = Math.Clamp(level - percentPerHour * seconds / 3600, 0, 100);
        channels[0] = now;
        channels[1] = 3.4 + 0.8 * now / 100;
        return true;
    }
}

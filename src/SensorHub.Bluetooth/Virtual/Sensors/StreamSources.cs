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
    private const double WarmingSeconds = 180;

    public bool TryRead(double seconds, Span<double> channels)
    {
        if (!source.TryRead(seconds, out var ideal))
            return false;
        var force = Scaled(errors.ForceScale, errors.Mounting.Rotate(ideal.SpecificForce)) + errors.ForceBias;
        var rate = Scaled(errors.RateScale, errors.Mounting.Rotate(ideal.AngularRate)) + errors.RateBias + seconds / 3600 * errors.RateBiasDrift + Warmth(seconds) * errors.RateBiasWarming;
        if (errors.ForceNoise > 0)
            force += ImuErrors.Gaussian(random, errors.ForceNoise);
        if (errors.RateNoise > 0)
            rate += ImuErrors.Gaussian(random, errors.RateNoise);
        (channels[0], channels[1], channels[2]) = (force.X, force.Y, force.Z);
        (channels[3], channels[4], channels[5]) = (rate.X, rate.Y, rate.Z);
        return true;

        static double Warmth(double seconds) => 1 - Math.Exp(-Math.Max(0, seconds) / WarmingSeconds);

        static Vector3D Scaled(Vector3D scale, Vector3D v) => new(scale.X * v.X, scale.Y * v.Y, scale.Z * v.Z);
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

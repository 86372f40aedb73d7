using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// Tells rest from motion: at rest, angular rate and specific force have stayed near their low-passed means for a while,
/// and the mean rate is small enough to be a bias (Laidig and Seel 2023, section 3.4).
/// </summary>
public sealed class RestDetector(RestBiasOptions options)
{
    private readonly double _rateThreshold = double.DegreesToRadians(options.RestRateThreshold);
    private readonly double _biasLimit = double.DegreesToRadians(options.BiasLimit);
    private double _still;
    private double _age;

    public bool AtRest => _still >= options.RestDuration.TotalSeconds;

    /// <summary>Low-passed angular rate, rad/s, sensor frame.</summary>
    public Vector3D MeanRate { get; private set; }

    private Vector3D MeanForce { get; set; }

    /// <param name="sample">The next sample.</param>
    /// <param name="dt">Seconds since the one before; 0 for the first.</param>
    /// <returns>Whether it is at rest now.</returns>
    public bool Update(in ImuSample sample, double dt)
    {
        _age += dt;
        var weight = LowPass.Weight(dt, _age, options.RestTimeConstant.TotalSeconds);
        MeanRate += weight * (sample.AngularRate - MeanRate);
        MeanForce += weight * (sample.SpecificForce - MeanForce);

        var still = (sample.AngularRate - MeanRate).Norm < _rateThreshold
            && (sample.SpecificForce - MeanForce).Norm < options.RestForceThreshold
            && Math.Abs(MeanRate.X) < _biasLimit && Math.Abs(MeanRate.Y) < _biasLimit && Math.Abs(MeanRate.Z) < _biasLimit;
        _still = still ? _still + dt : 0;
        return AtRest;
    }

    /// <summary>Forgets everything: there was a gap.</summary>
    public void Reset() => (_still, _age) = (0, 0);
}

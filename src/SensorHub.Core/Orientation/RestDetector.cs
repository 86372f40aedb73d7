using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// Tells rest from motion: at rest, angular rate and specific force have stayed near their low-passed means for a while,
/// and what rate remains is small enough to be a bias (Laidig and Seel 2023, section 3.4). Part of the mean rate that
/// gravity is seen to turn with is the slow sway of a body, not bias.
/// </summary>
public sealed class RestDetector(RestBiasOptions options)
{
    private const double Gravity = 9.80665;

    private readonly double _rateThreshold = double.DegreesToRadians(options.RestRateThreshold);
    private readonly double _biasLimit = double.DegreesToRadians(options.BiasLimit);
    private Vector3D _meanRate;
    private Vector3D _meanForce;
    private double _deviation;
    private double _still;
    private double _age;

    public bool AtRest => _still >= options.RestDuration.TotalSeconds;

    /// <summary>The low-passed angular rate without the turning of gravity, rad/s, sensor frame: at rest, the bias and noise.</summary>
    public Vector3D RemainingRate { get; private set; }

    /// <summary>
    /// Noise density of each component of <see cref="RemainingRate"/>, (rad/s)²·s, by motion too small to end the rest: its
    /// variance, where acceleration a tilts gravity by a/g, times the time over which it stays the same.
    /// </summary>
    public double Noise => options.SwayCorrelationTime.TotalSeconds * _deviation;

    /// <param name="sample">The next sample.</param>
    /// <param name="dt">Seconds since the one before; 0 for the first.</param>
    /// <returns>Whether it is at rest now.</returns>
    public bool Update(in ImuSample sample, double dt)
    {
        _age += dt;
        var weight = LowPass.Weight(dt, _age, options.RestTimeConstant.TotalSeconds);
        var before = _meanForce.Normalized();
        _meanRate += weight * (sample.AngularRate - _meanRate);
        _meanForce += weight * (sample.SpecificForce - _meanForce);
        // A fixed direction u seen from a turning sensor moves with u̇ = u × ω; both means have the same delay.
        var up = _meanForce.Normalized();
        var remaining = _meanRate - (dt > 0 ? 1 / dt * Vector3D.Cross(up - before, up) : Vector3D.Zero);
        RemainingRate += weight * (remaining - RemainingRate);

        var rateDeviation = (sample.AngularRate - _meanRate).Norm;
        var forceDeviation = (sample.SpecificForce - _meanForce).Norm;
        var turning = forceDeviation / (Gravity * options.RestTimeConstant.TotalSeconds);
        _deviation += LowPass.Weight(dt, _age, options.RestDuration.TotalSeconds) * (rateDeviation * rateDeviation + turning * turning - _deviation);

        var still = rateDeviation < _rateThreshold
            && forceDeviation < options.RestForceThreshold
            && Math.Abs(RemainingRate.X) < _biasLimit && Math.Abs(RemainingRate.Y) < _biasLimit && Math.Abs(RemainingRate.Z) < _biasLimit;
        _still = still ? _still + dt : 0;
        return AtRest;
    }

    /// <summary>Forgets everything: there was a gap.</summary>
    public void Reset() => (_still, _age) = (0, 0);
}

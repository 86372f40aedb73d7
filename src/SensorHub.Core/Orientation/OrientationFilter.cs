using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// Orientation of one IMU element from gyroscope and accelerometer. The rates are integrated into a frame that gravity
/// has not been asked about, and so turns only as slowly as the gyroscope drifts; there the specific force is low-passed,
/// where motion averages out, and its direction is "up" (the almost inertial frame of Laidig and Seel, Information Fusion
/// 91 (2023), section 3.2). The gyroscope's bias is learnt at rest (section 3.4). Begins with the first sample; takes any
/// spacing of samples.
/// </summary>
public sealed class OrientationFilter
{
    private const double Gravity = 9.80665;

    private readonly OrientationOptions _options;
    private readonly RestBias _bias;
    private readonly double _timeConstant;
    private ImuSample? _last;

    private Rotation _strapdown = Rotation.Identity;
    private Vector3D _firstStage;
    private Vector3D _force;
    private double _age;

    private double _fluctuation;
    private double _turning;
    private double _gapVariance;

    /// <exception cref="UserException">An option is out of its range.</exception>
    public OrientationFilter(OrientationOptions? options = null)
    {
        _options = Constants.Check(options ?? new OrientationOptions());
        _bias = new RestBias(_options.Bias);
        _timeConstant = _options.AccelerometerTimeConstant.TotalSeconds;
    }

    /// <summary>The estimate of the last sample; null before the first.</summary>
    public OrientationEstimate? Current { get; private set; }

    /// <summary>Takes the next sample. One that is not later than the last changes nothing.</summary>
    public OrientationEstimate Update(in ImuSample sample)
    {
        if (Current is { } current && sample.Time <= current.Time)
            return current;

        var dt = _last is { } last ? (sample.Time - last.Time).TotalSeconds : 0;
        if (dt > _options.LongestBridgedGap.TotalSeconds)
        {
            dt = 0;
            Restart();
        }
        Integrate(sample, dt);
        _bias.Update(sample, dt);
        Correct(sample, dt);
        _last = sample;

        var up = _strapdown.Inverse.Rotate(_force).Normalized();
        var estimate = new OrientationEstimate(
            sample.Time, Tilt() * _strapdown, up, sample.AngularRate - _bias.Bias, _bias.Bias, _bias.AtRest, Angle.FromRadians(Math.Sqrt(Variance())));
        Current = estimate;
        return estimate;
    }

    private void Restart()
    {
        _age = 0;
        _gapVariance = 0;
        _bias.Reset();
    }

    private void Integrate(in ImuSample sample, double dt)
    {
        if (dt == 0 || _last is not { } last)
            return;
        var rate = 0.5 * (last.AngularRate + sample.AngularRate) - _bias.Bias;
        _strapdown = (_strapdown * Rotation.FromRotationVector(dt * rate)).Normalized();

        _gapVariance *= Math.Exp(-2 * dt / _timeConstant);
        if (dt > _options.ShortestGap.TotalSeconds)
        {
            var rateVariance = Square(0.5 * (sample.AngularRate - last.AngularRate).Norm) + Square(double.DegreesToRadians(_options.GapRateUncertainty));
            _gapVariance += dt * dt * rateVariance;
        }
    }

    private void Correct(in ImuSample sample, double dt)
    {
        _age += dt;
        var weight = LowPass.Weight(dt, _age, 0.5 * _timeConstant);
        _firstStage += weight * (_strapdown.Rotate(sample.SpecificForce) - _firstStage);
        _force += weight * (_firstStage - _force);

        var fluctuation = Square((_firstStage - _force).Norm / Gravity);
        weight = LowPass.Weight(dt, _age, _timeConstant);
        _fluctuation += weight * (fluctuation - _fluctuation);
        _turning += weight * (Square((sample.AngularRate - _bias.Bias).Norm) - _turning);
    }

    /// <summary>The shortest rotation from the almost inertial frame to the earth.</summary>
    private Rotation Tilt() => Upright.From(_force.Normalized());

    /// <summary>
    /// rad². What the direction of "up" may be wrong by, as independent parts: the accelerometer itself; acceleration that
    /// has not averaged out, seen as what the second stage still changes, and unseen right after the start; drift of the
    /// integrated rates (unknown bias, scale error) within the filter's memory; gaps.
    /// </summary>
    private double Variance()
    {
        var memory = Math.Min(_age, _timeConstant);
        var start = Square(_options.InitialAcceleration / Gravity) * Math.Exp(-_age / _timeConstant);
        return Square(double.DegreesToRadians(_options.AccelerometerUncertainty))
            + _fluctuation + start
            + memory * memory * (_bias.Variance + Square(_options.RateScaleUncertainty) * _turning)
            + _gapVariance;
    }

    private static double Square(double x) => x * x;
}

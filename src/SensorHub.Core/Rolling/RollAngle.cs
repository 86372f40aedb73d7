using SensorHub.Core.Orientation;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// The angle turned about the roller's axis: θ = ∫ (ω·û − b) dt by the trapezoidal rule, corrected by <see cref="GravityAngle"/>
/// while the roller is nearly still. A Kalman filter for θ and the bias b along the axis: integration carries the angle
/// from one still moment to the next, gravity bounds its drift and shows the bias also under load, where it is never long at rest.
/// </summary>
/// <param name="radius">m; accelerating, the core of the roller moves by radius · α.</param>
/// <param name="options">Of rolling.</param>
internal sealed class RollAngle(double radius, RollingOptions options)
{
    private const double Gravity = 9.80665;

    private readonly RestBias _rest = new(options.Bias);
    private readonly RollAxis _axis = new(options);
    private readonly GravityAngle _gravity = new(options);
    private readonly double _stroke = double.DegreesToRadians(options.StrokeRate);
    private readonly double _still = double.DegreesToRadians(options.DwellRate);
    private readonly double _largestRate = double.DegreesToRadians(options.RateRange) * (1 - 1e-3);
    private readonly double _gravityVariance = Square(double.DegreesToRadians(options.GravityAngleUncertainty));

    private readonly double _sameAxis = Math.Cos(double.DegreesToRadians(options.SameAxis));
    private readonly double _steepest = Math.Sin(double.DegreesToRadians(options.AxisSlope));

    private ImuSample? _last;
    private double? _zero;
    private Vector3D _zeroAxis = Vector3D.UnitY;
    private Vector3D _turned;
    private double _vertical;
    private Timestamp? _lifted;
    private double _bias;

    // Covariance of angle and bias: rad², rad²/s, (rad/s)².
    private double _angleVariance;
    private double _covariance;
    private double _biasVariance = double.PositiveInfinity;

    /// <summary>rad, not wrapped.</summary>
    public double Angle { get; private set; }

    /// <summary>rad/s about the axis, without bias.</summary>
    public double Rate { get; private set; }

    /// <summary>Angular rate, whatever its axis, without bias, rad/s.</summary>
    public double Speed { get; private set; }

    /// <summary>Standard uncertainty of the bias along the axis, rad/s.</summary>
    public double BiasUncertainty => Math.Sqrt(_biasVariance);

    public RollAxis Axis => _axis;

    public bool Saturated { get; private set; }

    /// <summary>It is being lifted, carried or put down: the specific force differs from gravity.</summary>
    public bool Lifted { get; private set; }

    public Timestamp? Time => _last?.Time;

    /// <param name="sample">The next sample.</param>
    /// <param name="learnBias">Nobody is on the roller: it does not creep, and what rate remains at rest is bias.</param>
    /// <param name="learnAxis">It is being rolled, as far as is known.</param>
    /// <returns>Whether the sample before was near enough to go on from it.</returns>
    public bool Update(in ImuSample sample, bool learnBias, bool learnAxis)
    {
        var step = sample.Time - (_last?.Time ?? sample.Time);
        var continues = _last is not null && step <= options.LongestBridgedGap;
        var dt = continues ? step.TotalSeconds : 0;
        if (!continues)
        {
            _rest.Reset();
            _zero = null;
        }

        _rest.Update(sample, dt, learn: learnBias);
        var rate = sample.AngularRate - _rest.Bias;
        Saturated = Math.Max(Math.Abs(sample.AngularRate.X), Math.Max(Math.Abs(sample.AngularRate.Y), Math.Abs(sample.AngularRate.Z))) >= _largestRate;
        Speed = rate.Norm;
        Lift(sample.SpecificForce, sample.Time, dt);
        Learn(rate, sample.SpecificForce, dt, learnAxis);
        TakeRestBias();
        var last = Rate;
        Rate = Vector3D.Dot(sample.AngularRate, _axis.Axis) - _bias;
        if (continues)
            Predict(0.5 * Vector3D.Dot(_last!.Value.AngularRate + sample.AngularRate, _axis.Axis) - _bias, dt);
        if (_zero is null)
        {
            _gravity.Restart(_axis.Axis);
            _zeroAxis = _axis.Axis;
        }
        if (_gravity.TryRead(sample.SpecificForce, rate, _axis.Axis, out var seen))
            Correct(seen, dt, tilt: dt > 0 ? radius * (Rate - last) / (dt * Gravity) : 0);
        _last = sample;
        return continues;
    }

    private void Learn(Vector3D rate, Vector3D force, double dt, bool learn)
    {
        _turned = Speed > _still ? _turned + dt * rate : default;
        if (Speed <= _still || !learn)
            return;
        var (before, known) = (_axis.Axis, _axis.Found);
        if (IsLevel(rate, force))
            _axis.Learn(rate, dt);
        if (Speed > _stroke)
            _axis.Watch(rate, dt);
        if (Vector3D.Dot(_zeroAxis, _axis.Axis) < _sameAxis)
            (_zero, _biasVariance) = (null, double.PositiveInfinity);
        if (_axis.Found && !known)
            Angle += Vector3D.Dot(_turned, _axis.Axis - before); // what it turned until now, it turned about this axis
    }

    /// <summary>A roller on the floor does not move up or down; but an IMU beside the axis feels the centripetal force of quick strokes.</summary>
    private void Lift(Vector3D force, Timestamp time, double dt)
    {
        _vertical += (1 - Math.Exp(-dt / options.LiftTimeConstant.TotalSeconds)) * (force.Norm - Gravity - _vertical);
        if (Math.Abs(_vertical) > options.LiftForce * Gravity + options.CoreOffset * Rate * Rate)
            _lifted = time;
        Lifted = time - _lifted <= options.LiftHold;
    }

    /// <summary>The angle a little later, turned on with the present rate.</summary>
    public double AngleAt(Timestamp time) =>
        _last is { } last && time - last.Time <= options.OldestSample ? Angle + Rate * (time - last.Time).TotalSeconds : Angle;

    /// <summary>Counts from zero.</summary>
    public void Reset()
    {
        _zero += Angle;
        Angle = 0;
    }

    /// <summary>Rest tells the bias of the gyroscope best; what gravity told of it is kept where that is better.</summary>
    private void TakeRestBias()
    {
        if (_rest.Variance >= _biasVariance)
            return;
        _covariance *= double.IsFinite(_biasVariance) ? Math.Sqrt(_rest.Variance / _biasVariance) : 0;
        (_bias, _biasVariance) = (Vector3D.Dot(_rest.Bias, _axis.Axis), _rest.Variance);
    }

    private void Predict(double rate, double dt)
    {
        Angle += rate * dt;
        _angleVariance += dt * (dt * _biasVariance - 2 * _covariance);
        _covariance -= dt * _biasVariance;
        _biasVariance += _rest.Wander * dt;
    }

    /// <param name="seen">The angle by gravity, rad.</param>
    /// <param name="dt">Seconds since the sample before.</param>
    /// <param name="tilt">How far the acceleration of rolling can tilt it, rad.</param>
    private void Correct(double seen, double dt, double tilt)
    {
        if (_zero is not { } zero)
        {
            // From here on the angle is known relative to this direction of gravity.
            (_zero, _angleVariance, _covariance) = (seen - Angle, 0, 0);
            return;
        }
        if (dt == 0)
            return;
        var innovation = Math.IEEERemainder(seen - zero - Angle, 2 * Math.PI);
        // Samples in a row err alike: their noise is a density.
        var variance = _angleVariance + (_gravityVariance + Square(tilt)) * options.GravityCorrelationTime.TotalSeconds / dt;
        var (toAngle, toBias) = (_angleVariance / variance, _covariance / variance);
        Angle += toAngle * innovation;
        _bias += toBias * innovation;
        _biasVariance -= toBias * _covariance;
        _covariance -= toBias * _angleVariance;
        _angleVariance -= toAngle * _angleVariance;
    }

    /// <summary>A roller on the floor turns about a level axis; one that is carried turns about any.</summary>
    private bool IsLevel(Vector3D rate, Vector3D force) =>
        Math.Abs(Vector3D.Dot(rate, force)) <= _steepest * rate.Norm * force.Norm;

    private static double Square(double x) => x * x;
}

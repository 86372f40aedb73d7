using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// Orientation from gyroscope and accelerometer: D. Laidig, T. Seel, "VQF: Highly accurate IMU orientation estimation with bias
/// estimation and magnetic disturbance rejection", Information Fusion 91 (2023), without magnetometer. The rates are integrated
/// into a frame that turns only as slowly as they drift; there the specific force is low-passed, where motion averages
/// out, and a correction turns it upright. The gyroscope's bias shows in motion by what has to be corrected, at rest by the
/// rate that remains. Begins with the first sample. The low-pass filters are made for one period, as the paper's are; the rates are
/// integrated over the time that really passed, so that samples may be early or late.
/// </summary>
public sealed class Vqf
{
    private readonly VqfOptions _options;
    private readonly double _dt;
    private readonly double _biasLimit;
    private readonly double _restRateThreshold;
    private readonly double _initialVariance;
    private readonly double _wander;
    private readonly double _restVariance;
    private readonly double _motionVariance;
    private readonly double _verticalVariance;

    private Rotation _strapdown;
    private Rotation _correction;
    private Butterworth _force;

    private BiasKalman _bias;
    private Butterworth _rowX;
    private Butterworth _rowY;
    private Butterworth _rowZ;
    private Butterworth _earthBias;

    private Butterworth _restRate;
    private Butterworth _restForce;
    private Vector3D _meanRate;
    private Vector3D _restUp;
    private Vector3D _restTurn;
    private double _still;

    /// <param name="period">From sample to sample.</param>
    /// <param name="options">Parameters.</param>
    /// <param name="state">A state to go on from; null = start.</param>
    /// <exception cref="UserException">An option is out of its range, or the period too long for the low-pass filters.</exception>
    public Vqf(TimeSpan period, VqfOptions? options = null, VqfState? state = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        _options = Constants.Check(options ?? new VqfOptions());
        _dt = period.TotalSeconds;
        var (slow, quick) = (_options.AccelerometerTimeConstant.TotalSeconds, _options.RestTimeConstant.TotalSeconds);
        if (_dt > 0.5 * Math.Min(slow, quick))
            throw new UserException(FormattableString.Invariant($"Samples every {_dt} s are too few for the orientation: filters of {slow} and {quick} s need two in each time constant."));
        _biasLimit = double.DegreesToRadians(_options.BiasLimit);
        _restRateThreshold = double.DegreesToRadians(_options.RestRateThreshold);

        // The noise with which a measurement at each sample holds the variance of a bias that wanders at what is asked for.
        _initialVariance = VarianceOf(_options.InitialBiasUncertainty);
        _wander = VarianceOf(0.1) * _dt / _options.BiasForgettingTime.TotalSeconds;
        _restVariance = MeasurementVariance(VarianceOf(_options.RestBiasUncertainty));
        _motionVariance = MeasurementVariance(VarianceOf(_options.MotionBiasUncertainty));
        _verticalVariance = _motionVariance / _options.VerticalForgettingFactor;

        var (force, rest) = (new Butterworth(slow, _dt), new Butterworth(quick, _dt));
        (_force, _rowX, _rowY, _rowZ, _earthBias) = (force, force, force, force, force);
        (_restRate, _restForce) = (rest, rest);
        Load(state ?? Start(_options));

        static double VarianceOf(double degreesPerSecond) => Square(double.DegreesToRadians(degreesPerSecond));

        double MeasurementVariance(double variance) => variance * variance / _wander + variance;
    }

    /// <summary>Sensor to earth. The heading has no reference: it begins anywhere and drifts.</summary>
    public Rotation Orientation => _correction * _strapdown;

    /// <summary>Gyroscope bias, rad/s, sensor frame.</summary>
    public Vector3D Bias => _bias.Bias;

    /// <summary>Upper bound of the standard uncertainty of <see cref="Bias"/> in any direction, rad/s.</summary>
    public double BiasUncertainty => Math.Sqrt(Math.Min(_bias.Covariance.LargestVariance, _initialVariance));

    /// <summary>Variance of <see cref="Bias"/> about an axis across a direction, in the mean of all such axes, (rad/s)².</summary>
    /// <param name="direction">Unit vector, sensor frame.</param>
    internal double BiasVarianceAcross(in Vector3D direction) =>
        0.5 * (_bias.Covariance.Trace - Vector3D.Dot(direction, _bias.Covariance * direction));

    /// <summary>The sensor does not move.</summary>
    public bool AtRest { get; private set; }

    /// <summary>Everything learnt so far, to go on from.</summary>
    public VqfState State => new()
    {
        Strapdown = _strapdown,
        Correction = _correction,
        Bias = _bias.Bias,
        BiasCovariance = _bias.Covariance,
        Still = _still,
        AtRest = AtRest,
        Force = _force.State,
        RowX = _rowX.State,
        RowY = _rowY.State,
        RowZ = _rowZ.State,
        EarthBias = _earthBias.State,
        RestRate = _restRate.State,
        RestForce = _restForce.State,
        RestUp = _restUp,
    };

    /// <summary>
    /// What the last sample turned the orientation by to be upright, over the period: the part of the drift that shows, rad/s, earth
    /// frame.
    /// </summary>
    internal Vector3D CorrectionRate { get; private set; }

    /// <summary>Takes the next sample, one period after the one before.</summary>
    /// <param name="specificForce">m/s², sensor frame, including gravity; zero = missing.</param>
    /// <param name="angularRate">rad/s, sensor frame.</param>
    public void Update(in Vector3D specificForce, in Vector3D angularRate) => Update(specificForce, angularRate, _dt);

    /// <summary>Takes the next sample.</summary>
    /// <param name="specificForce">m/s², sensor frame, including gravity; zero = missing.</param>
    /// <param name="angularRate">rad/s, sensor frame.</param>
    /// <param name="seconds">Since the sample before.</param>
    public void Update(in Vector3D specificForce, in Vector3D angularRate, double seconds)
    {
        var hasForce = specificForce != Vector3D.Zero;
        if (_options.LearnBiasAtRest)
            DetectRest(specificForce, angularRate, hasForce, seconds);
        _strapdown = (_strapdown * Rotation.FromRotationVector(seconds * (angularRate - _bias.Bias))).Normalized();
        if (!hasForce)
            return;
        var up = Correct(specificForce);
        if (_options.LearnBiasAtRest || _options.LearnBiasInMotion)
            LearnBias(up);
    }

    /// <summary>A start that knows the bias from before and nothing else: for after a gap.</summary>
    public static VqfState Restart(VqfState before) => new() { Bias = before.Bias, BiasCovariance = before.BiasCovariance };

    /// <summary>Finds gravity anew and keeps the bias: for after a gap.</summary>
    internal void Restart() => Load(Restart(State));

    private static VqfState Start(VqfOptions options) => new()
    {
        Bias = Vector3D.Zero,
        BiasCovariance = Covariance3.Diagonal(Square(double.DegreesToRadians(options.InitialBiasUncertainty))),
    };

    private void Load(VqfState state)
    {
        (_strapdown, _correction) = (state.Strapdown, state.Correction);
        _bias = new BiasKalman(state.Bias, state.BiasCovariance);
        (_still, AtRest) = (state.Still, state.AtRest);
        CorrectionRate = Vector3D.Zero;
        _force.State = state.Force;
        _rowX.State = state.RowX;
        _rowY.State = state.RowY;
        _rowZ.State = state.RowZ;
        _earthBias.State = state.EarthBias;
        _restRate.State = state.RestRate;
        _restForce.State = state.RestForce;
        _restUp = state.RestUp;
    }

    /// <summary>At rest, both rate and force have stayed near their means for a while, and the mean rate can be a bias.</summary>
    private void DetectRest(in Vector3D specificForce, in Vector3D angularRate, bool hasForce, double seconds)
    {
        _meanRate = _restRate.Update(angularRate);
        var deviation = angularRate - _meanRate;
        if (Vector3D.Dot(deviation, deviation) >= Square(_restRateThreshold) || !(LargestComponent(_meanRate) <= _biasLimit))
            (_still, AtRest) = (0, false);
        if (!hasForce)
            return;

        var meanForce = _restForce.Update(specificForce);
        if (_options.RestMayTurn)
            SeeTurn(meanForce.Normalized(), seconds);
        deviation = specificForce - meanForce;
        if (Vector3D.Dot(deviation, deviation) >= Square(_options.RestForceThreshold))
            (_still, AtRest) = (0, false);
        else
        {
            _still += _dt;
            AtRest = _still >= _options.RestDuration.TotalSeconds;
        }
    }

    /// <summary>A fixed direction u seen from a turning sensor moves with u̇ = u × ω: what of ω is across u shows.</summary>
    private void SeeTurn(in Vector3D up, double seconds)
    {
        _restTurn = _restUp == Vector3D.Zero ? Vector3D.Zero : 1 / seconds * Vector3D.Cross(up - _restUp, up);
        _restUp = up;
    }

    /// <summary>Turns the low-passed force upright.</summary>
    /// <returns>Where it pointed before, the unit vector in the earth frame as it was.</returns>
    private Vector3D Correct(in Vector3D specificForce)
    {
        var up = _correction.Rotate(_force.Update(_strapdown.Rotate(specificForce))).Normalized();
        var w = Math.Sqrt(0.5 * (up.Z + 1));
        // Upside down the axis is free; any horizontal one does.
        var turn = w > 1e-6 ? new Rotation(w, 0.5 * up.Y / w, -0.5 * up.X / w, 0) : new Rotation(0, 1, 0, 0);
        _correction = (turn * _correction).Normalized();
        CorrectionRate = new Vector3D(up.Y / _dt, -up.X / _dt, 0);
        return up;
    }

    /// <param name="up">The direction of the low-passed force before it was turned upright.</param>
    private void LearnBias(in Vector3D up)
    {
        _bias.Predict(_wander, _initialVariance);
        var bias = _bias.Bias;
        Vector3D x = default, y = default, z = default, earthBias = default;
        if (_options.LearnBiasInMotion)
        {
            // The low-passed force shows the drift of the last seconds: so rotation and bias are low-passed alike.
            Rows(Orientation, out var rowX, out var rowY, out var rowZ);
            earthBias = _earthBias.Update(new Vector3D(Vector3D.Dot(rowX, bias), Vector3D.Dot(rowY, bias), 0));
            (x, y, z) = (_rowX.Update(rowX), _rowY.Update(rowY), _rowZ.Update(rowZ));
        }

        if (AtRest)
        {
            var e = BiasKalman.Clipped(_meanRate - _restTurn - bias, _biasLimit);
            Learn(Vector3D.UnitX, e.X, Vector3D.UnitY, e.Y, Vector3D.UnitZ, e.Z, _restVariance, _restVariance);
        }
        else if (_options.LearnBiasInMotion)
        {
            var e = BiasKalman.Clipped(
                new Vector3D(
                    -up.Y / _dt + earthBias.X - Vector3D.Dot(x, bias),
                    up.X / _dt + earthBias.Y - Vector3D.Dot(y, bias),
                    -Vector3D.Dot(z, bias)),
                _biasLimit);
            Learn(x, e.X, y, e.Y, z, e.Z, _motionVariance, _verticalVariance);
        }
    }

    /// <summary>Three measurements at one time: the innovations are those before the first, so what it has taught is taken off the next.</summary>
    private void Learn(in Vector3D hx, double ex, in Vector3D hy, double ey, in Vector3D hz, double ez, double horizontalVariance, double verticalVariance)
    {
        var before = _bias.Bias;
        _bias.Correct(hx, ex, horizontalVariance);
        _bias.Correct(hy, ey - Vector3D.Dot(hy, _bias.Bias - before), horizontalVariance);
        _bias.Correct(hz, ez - Vector3D.Dot(hz, _bias.Bias - before), verticalVariance);
        _bias.Clip(_biasLimit);
    }

    /// <summary>The rows of the rotation matrix.</summary>
    private static void Rows(in Rotation q, out Vector3D x, out Vector3D y, out Vector3D z)
    {
        x = new Vector3D(1 - 2 * (q.Y * q.Y + q.Z * q.Z), 2 * (q.X * q.Y - q.W * q.Z), 2 * (q.X * q.Z + q.W * q.Y));
        y = new Vector3D(2 * (q.X * q.Y + q.W * q.Z), 1 - 2 * (q.X * q.X + q.Z * q.Z), 2 * (q.Y * q.Z - q.W * q.X));
        z = new Vector3D(2 * (q.X * q.Z - q.W * q.Y), 2 * (q.Y * q.Z + q.W * q.X), 1 - 2 * (q.X * q.X + q.Y * q.Y));
    }

    private static double LargestComponent(in Vector3D v) => Math.Max(Math.Abs(v.X), Math.Max(Math.Abs(v.Y), Math.Abs(v.Z)));

    private static double Square(double x) => x * x;
}

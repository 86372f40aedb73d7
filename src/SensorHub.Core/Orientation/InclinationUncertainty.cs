using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// How far the direction of up may be off, as independent parts added in squares: the accelerometer; what the bias may still be
/// wrong by, over the time that the filter remembers; drift that shows in the corrections, whatever it comes from; the gyroscope's
/// scale in turns; gaps; and at the start the acceleration of one moment. The error has two components, one about each
/// horizontal axis. Where both are normal with the same σ, its length is Rayleigh distributed, and 95 % of it is below 2.45 σ: so
/// u = 1.22 σ, and 95 % is within 2u.
/// </summary>
internal sealed class InclinationUncertainty
{
    private const double Gravity = 9.80665;

    /// <summary>u over σ: √(−2 ln 0.05) / 2.</summary>
    private const double Coverage = 1.2239;

    private readonly OrientationOptions _options;
    private readonly double _timeConstant;
    private InclinationUncertaintyState _state;

    public InclinationUncertainty(OrientationOptions options, InclinationUncertaintyState state = default)
    {
        (_options, _state) = (options, state);
        _timeConstant = options.Vqf.AccelerometerTimeConstant.TotalSeconds;
    }

    public InclinationUncertaintyState State => _state;

    /// <summary>Gravity is found anew.</summary>
    public void Restart() => _state = default;

    /// <summary>A gap was bridged.</summary>
    /// <param name="seconds">From the sample before to the one after.</param>
    /// <param name="rateChange">Of the angular rate meanwhile, rad/s.</param>
    public void Bridge(double seconds, in Vector3D rateChange)
    {
        var rate = Square(double.DegreesToRadians(_options.GapRateUncertainty)) + Square(_options.GapRateShare) * Vector3D.Dot(rateChange, rateChange);
        _state.Gap += Square(seconds) * rate;
    }

    /// <summary>Takes what the filter did with the next sample.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="rate">Angular rate without bias, rad/s.</param>
    /// <param name="seconds">Since the sample before.</param>
    public void Update(Vqf filter, in Vector3D rate, double seconds)
    {
        _state.Age += seconds;
        _state.Gap -= Weight(0.5 * _timeConstant) * _state.Gap;
        _state.Turning += Weight(_timeConstant) * (Vector3D.Dot(rate, rate) - _state.Turning);
        // Until the force has been averaged over its time constant, corrections are that average's settling.
        if (_state.Age <= _timeConstant)
            return;
        _state.Correction += Weight(_options.DriftTimeConstant.TotalSeconds) * (filter.CorrectionRate - _state.Correction);
        var memory = filter.AtRest ? _timeConstant : _options.DriftMemory.TotalSeconds;
        _state.Drift += Weight(memory) * (Vector3D.Dot(_state.Correction, _state.Correction) - _state.Drift);

        double Weight(double timeConstant) => seconds / (timeConstant + seconds);
    }

    /// <param name="biasVariance">Of the gyroscope's bias about a horizontal axis, (rad/s)².</param>
    public Angle Of(double biasVariance)
    {
        var age = _state.Age / _timeConstant;
        var start = Square(_options.InitialAcceleration / Gravity) * Math.Exp(-2 * age);
        // At first the bias is all that is known of the drift to come; then the corrections show it.
        var early = age < 1 ? age : Math.Exp(1 - age);
        return Angle.FromRadians(Math.Sqrt(
            Square(double.DegreesToRadians(_options.AccelerometerUncertainty))
            + start
            + (Square(_options.BiasLag.TotalSeconds) + Square(Coverage * _timeConstant * early)) * biasVariance
            + Square(_options.DriftLag.TotalSeconds) * _state.Drift
            + Square(_timeConstant * _options.RateScaleUncertainty) * _state.Turning
            + _state.Gap));
    }

    private static double Square(double x) => x * x;
}

/// <summary>State of the uncertainty of an inclination.</summary>
public record struct InclinationUncertaintyState
{
    /// <summary>Since gravity was found, s.</summary>
    public double Age { get; set; }

    /// <summary>Low-passed rate of the corrections, rad/s, earth frame.</summary>
    public Vector3D Correction { get; set; }

    /// <summary>Mean square of <see cref="Correction"/>, (rad/s)².</summary>
    public double Drift { get; set; }

    /// <summary>Mean square of the angular rate, (rad/s)².</summary>
    public double Turning { get; set; }

    /// <summary>Variance that is left of bridged gaps, rad².</summary>
    public double Gap { get; set; }
}

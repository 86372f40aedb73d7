using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// The bias of a gyroscope, learnt at rest: a Kalman filter for a bias that wanders, measured by the rate that remains at rest
/// (Laidig and Seel 2023, section 3.4).
/// </summary>
public sealed class RestBias
{
    private readonly RestDetector _rest;
    private readonly double _noise;

    /// <exception cref="UserException">An option is out of its range.</exception>
    public RestBias(RestBiasOptions options)
    {
        Constants.Check(options);
        _rest = new RestDetector(options);
        Variance = Square(double.DegreesToRadians(options.InitialBiasUncertainty));
        Wander = Square(double.DegreesToRadians(0.1)) / options.BiasForgettingTime.TotalSeconds;
        // The noise density with which a long, perfect rest ends at the uncertainty asked for.
        _noise = Square(Square(double.DegreesToRadians(options.RestBiasUncertainty))) / Wander;

        static double Square(double x) => x * x;
    }

    public bool AtRest => _rest.AtRest;

    /// <summary>rad/s, sensor frame.</summary>
    public Vector3D Bias { get; private set; }

    /// <summary>Variance of each component of the bias, (rad/s)².</summary>
    public double Variance { get; private set; }

    /// <summary>Growth of the variance of each component of the bias as it wanders, (rad/s)²/s.</summary>
    public double Wander { get; }

    /// <param name="sample">The next sample.</param>
    /// <param name="dt">Seconds since the one before; 0 for the first.</param>
    /// <param name="learn">False while the sensor may be moving slowly and evenly: rest is judged, nothing is learnt.</param>
    public void Update(in ImuSample sample, double dt, bool learn = true)
    {
        Variance += Wander * dt;
        if (!_rest.Update(sample, dt) || !learn || dt == 0)
            return;
        var gain = Variance / (Variance + (_noise + _rest.Noise) / dt);
        Bias += gain * (_rest.RemainingRate - Bias);
        Variance *= 1 - gain;
    }

    /// <summary>There was a gap: rest begins anew; what was learnt stays.</summary>
    public void Reset() => _rest.Reset();
}

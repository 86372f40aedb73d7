using SensorHub.Core.Orientation;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>The angle turned about the roller's axis: θ = ∫ (ω − b)·û dt, by the trapezoidal rule.</summary>
internal sealed class RollAngle(RollingOptions options)
{
    private readonly RestBias _bias = new(options.Bias);
    private readonly RollAxis _axis = new(options);
    private ImuSample? _last;

    /// <summary>rad, not wrapped.</summary>
    public double Angle { get; private set; }

    /// <summary>rad/s about the axis, without bias.</summary>
    public double Rate { get; private set; }

    /// <summary>Standard uncertainty of <see cref="Rate"/> by the bias, rad/s.</summary>
    public double BiasUncertainty => Math.Sqrt(_bias.Variance);

    public Timestamp? Time => _last?.Time;

    /// <param name="sample">The next sample.</param>
    /// <param name="loaded">Somebody is on the roller: it may creep, so no bias is learnt; its rolling shows the axis.</param>
    /// <returns>Whether the sample before was near enough to go on from it.</returns>
    public bool Update(in ImuSample sample, bool loaded)
    {
        var step = sample.Time - (_last?.Time ?? sample.Time);
        var continues = _last is not null && step <= options.LongestBridgedGap;
        var dt = continues ? step.TotalSeconds : 0;
        if (!continues)
            _bias.Reset();

        _bias.Update(sample, dt, learn: !loaded);
        var rate = sample.AngularRate - _bias.Bias;
        if (loaded && rate.Norm > double.DegreesToRadians(options.StrokeRate))
            _axis.Update(rate, dt);
        Rate = Vector3D.Dot(rate, _axis.Axis);
        if (continues)
            Angle += dt * Vector3D.Dot(0.5 * (_last!.Value.AngularRate + sample.AngularRate) - _bias.Bias, _axis.Axis);
        _last = sample;
        return continues;
    }

    /// <summary>The angle a little later, turned on with the present rate.</summary>
    public double AngleAt(Timestamp time) => Angle + Rate * (time - _last!.Value.Time).TotalSeconds;

    /// <summary>Counts from zero.</summary>
    public void Reset() => Angle = 0;
}

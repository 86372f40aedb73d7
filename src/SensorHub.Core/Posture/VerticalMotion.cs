using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture;

/// <summary>
/// What the vertical acceleration of one element tells: the rhythm of steps, and how far the element has just risen or fallen. The
/// height is the acceleration integrated twice, from zero at each stillness on; between them both integrals leak, so that an error of
/// gravity's size or direction does not grow. Only its change over the time of sitting down is told.
/// </summary>
internal sealed class VerticalMotion(PhaseOptions options)
{
    private const double Gravity = 9.80665;

    private readonly Queue<(Timestamp Time, double Square)> _steps = new();
    private readonly Queue<(Timestamp Time, double Height)> _heights = new();
    private Timestamp? _last;
    private Timestamp? _movingUntil;
    private double _gravity = Gravity;
    private double _slow;
    private double _fast;
    private double _squares;
    private double _velocity;
    private double _height;
    private bool _known;

    /// <summary>Root mean square of the vertical acceleration in the band of steps, m/s².</summary>
    public double StepRms => _steps.Count > 0 ? Math.Sqrt(Math.Max(0, _squares) / _steps.Count) : 0;

    /// <summary>
    /// Risen within <see cref="PhaseOptions.HeightWindow"/>, or since the last stillness if that is shorter, m; null until it has been still
    /// once since the beginning or the last gap.
    /// </summary>
    public double? HeightChange => _known ? _height - (_heights.Count > 0 ? _heights.Peek().Height : 0) : null;

    /// <param name="time">Of the sample.</param>
    /// <param name="force">Vertical specific force, m/s², up positive: gravity at rest.</param>
    /// <param name="rate">Angular rate, °/s.</param>
    public void Update(Timestamp time, double force, double rate)
    {
        if (_last is not { } last || time - last > options.LongestStep)
        {
            _steps.Clear();
            _heights.Clear();
            (_squares, _known, _movingUntil) = (0, false, time);
            (_slow, _fast) = (force, 0);
            _last = time;
            return;
        }
        if (time <= last)
            return;
        var dt = (time - last).TotalSeconds;
        _last = time;
        FindSteps(time, force, dt);
        Integrate(time, force - _gravity, rate, dt);
    }

    /// <summary>A band-pass filter of two first-order ones; then the mean square of a window.</summary>
    private void FindSteps(Timestamp time, double force, double dt)
    {
        _slow += Weight(dt, options.StepSlow) * (force - _slow);
        _fast += Weight(dt, options.StepFast) * (force - _slow - _fast);
        _steps.Enqueue((time, _fast * _fast));
        _squares += _fast * _fast;
        while (time - _steps.Peek().Time > options.StepWindow)
            _squares -= _steps.Dequeue().Square;
    }

    private void Integrate(Timestamp time, double acceleration, double rate, double dt)
    {
        if (rate > options.StillRate || Math.Abs(acceleration) > options.StillAcceleration)
            _movingUntil = time;
        if (!(time - _movingUntil < options.StillFor))
        {
            _gravity += Weight(dt, options.StillFor) * acceleration;
            (_velocity, _height, _known) = (0, 0, true);
            _heights.Clear();
            return;
        }
        _velocity += dt * acceleration - Weight(dt, options.HeightMemory) * _velocity;
        _height += dt * _velocity - Weight(dt, options.HeightMemory) * _height;
        _heights.Enqueue((time, _height));
        while (time - _heights.Peek().Time > options.HeightWindow)
            _heights.Dequeue();
    }

    private static double Weight(double dt, TimeSpan timeConstant) => 1 - Math.Exp(-dt / timeConstant.TotalSeconds);
}

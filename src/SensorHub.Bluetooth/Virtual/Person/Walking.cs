namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>
/// The trunk's motion in a walk, to be laid over a posture: sines of the stride and of its harmonics, in step with each
/// other. <see cref="Share"/> brings it in and out smoothly.
/// </summary>
internal sealed class Walking(Gait gait)
{
    /// <summary>Harmonics of the step that a heel's strike excites, with their parts of its acceleration: about 4 to 9 Hz.</summary>
    private static readonly (int Harmonic, double Part)[] Strike = [(2, 0.4), (3, 0.3), (4, 0.2), (5, 0.1)];

    private readonly double _stride = 2 * Math.PI * gait.StrideRate;

    /// <summary>0 = not walking, 1 = walking.</summary>
    public Track Share { get; } = new(0);

    /// <summary>Forward lean, rad.</summary>
    public Jet Inclination(double seconds) => Scaled(seconds, Jet.Constant(Radians(gait.Lean)) + Wave(Radians(gait.Tilt), 2, 0.4, seconds));

    /// <summary>To the right, rad.</summary>
    public Jet Lateral(double seconds) => Scaled(seconds, Wave(Radians(gait.Obliquity), 1, 0, seconds));

    /// <summary>To the left, rad.</summary>
    public Jet Yaw(double seconds) => Scaled(seconds, Wave(Radians(gait.Turn), 1, 1.2, seconds));

    /// <summary>Faster and slower with each step, m.</summary>
    public Jet Forward(double seconds) => Scaled(seconds, Accelerated(0.6 * gait.Bounce, 2, 1.0, seconds) + 0.5 * HeelStrike(seconds));

    /// <summary>m.</summary>
    public Jet Height(double seconds) => Scaled(seconds, Accelerated(gait.Bounce, 2, 0, seconds) + HeelStrike(seconds));

    private Jet Scaled(double seconds, Jet motion) => Share.At(seconds) is var share && share != default ? share * motion : default;

    private Jet HeelStrike(double seconds)
    {
        Jet sum = default;
        foreach (var (harmonic, part) in Strike)
            sum += Accelerated(part * gait.HeelStrike, 2 * harmonic, 0, seconds);
        return sum;
    }

    /// <summary>A wave of place with this peak acceleration.</summary>
    private Jet Accelerated(double peak, int harmonic, double phase, double seconds) =>
        Wave(-peak / (harmonic * _stride * harmonic * _stride), harmonic, phase + Math.PI / 2, seconds);

    private Jet Wave(double amplitude, int harmonic, double phase, double seconds) =>
        amplitude * Jet.Sin(new Jet(harmonic * _stride * seconds + phase, harmonic * _stride, 0));

    private static double Radians(double degrees) => double.DegreesToRadians(degrees);
}

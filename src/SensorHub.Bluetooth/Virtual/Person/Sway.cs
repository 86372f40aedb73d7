namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>The small motion of a body that holds still: a sum of slow sines whose frequencies and phases come from the seed.</summary>
internal sealed class Sway
{
    private readonly (double Amplitude, double Omega, double Phase)[] _terms;

    /// <param name="random">The seed's.</param>
    /// <param name="rms">Root mean square, in the unit of the result.</param>
    /// <param name="lowest">Hz.</param>
    /// <param name="highest">Hz.</param>
    /// <param name="terms">How many sines; 1 = regular, as breathing is.</param>
    public Sway(Random random, double rms, double lowest, double highest, int terms = 4)
    {
        _terms = new (double, double, double)[terms];
        for (var i = 0; i < terms; i++)
        {
            var hertz = lowest + (highest - lowest) * (i + random.NextDouble()) / terms;
            _terms[i] = (rms * Math.Sqrt(2.0 / terms), 2 * Math.PI * hertz, 2 * Math.PI * random.NextDouble());
        }
    }

    public Jet At(double seconds)
    {
        // Written out, not in jets: a person's sway is most of the work of simulating them.
        double value = 0, rate = 0, acceleration = 0;
        foreach (var (amplitude, omega, phase) in _terms)
        {
            var (sin, cos) = Math.SinCos(omega * seconds + phase);
            value += amplitude * sin;
            rate += amplitude * (cos * omega);
            acceleration -= amplitude * (sin * omega * omega);
        }
        return new Jet(value, rate, acceleration);
    }
}

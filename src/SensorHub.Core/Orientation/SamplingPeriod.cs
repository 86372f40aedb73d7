namespace SensorHub.Core.Orientation;

/// <summary>
/// The period of a stream of samples, and from it the samples that a step of time lacks. It is told, or is the first step; a few
/// steps in a row that it does not fit make a new one, so that a gap at the start or another rate does no lasting harm. A
/// mutable struct: keep it in a field.
/// </summary>
internal struct SamplingPeriod(double seconds, OrientationOptions options)
{
    private int _odd;
    private double _sum;

    /// <summary>From sample to sample, s; 0 = not known yet.</summary>
    public double Seconds { get; private set; } = seconds;

    /// <summary>Takes the next step.</summary>
    /// <param name="step">From the sample before to this one, s.</param>
    /// <returns>Whether the period is another now.</returns>
    public bool Update(double step)
    {
        if (Seconds == 0)
        {
            Seconds = step;
            return true;
        }
        if (Math.Abs(step - Seconds) <= options.PeriodJitter * Seconds)
        {
            (_odd, _sum) = (0, 0);
            return false;
        }
        _sum += step;
        if (++_odd < options.StepsToChange)
            return false;
        (Seconds, _odd, _sum) = (_sum / _odd, 0, 0);
        return true;
    }

    /// <summary>Samples that are lacking between two that are a step apart.</summary>
    public readonly int Missing(double step) => (int)Math.Max(0, Math.Round(step / Seconds) - 1);
}

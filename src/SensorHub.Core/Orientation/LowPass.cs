namespace SensorHub.Core.Orientation;

/// <summary>The first-order low-pass filter on samples that are not equally spaced.</summary>
internal static class LowPass
{
    /// <summary>
    /// Weight of the newest sample: mean ← mean + weight · (sample − mean). Until <paramref name="age"/> reaches the time
    /// constant it is the weight of a plain average, so that the first sample starts the filter and does not rule it.
    /// </summary>
    /// <param name="dt">Seconds since the sample before.</param>
    /// <param name="age">Seconds since the first sample; 0 = this is the first.</param>
    /// <param name="timeConstant">Seconds.</param>
    public static double Weight(double dt, double age, double timeConstant) =>
        age <= 0 ? 1 : Math.Max(dt / (age + dt), 1 - Math.Exp(-dt / timeConstant));
}
